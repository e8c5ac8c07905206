package io.github.lanewise.nn;

/**
 * The average of each window of sequences, as {@code torch.nn.AvgPool1d}.
 *
 * <p>(N, C, L) becomes (N, C, L') with
 *
 * <pre>L' = ⌊(L + 2 · padding − kernel_size) / stride⌋ + 1
 * </pre>
 *
 * <p>What counts in the divisor: see {@link io.github.lanewise.kernel.AveragePooling}.
 */
public final class AvgPool1d extends AvgPoolLayer {
  /**
   * A layer with default arguments; the stride is the kernel size.
   *
   * @param kernelSize one value, at least 1
   * @throws IllegalArgumentException if an argument is out of range
   */
  public AvgPool1d(int... kernelSize) {
    this(of(kernelSize));
  }

  private AvgPool1d(AvgPoolBuilder<AvgPool1d> arguments) {
    super(arguments);
  }

  /**
   * Begins a layer with further arguments.
   *
   * @param kernelSize one value, at least 1
   * @return a builder
   * @throws IllegalArgumentException if an argument is out of range
   */
  public static AvgPoolBuilder<AvgPool1d> of(int... kernelSize) {
    return new AvgPoolBuilder<>(1, kernelSize, AvgPool1d::new);
  }
}
