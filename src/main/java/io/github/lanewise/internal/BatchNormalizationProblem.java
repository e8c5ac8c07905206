package io.github.lanewise.internal;

/**
 * One pass of a batch normalisation of an array (batch, channels, plane).
 *
 * @param reluInput whether max(x, 0) is normalised instead of x
 */
public record BatchNormalizationProblem(
    Pass pass, int batch, int channels, int plane, double eps, boolean reluInput) {
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
  public float floor() {
    return reluInput ? 0 : Float.NaN;
  }
}
