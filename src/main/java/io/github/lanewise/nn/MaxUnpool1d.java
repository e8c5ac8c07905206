package io.github.lanewise.nn;

/**
 * The partial inverse of {@link MaxPool1d}, as {@code torch.nn.MaxUnpool1d}: the maxima return to
 * where they were, everything else is zero. The indices of the pooling are given to {@link
 * #forward(Tensor, Indices)}.
 *
 * <p>(N, C, L) becomes (N, C, L') with
 *
 * <pre>L' = (L − 1) · stride − 2 · padding + kernel_size
 * </pre>
 *
 * <p>or the output size that is given; see {@link io.github.lanewise.kernel.MaxUnpooling}.
 */
public final class MaxUnpool1d extends MaxUnpoolLayer {
  /**
   * A layer with default arguments; the stride is the kernel size.
   *
   * @param kernelSize one value, at least 1
   * @throws IllegalArgumentException if an argument is out of range
   */
  public MaxUnpool1d(int... kernelSize) {
    this(of(kernelSize));
  }

  private MaxUnpool1d(MaxUnpoolBuilder<MaxUnpool1d> arguments) {
    super(arguments);
  }

  /**
   * Begins a layer with further arguments.
   *
   * @param kernelSize one value, at least 1
   * @return a builder
   * @throws IllegalArgumentException if an argument is out of range
   */
  public static MaxUnpoolBuilder<MaxUnpool1d> of(int... kernelSize) {
    return new MaxUnpoolBuilder<>(1, kernelSize, MaxUnpool1d::new);
  }
}
