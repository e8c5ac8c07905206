package io.github.lanewise.nn;

/**
 * The maximum of each window of planes, as {@code torch.nn.MaxPool2d}; {@code indices()} tells
 * afterwards where the maxima were.
 *
 * <p>(N, C, H, W) becomes (N, C, H', W') with
 *
 * <pre>H' = ⌊(H + 2 · padding − dilation · (kernel_size − 1) − 1) / stride⌋ + 1
 * </pre>
 *
 * <p>and likewise W'.
 *
 * <p>Of equal maxima the first counts, and NaN is larger than everything: see {@link
 * io.github.lanewise.kernel.MaxPooling}.
 */
public final class MaxPool2d extends MaxPoolLayer {
  /**
   * A layer with default arguments; the stride is the kernel size.
   *
   * @param kernelSize one value, or height and width, at least 1
   * @throws IllegalArgumentException if an argument is out of range
   */
  public MaxPool2d(int... kernelSize) {
    this(of(kernelSize));
  }

  private MaxPool2d(MaxPoolBuilder<MaxPool2d> arguments) {
    super(arguments);
  }

  /**
   * Begins a layer with further arguments.
   *
   * @param kernelSize one value, or height and width, at least 1
   * @return a builder
   * @throws IllegalArgumentException if an argument is out of range
   */
  public static MaxPoolBuilder<MaxPool2d> of(int... kernelSize) {
    return new MaxPoolBuilder<>(2, kernelSize, MaxPool2d::new);
  }
}
