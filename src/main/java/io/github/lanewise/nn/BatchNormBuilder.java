package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import java.util.function.Function;

/**
 * The optional arguments of {@link BatchNorm1d} and {@link BatchNorm2d}, by PyTorch's names.
 *
 * @param <L> the layer
 */
public final class BatchNormBuilder<L> {
  /** The momentum that stands for the cumulative average. */
  static final double CUMULATIVE = -1;

  final int numFeatures;
  double eps = 1e-5;
  double momentum = 0.1;
  boolean affine = true;
  boolean trackRunningStats = true;
  private final Function<BatchNormBuilder<L>, L> constructor;

  BatchNormBuilder(int numFeatures, Function<BatchNormBuilder<L>, L> constructor) {
    this.numFeatures = Checks.range("num_features", numFeatures, 1, Integer.MAX_VALUE);
    this.constructor = constructor;
  }

  /**
   * What is added to the variance, default 1e-5.
   *
   * @param eps at least 0
   * @return this builder
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public BatchNormBuilder<L> eps(double eps) {
    if (!(eps >= 0 && eps <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException("eps is " + eps + " but must be at least 0 and finite");
    }
    this.eps = eps;
    return this;
  }

  /**
   * The share of a new batch in the running statistics, default 0.1.
   *
   * @param momentum from 0 to 1
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   */
  public BatchNormBuilder<L> momentum(double momentum) {
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new IllegalArgumentException(
          "momentum is " + momentum + " but must be between 0 and 1");
    }
    this.momentum = momentum;
    return this;
  }

  /**
   * Makes the running statistics the average over all batches so far: PyTorch's {@code
   * momentum=None}.
   *
   * @return this builder
   */
  public BatchNormBuilder<L> cumulativeAverage() {
    momentum = CUMULATIVE;
    return this;
  }

  /**
   * Whether each channel has a weight and a bias, default true.
   *
   * @param affine false for none
   * @return this builder
   */
  public BatchNormBuilder<L> affine(boolean affine) {
    this.affine = affine;
    return this;
  }

  /**
   * Whether evaluation uses running statistics, default true; otherwise it uses the batch's.
   *
   * @param trackRunningStats false to keep none
   * @return this builder
   */
  public BatchNormBuilder<L> trackRunningStats(boolean trackRunningStats) {
    this.trackRunningStats = trackRunningStats;
    return this;
  }

  /**
   * Makes the layer.
   *
   * @return a new layer
   */
  public L build() {
    return constructor.apply(this);
  }
}
