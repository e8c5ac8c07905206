package io.github.lanewise.internal;

/**
 * One pass of a batch normalisation of an array (batch, channels, plane).
 *
 * @param reluInput whether max(x, 0) is normalised instead of x
 * @param reluOutput whether max(y, 0) is what comes out instead of y
 */
public record BatchNormalizationProblem(
    Pass pass,
    int batch,
    int channels,
    int plane,
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

  /** Elements of one channel. */
  public int perChannel() {
    return batch * plane;
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
