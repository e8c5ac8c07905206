package io.github.lanewise.nn;

import io.github.lanewise.kernel.Reduction;
import io.github.lanewise.kernel.RegressionLoss;

/** The mean of (input − target)², as {@code torch.nn.MSELoss}. */
public final class MSELoss extends RegressionLossLayer {
  /** The mean over all elements. */
  public MSELoss() {
    this(Reduction.MEAN);
  }

  /**
   * A loss.
   *
   * @param reduction mean or sum
   * @throws IllegalArgumentException if it is neither
   */
  public MSELoss(Reduction reduction) {
    super(reduction);
  }

  @Override
  RegressionLoss.Builder builder(int size) {
    return RegressionLoss.mseLoss(size);
  }
}
