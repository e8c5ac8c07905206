package io.github.lanewise.nn;

import io.github.lanewise.kernel.Reduction;
import io.github.lanewise.kernel.RegressionLoss;

/** The mean of |input − target|, as {@code torch.nn.L1Loss}. */
public final class L1Loss extends RegressionLossLayer {
  /** The mean over all elements. */
  public L1Loss() {
    this(Reduction.MEAN);
  }

  /**
   * A loss.
   *
   * @param reduction mean or sum
   * @throws IllegalArgumentException if it is neither
   */
  public L1Loss(Reduction reduction) {
    super(reduction);
  }

  @Override
  RegressionLoss.Builder builder(int size) {
    return RegressionLoss.l1Loss(size);
  }
}
