package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import java.util.function.Function;

/**
 * The optional arguments of {@link Conv1d} and {@link Conv2d}, by PyTorch's names.
 *
 * @param <L> the layer
 */
public final class ConvBuilder<L> {
  final int dimensions;
  final int inChannels;
  final int outChannels;
  final int[] kernelSize;
  int[] stride;
  int[] padding;

  /** PyTorch's {@code padding="same"}. */
  boolean same;

  PaddingMode paddingMode = PaddingMode.ZEROS;
  int[] dilation;
  int groups = 1;
  boolean bias = true;
  private final Function<ConvBuilder<L>, L> constructor;

  ConvBuilder(
      int dimensions,
      int inChannels,
      int outChannels,
      int[] kernelSize,
      Function<ConvBuilder<L>, L> constructor) {
    this.dimensions = dimensions;
    this.inChannels = Checks.range("in_channels", inChannels, 1, Integer.MAX_VALUE);
    this.outChannels = Checks.range("out_channels", outChannels, 1, Integer.MAX_VALUE);
    this.kernelSize = Axes.of("kernel_size", dimensions, 1, kernelSize);
    this.constructor = constructor;
    stride(1);
    padding(0);
    dilation(1);
  }

  /**
   * Steps between windows, default 1.
   *
   * @param stride one value, or one an axis, at least 1
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public ConvBuilder<L> stride(int... stride) {
    this.stride = Axes.of("stride", dimensions, 1, stride);
    return this;
  }

  /**
   * How much is added on each side, default 0; zeros, if no other mode is set.
   *
   * @param padding one value, or one an axis, at least 0
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public ConvBuilder<L> padding(int... padding) {
    this.padding = Axes.of("padding", dimensions, 0, padding);
    same = false;
    return this;
  }

  /**
   * How much is added on each side, by name: {@code "valid"} for nothing, {@code "same"} for as
   * much as makes the output as large as the input, {@code dilation · (kernel_size − 1)} in all,
   * the larger half of it at the end.
   *
   * @param padding {@code "valid"} or {@code "same"}
   * @return this builder
   * @throws IllegalArgumentException if it is neither
   */
  public ConvBuilder<L> padding(String padding) {
    if (!"same".equals(padding) && !"valid".equals(padding)) {
      throw new IllegalArgumentException(
          "padding is \"" + padding + "\" but must be a number, \"valid\" or \"same\"");
    }
    padding(0);
    same = padding.equals("same");
    return this;
  }

  /**
   * What is added on each side, default zeros.
   *
   * @param paddingMode zeros, the mirrored input, its outermost elements, or its other end
   * @return this builder
   */
  public ConvBuilder<L> paddingMode(PaddingMode paddingMode) {
    this.paddingMode = Checks.present("padding_mode", paddingMode);
    return this;
  }

  /**
   * Distance of neighbouring kernel positions, default 1.
   *
   * @param dilation one value, or one an axis, at least 1
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public ConvBuilder<L> dilation(int... dilation) {
    this.dilation = Axes.of("dilation", dimensions, 1, dilation);
    return this;
  }

  /**
   * Blocks of channels that do not mix, default 1.
   *
   * @param groups a divisor of both channel counts
   * @return this builder
   * @throws IllegalArgumentException if it divides one of them not
   */
  public ConvBuilder<L> groups(int groups) {
    this.groups = checkGroups(groups, inChannels, outChannels);
    return this;
  }

  static int checkGroups(int groups, int inChannels, int outChannels) {
    Checks.range("groups", groups, 1, Integer.MAX_VALUE);
    if (inChannels % groups != 0 || outChannels % groups != 0) {
      throw new IllegalArgumentException(
          "groups is "
              + groups
              + " but must divide in_channels "
              + inChannels
              + " and out_channels "
              + outChannels);
    }
    return groups;
  }

  /**
   * Whether a bias is added, default true.
   *
   * @param bias false for none
   * @return this builder
   */
  public ConvBuilder<L> bias(boolean bias) {
    this.bias = bias;
    return this;
  }

  /**
   * Makes the layer.
   *
   * @return a new layer with initial values of its own
   * @throws IllegalArgumentException if padding is "same" with a stride other than 1
   */
  public L build() {
    if (same && !Axes.all(stride, 1)) {
      throw new IllegalArgumentException(
          "padding is \"same\" but stride is " + Tensor.text(stride) + "; it must be 1");
    }
    return constructor.apply(this);
  }
}
