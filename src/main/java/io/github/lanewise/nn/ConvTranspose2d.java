package io.github.lanewise.nn;

/**
 * A transposed convolution over planes, as {@code torch.nn.ConvTranspose2d}.
 *
 * <p>(N, in_channels, H, W) becomes (N, out_channels, H', W') with
 *
 * <pre>H' = (H − 1) · stride − 2 · padding + dilation · (kernel_size − 1) + output_padding + 1
 * </pre>
 *
 * <p>and likewise W'.
 *
 * <p>Parameters: {@code weight} (in_channels, out_channels / groups, kernel H, kernel W) and {@code
 * bias} (out_channels), both uniform in ±1/√fan_in at first, where fan_in is the product of the
 * weight's shape without its first axis. The formula is in {@link
 * io.github.lanewise.kernel.TransposedConvolution}.
 */
public final class ConvTranspose2d extends ConvTransposeLayer {
  /**
   * A layer with default arguments.
   *
   * @param inChannels channels of the input, at least 1
   * @param outChannels channels of the output, at least 1
   * @param kernelSize one value, or height and width, at least 1
   * @throws IllegalArgumentException if an argument is out of range
   */
  public ConvTranspose2d(int inChannels, int outChannels, int... kernelSize) {
    this(of(inChannels, outChannels, kernelSize));
  }

  private ConvTranspose2d(ConvTransposeBuilder<ConvTranspose2d> arguments) {
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
  public static ConvTransposeBuilder<ConvTranspose2d> of(
      int inChannels, int outChannels, int... kernelSize) {
    return new ConvTransposeBuilder<>(2, inChannels, outChannels, kernelSize, ConvTranspose2d::new);
  }
}
