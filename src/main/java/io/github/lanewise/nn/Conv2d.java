package io.github.lanewise.nn;

/**
 * A convolution over planes, as {@code torch.nn.Conv2d}.
 *
 * <p>(N, in_channels, H, W) becomes (N, out_channels, H', W') with
 *
 * <pre>H' = ⌊(H + 2 · padding − dilation · (kernel_size − 1) − 1) / stride⌋ + 1
 * </pre>
 *
 * <p>and likewise W'.
 *
 * <p>Parameters: {@code weight} (out_channels, in_channels / groups, kernel H, kernel W) and {@code
 * bias} (out_channels), both uniform in ±1/√fan_in at first, where fan_in is the product of the
 * weight's shape without its first axis. The formula is in {@link
 * io.github.lanewise.kernel.Convolution}.
 */
public final class Conv2d extends ConvLayer {
  /**
   * A layer with default arguments.
   *
   * @param inChannels channels of the input, at least 1
   * @param outChannels channels of the output, at least 1
   * @param kernelSize one value, or height and width, at least 1
   * @throws IllegalArgumentException if an argument is out of range
   */
  public Conv2d(int inChannels, int outChannels, int... kernelSize) {
    this(of(inChannels, outChannels, kernelSize));
  }

  private Conv2d(ConvBuilder<Conv2d> arguments) {
    super(arguments);
  }

  /**
   * Begins a layer with further arguments.
   *
   * @param inChannels channels of the input, at least 1
   * @param outChannels channels of the output, at least 1
   * @param kernelSize one value, or height and width, at least 1
   * @return a builder
   * @throws IllegalArgumentException if an argument is out of range
   */
  public static ConvBuilder<Conv2d> of(int inChannels, int outChannels, int... kernelSize) {
    return new ConvBuilder<>(2, inChannels, outChannels, kernelSize, Conv2d::new);
  }
}
