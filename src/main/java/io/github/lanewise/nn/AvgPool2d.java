package io.github.lanewise.nn;

/**
 * The average of each window of planes, as {@code torch.nn.AvgPool2d}.
 *
 * <p>(N, C, H, W) becomes (N, C, H', W') with
 *
 * <pre>H' = ⌊(H + 2 · padding − kernel_size) / stride⌋ + 1
 * </pre>
 *
 * <p>and likewise W'.
 *
 * <p>What counts in the divisor: see {@link io.github.lanewise.kernel.AveragePooling}.
 */
public final class AvgPool2d extends AvgPoolLayer {
  /**
   * A layer with default arguments; the stride is the kernel size.
   *
   * @param kernelSize one value, or height and width, at least 1
   * @throws IllegalArgumentException if an argument is out of range
   */
  public AvgPool2d(int... kernelSize) {
    this(of(kernelSize));
  }

  private AvgPool2d(AvgPoolBuilder<AvgPool2d> arguments) {
    super(arguments);
  }

  /**
   * Begins a layer with further arguments.
   *
   * @param kernelSize one value, or height and width, at least 1
   * @return a builder
   * @throws IllegalArgumentException if an argument is out of range
   */
  public static AvgPoolBuilder<AvgPool2d> of(int... kernelSize) {
    return new AvgPoolBuilder<>(2, kernelSize, AvgPool2d::new);
  }
}
