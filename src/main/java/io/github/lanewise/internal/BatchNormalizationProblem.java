package io.github.lanewise.internal;

/** One pass of a batch normalisation of an array (batch, channels, plane). */
public record BatchNormalizationProblem(Pass pass, int batch, int channels, int plane, double eps) {
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
}
