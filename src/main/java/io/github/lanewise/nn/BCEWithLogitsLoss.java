package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.kernel.BinaryCrossEntropyWithLogits;
import io.github.lanewise.kernel.Reduction;

/**
 * The mean of {@code −(target · log σ(input) + (1 − target) · log(1 − σ(input)))} with the sigmoid
 * σ, as {@code torch.nn.BCEWithLogitsLoss}. The weights of that class are arguments of the kernel,
 * {@link BinaryCrossEntropyWithLogits}.
 */
public final class BCEWithLogitsLoss extends ElementwiseLoss {
  private BinaryCrossEntropyWithLogits plan;

  /** The mean over all elements. */
  public BCEWithLogitsLoss() {
    this(Reduction.MEAN);
  }

  /**
   * A loss.
   *
   * @param reduction mean or sum
   * @throws IllegalArgumentException if it is neither
   */
  public BCEWithLogitsLoss(Reduction reduction) {
    super(reduction);
  }

  @Override
  void plan(int[] shape) {
    int size = Checks.size("input", shape);
    plan = BinaryCrossEntropyWithLogits.of(size, 1).reduction(reduction()).build();
  }

  @Override
  void compute(float[] input, float[] target) {
    plan.forwardBackward(input, target, null, null, null, value(), gradient(), workspace());
  }
}
