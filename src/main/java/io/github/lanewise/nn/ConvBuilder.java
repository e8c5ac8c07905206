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
   * Zeros on each side, default 0.
   *
   * @param padding one value, or one an axis, at least 0
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public ConvBuilder<L> padding(int... padding) {
    this.padding = Axes.of("padding", dimensions, 0, padding);
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
   */
  public L build() {
    return constructor.apply(this);
  }
}
