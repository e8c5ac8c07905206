package io.github.lanewise.nn;

/**
 * Normalises each channel of (N, num_features, L) or (N, num_features), as {@code
 * torch.nn.BatchNorm1d}:
 *
 * <pre>y = (x − mean) / √(variance + eps) · weight + bias
 * </pre>
 *
 * <p>Training uses mean and biased variance over the batch and the length, and moves the running
 * ones towards the batch's, where the variance is the unbiased one; evaluation uses the running
 * ones.
 *
 * <p>Parameters: {@code weight} (1 at first) and {@code bias} (0), of shape (num_features), unless
 * not affine. Buffers: {@code running_mean} (0), {@code running_var} (1) and {@code
 * num_batches_tracked} (0), unless not tracked.
 */
public final class BatchNorm1d extends BatchNormLayer {
  /**
   * A layer with default arguments.
   *
   * @param numFeatures channels, at least 1
   * @throws IllegalArgumentException if it is out of range
   */
  public BatchNorm1d(int numFeatures) {
    this(of(numFeatures));
  }

  private BatchNorm1d(BatchNormBuilder<BatchNorm1d> arguments) {
    super(1, arguments);
  }

  /**
   * Begins a layer with further arguments.
   *
   * @param numFeatures channels, at least 1
   * @return a builder
   * @throws IllegalArgumentException if it is out of range
   */
  public static BatchNormBuilder<BatchNorm1d> of(int numFeatures) {
    return new BatchNormBuilder<>(numFeatures, BatchNorm1d::new);
  }
}
