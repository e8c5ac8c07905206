package io.github.lanewise.nn;

/**
 * The maximum of each window of sequences, as {@code torch.nn.MaxPool1d}; {@code indices()} tells
 * afterwards where the maxima were.
 *
 * <p>(N, C, L) becomes (N, C, L') with
 *
 * <pre>L' = ⌊(L + 2 · padding − dilation · (kernel_size − 1) − 1) / stride⌋ + 1
 * </pre>
 *
 * <p>Of equal maxima the first counts, and NaN is larger than everything: see {@link
 * io.github.lanewise.kernel.MaxPooling}.
 */
public final class MaxPool1d extends MaxPoolLayer {
  /**
   * A layer with default arguments; the stride is the kernel size.
   *
   * @param kernelSize one value, at least 1
   * @throws IllegalArgumentException if an argument is out of range
   */
  public MaxPool1d(int... kernelSize) {
    this(of(kernelSize));
  }

  private MaxPool1d(MaxPoolBuilder<MaxPool1d> arguments) {
    super(arguments);
  }

  /**
   * Begins a layer with further arguments.
   *
   * @param kernelSize one value, at least 1
   * @return a builder
   * @throws IllegalArgumentException if an argument is out of range
   */
  public static MaxPoolBuilder<MaxPool1d> of(int... kernelSize) {
    return new MaxPoolBuilder<>(1, kernelSize, MaxPool1d::new);
  }
}
