package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.kernel.BinaryCrossEntropyWithLogits;
import io.github.lanewise.kernel.Reduction;

/**
 * The mean of {@code −(target · log σ(input) + (1 − target) · log(1 − σ(input)))} with the sigmoid
 * σ, as {@code torch.nn.BCEWithLogitsLoss}, the first term multiplied by {@code pos_weight} if that
 * is given. A weight for each element is an argument of the kernel, {@link
 * BinaryCrossEntropyWithLogits}.
 */
public final class BCEWithLogitsLoss extends ElementwiseLoss {
  private final float[] posWeight;
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
    posWeight = null;
  }

  /**
   * A loss that weighs positive examples.
   *
   * @param reduction mean or sum
   * @param posWeight a weight for each class, which are the last axis of the input
   * @throws IllegalArgumentException if the reduction is neither, or there are no weights
   */
  public BCEWithLogitsLoss(Reduction reduction, float... posWeight) {
    super(reduction);
    Checks.present("pos_weight", posWeight);
    Checks.range("the number of pos_weight", posWeight.length, 1, Integer.MAX_VALUE);
    this.posWeight = posWeight.clone();
  }

  @Override
  void plan(int[] shape) {
    int size = Checks.size("input", shape);
    int columns = posWeight == null ? 1 : posWeight.length;
    if (posWeight != null && (shape.length == 0 || shape[shape.length - 1] != columns)) {
      throw new IllegalArgumentException(
          "there are " + columns + " pos_weight, so the shape must be (*, " + columns + ")");
    }
    plan = BinaryCrossEntropyWithLogits.of(size / columns, columns).reduction(reduction()).build();
  }

  @Override
  void compute(float[] input, float[] target) {
    plan.forwardBackward(input, target, null, posWeight, null, value(), gradient(), workspace());
  }
}
