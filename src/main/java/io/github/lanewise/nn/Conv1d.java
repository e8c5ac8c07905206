package io.github.lanewise.nn;

/**
 * A convolution over sequences, as {@code torch.nn.Conv1d}.
 *
 * <p>(N, in_channels, L) becomes (N, out_channels, L') with
 *
 * <pre>L' = ⌊(L + 2 · padding − dilation · (kernel_size − 1) − 1) / stride⌋ + 1
 * </pre>
 *
 * <p>Parameters: {@code weight} (out_channels, in_channels / groups, kernel L) and {@code bias}
 * (out_channels), both uniform in ±1/√fan_in at first, where fan_in is the product of the weight's
 * shape without its first axis. The formula is in {@link io.github.lanewise.kernel.Convolution}.
 */
public final class Conv1d extends ConvLayer {
  /**
   * A layer with default arguments.
   *
   * @param inChannels channels of the input, at least 1
   * @param outChannels channels of the output, at least 1
   * @param kernelSize one value, at least 1
   * @throws IllegalArgumentException if an argument is out of range
   */
  public Conv1d(int inChannels, int outChannels, int... kernelSize) {
    this(of(inChannels, outChannels, kernelSize));
  }

  private Conv1d(ConvBuilder<Conv1d> arguments) {
    super(arguments);
  }

  /**
   * Begins a layer with further arguments.
   *
   * @param inChannels channels of the input, at least 1
   * @param outChannels channels of the output, at least 1
   * @param kernelSize one value, at least 1
   * @return a builder
   * @throws IllegalArgumentException if an argument is out of range
   */
  public static ConvBuilder<Conv1d> of(int inChannels, int outChannels, int... kernelSize) {
    return new ConvBuilder<>(1, inChannels, outChannels, kernelSize, Conv1d::new);
  }
}
