package io.github.lanewise.internal;

/**
 * One pass of a batch normalisation of an array (batch, channels, plane).
 *
 * @param zeros further elements of each plane that are zero and that no array holds
 * @param reluInput whether max(x, 0) is normalised instead of x
 * @param reluOutput whether max(y, 0) is what comes out instead of y
 */
public record BatchNormalizationProblem(
    Pass pass,
    int batch,
    int channels,
    int plane,
    int zeros,
    double eps,
    boolean reluInput,
    boolean reluOutput) {
  /** The passes; training ones use the statistics of the batch. */
  public enum Pass {
    FORWARD_TRAINING,
    FORWARD_EVAL,
    BACKWARD_TRAINING,
    BACKWARD_EVAL
  }

  /** Elements of one channel that the arrays hold. */
  public int perChannel() {
    return batch * plane;
  }

  /** Elements of one channel that they do not hold. */
  public int zerosPerChannel() {
    return batch * zeros;
  }

  /** Elements of one channel that the statistics are of. */
  public int count() {
    return perChannel() + zerosPerChannel();
  }

  /** Leaves what the elements would be computed with, for one who computes them later. */
  public void leave(int channel, double k0, double k1, double k2, double k3, Operands a) {
    int at = channel * Normalization.PER_CHANNEL;
    a.coefficients[at] = k0;
    a.coefficients[at + 1] = k1;
    a.coefficients[at + 2] = k2;
    a.coefficients[at + 3] = k3;
  }

  /** The sum of gradOutput over the zeros of a channel. */
  public double zerosSum(int channel, Operands a) {
    return zeros == 0 || a.gradZeros == null ? 0 : a.gradZeros[a.gradZerosAt + channel];
  }

  /** The sum of gradOutput · (0 − mean) over the zeros of a channel. */
  public double zerosProduct(int channel, double mean, Operands a) {
    double sum = zerosSum(channel, a);
    return sum == 0 ? 0 : sum * (0 - mean); // 0 · infinity is no zero
  }

  /** Inputs up to here count as 0, with gradient 0: NaN without a ReLU, for nothing is ≤ NaN. */
  public float inputFloor() {
    return reluInput ? 0 : Float.NaN;
  }

  /** Outputs up to here become 0, with gradient 0. */
  public float outputFloor() {
    return reluOutput ? 0 : Float.NaN;
  }

  /**
   * The gradient of what was normalised: with a ReLU behind, the backward pass first writes what
   * that one lets through to gradInput.
   */
  public float[] gradient(Operands a) {
    return reluOutput ? a.gradInput : a.gradOutput;
  }

  /** Where {@link #gradient} begins. */
  public int gradientAt(Operands a) {
    return reluOutput ? a.gradInputAt : a.gradOutputAt;
  }
}
