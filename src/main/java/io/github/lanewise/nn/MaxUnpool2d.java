package io.github.lanewise.nn;

/**
 * The partial inverse of {@link MaxPool2d}, as {@code torch.nn.MaxUnpool2d}: the maxima return to
 * where they were, everything else is zero. The indices of the pooling are given to {@link
 * #forward(Tensor, Indices)}.
 *
 * <p>(N, C, H, W) becomes (N, C, H', W') with
 *
 * <pre>H' = (H − 1) · stride − 2 · padding + kernel_size
 * </pre>
 *
 * <p>and likewise W'.
 *
 * <p>or the output size that is given; see {@link io.github.lanewise.kernel.MaxUnpooling}.
 */
public final class MaxUnpool2d extends MaxUnpoolLayer {
  /**
   * A layer with default arguments; the stride is the kernel size.
   *
   * @param kernelSize one value, or height and width, at least 1
   * @throws IllegalArgumentException if an argument is out of range
   */
  public MaxUnpool2d(int... kernelSize) {
    this(of(kernelSize));
  }

  private MaxUnpool2d(MaxUnpoolBuilder<MaxUnpool2d> arguments) {
    super(arguments);
  }

  /**
   * Begins a layer with further arguments.
   *
   * @param kernelSize one value, or height and width, at least 1
   * @return a builder
   * @throws IllegalArgumentException if an argument is out of range
   */
  public static MaxUnpoolBuilder<MaxUnpool2d> of(int... kernelSize) {
    return new MaxUnpoolBuilder<>(2, kernelSize, MaxUnpool2d::new);
  }
}
