package io.github.lanewise.nn;

import java.util.function.Function;

/**
 * The optional arguments of {@link MaxPool1d} and {@link MaxPool2d}, by PyTorch's names.
 *
 * @param <L> the layer
 */
public final class MaxPoolBuilder<L> {
  final int dimensions;
  final int[] kernelSize;
  int[] stride;
  int[] padding;
  int[] dilation;
  boolean ceilMode;
  private final Function<MaxPoolBuilder<L>, L> constructor;

  MaxPoolBuilder(int dimensions, int[] kernelSize, Function<MaxPoolBuilder<L>, L> constructor) {
    this.dimensions = dimensions;
    this.kernelSize = Axes.of("kernel_size", dimensions, 1, kernelSize);
    this.constructor = constructor;
    stride(kernelSize);
    padding(0);
    dilation(1);
  }

  /**
   * Steps between windows, default the kernel size.
   *
   * @param stride one value, or one an axis, at least 1
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public MaxPoolBuilder<L> stride(int... stride) {
    this.stride = Axes.of("stride", dimensions, 1, stride);
    return this;
  }

  /**
   * Negative infinities on each side, default 0.
   *
   * @param padding one value, or one an axis, from 0 to half the kernel size
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public MaxPoolBuilder<L> padding(int... padding) {
    this.padding = Axes.of("padding", dimensions, 0, padding);
    return this;
  }

  /**
   * Distance of neighbouring positions of a window, default 1.
   *
   * @param dilation one value, or one an axis, at least 1
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public MaxPoolBuilder<L> dilation(int... dilation) {
    this.dilation = Axes.of("dilation", dimensions, 1, dilation);
    return this;
  }

  /**
   * Whether windows that reach beyond the far end count, default false.
   *
   * @param ceilMode true to round the output size up
   * @return this builder
   */
  public MaxPoolBuilder<L> ceilMode(boolean ceilMode) {
    this.ceilMode = ceilMode;
    return this;
  }

  /**
   * Makes the layer.
   *
   * @return a new layer
   */
  public L build() {
    return constructor.apply(this);
  }
}
