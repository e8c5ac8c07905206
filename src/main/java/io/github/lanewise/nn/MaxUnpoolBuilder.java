package io.github.lanewise.nn;

import java.util.function.Function;

/**
 * The optional arguments of {@link MaxUnpool1d} and {@link MaxUnpool2d}, by PyTorch's names.
 *
 * @param <L> the layer
 */
public final class MaxUnpoolBuilder<L> {
  final int dimensions;
  final int[] kernelSize;
  int[] stride;
  int[] padding;
  private final Function<MaxUnpoolBuilder<L>, L> constructor;

  MaxUnpoolBuilder(int dimensions, int[] kernelSize, Function<MaxUnpoolBuilder<L>, L> constructor) {
    this.dimensions = dimensions;
    this.kernelSize = Axes.of("kernel_size", dimensions, 1, kernelSize);
    this.constructor = constructor;
    stride(kernelSize);
    padding(0);
  }

  /**
   * The stride of the pooling, default the kernel size.
   *
   * @param stride one value, or one an axis, at least 1
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public MaxUnpoolBuilder<L> stride(int... stride) {
    this.stride = Axes.of("stride", dimensions, 1, stride);
    return this;
  }

  /**
   * The padding of the pooling, default 0.
   *
   * @param padding one value, or one an axis, at least 0
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public MaxUnpoolBuilder<L> padding(int... padding) {
    this.padding = Axes.of("padding", dimensions, 0, padding);
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
