package io.github.lanewise.nn;

/** x − log Σ exp(x) along one axis, as {@code torch.nn.LogSoftmax}. */
public final class LogSoftmax extends SoftmaxLayer {
  /**
   * A layer.
   *
   * @param dim the axis to sum over: 1 for the classes of (N, C) or (N, C, H, W); a negative one
   *     counts from the last, which is -1
   */
  public LogSoftmax(int dim) {
    super(true, dim);
  }
}
