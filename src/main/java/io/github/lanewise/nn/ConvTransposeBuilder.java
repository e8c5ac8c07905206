package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import java.util.function.Function;

/**
 * The optional arguments of {@link ConvTranspose1d} and {@link ConvTranspose2d}, by PyTorch's
 * names.
 *
 * @param <L> the layer
 */
public final class ConvTransposeBuilder<L> {
  final int dimensions;
  final int inChannels;
  final int outChannels;
  final int[] kernelSize;
  int[] stride;
  int[] padding;
  int[] outputPadding;
  int[] dilation;
  int groups = 1;
  boolean bias = true;
  private final Function<ConvTransposeBuilder<L>, L> constructor;

  ConvTransposeBuilder(
      int dimensions,
      int inChannels,
      int outChannels,
      int[] kernelSize,
      Function<ConvTransposeBuilder<L>, L> constructor) {
    this.dimensions = dimensions;
    this.inChannels = Checks.range("in_channels", inChannels, 1, Integer.MAX_VALUE);
    this.outChannels = Checks.range("out_channels", outChannels, 1, Integer.MAX_VALUE);
    this.kernelSize = Axes.of("kernel_size", dimensions, 1, kernelSize);
    this.constructor = constructor;
    stride(1);
    padding(0);
    outputPadding(0);
    dilation(1);
  }

  /**
   * Steps between the outputs of neighbouring inputs, default 1.
   *
   * @param stride one value, or one an axis, at least 1
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public ConvTransposeBuilder<L> stride(int... stride) {
    this.stride = Axes.of("stride", dimensions, 1, stride);
    return this;
  }

  /**
   * Outputs cropped on each side, default 0.
   *
   * @param padding one value, or one an axis, at least 0
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public ConvTransposeBuilder<L> padding(int... padding) {
    this.padding = Axes.of("padding", dimensions, 0, padding);
    return this;
  }

  /**
   * Outputs added at the far end, default 0.
   *
   * @param outputPadding one value, or one an axis, at least 0 and smaller than the larger of
   *     stride and dilation
   * @return this builder
   * @throws IllegalArgumentException if a value is negative or their number is wrong
   */
  public ConvTransposeBuilder<L> outputPadding(int... outputPadding) {
    this.outputPadding = Axes.of("output_padding", dimensions, 0, outputPadding);
    return this;
  }

  /**
   * Distance of neighbouring kernel positions, default 1.
   *
   * @param dilation one value, or one an axis, at least 1
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public ConvTransposeBuilder<L> dilation(int... dilation) {
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
  public ConvTransposeBuilder<L> groups(int groups) {
    this.groups = ConvBuilder.checkGroups(groups, inChannels, outChannels);
    return this;
  }

  /**
   * Whether a bias is added, default true.
   *
   * @param bias false for none
   * @return this builder
   */
  public ConvTransposeBuilder<L> bias(boolean bias) {
    this.bias = bias;
    return this;
  }

  /**
   * Makes the layer.
   *
   * @return a new layer with initial values of its own
   * @throws IllegalArgumentException if output_padding is not smaller than the larger of stride and
   *     dilation
   */
  public L build() {
    for (int axis = 0; axis < dimensions; axis++) {
      int limit = Math.max(stride[axis], dilation[axis]);
      Checks.range("output_padding", outputPadding[axis], 0, limit - 1);
    }
    return constructor.apply(this);
  }
}
