package io.github.lanewise.nn;

/** exp(x) / Σ exp(x) along one axis, as {@code torch.nn.Softmax}. */
public final class Softmax extends SoftmaxLayer {
  /**
   * A layer.
   *
   * @param dim the axis to sum over: 1 for the classes of (N, C) or (N, C, H, W); a negative one
   *     counts from the last, which is -1
   */
  public Softmax(int dim) {
    super(false, dim);
  }
}
