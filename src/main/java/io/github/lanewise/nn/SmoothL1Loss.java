package io.github.lanewise.nn;

import io.github.lanewise.kernel.Reduction;
import io.github.lanewise.kernel.RegressionLoss;

/**
 * The mean of d² / (2 · beta) where d = |input − target| is below beta, and of d − beta / 2
 * elsewhere, as {@code torch.nn.SmoothL1Loss}.
 */
public final class SmoothL1Loss extends RegressionLossLayer {
  private final double beta;

  /** The mean over all elements, with beta 1. */
  public SmoothL1Loss() {
    this(Reduction.MEAN, 1);
  }

  /**
   * A loss.
   *
   * @param reduction mean or sum
   * @param beta where the parabola meets the line, at least 0
   * @throws IllegalArgumentException if an argument is out of range
   */
  public SmoothL1Loss(Reduction reduction, double beta) {
    super(reduction);
    RegressionLoss.smoothL1Loss(1, beta); // checks
    this.beta = beta;
  }

  @Override
  RegressionLoss.Builder builder(int size) {
    return RegressionLoss.smoothL1Loss(size, beta);
  }
}
