package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import java.util.function.Function;

/**
 * The optional arguments of {@link AvgPool1d} and {@link AvgPool2d}, by PyTorch's names.
 *
 * @param <L> the layer
 */
public final class AvgPoolBuilder<L> {
  final int dimensions;
  final int[] kernelSize;
  int[] stride;
  int[] padding;
  boolean ceilMode;
  boolean countIncludePad = true;

  /** 0 for none. */
  int divisorOverride;

  private final Function<AvgPoolBuilder<L>, L> constructor;

  AvgPoolBuilder(int dimensions, int[] kernelSize, Function<AvgPoolBuilder<L>, L> constructor) {
    this.dimensions = dimensions;
    this.kernelSize = Axes.of("kernel_size", dimensions, 1, kernelSize);
    this.constructor = constructor;
    stride(kernelSize);
    padding(0);
  }

  /**
   * Steps between windows, default the kernel size.
   *
   * @param stride one value, or one an axis, at least 1
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public AvgPoolBuilder<L> stride(int... stride) {
    this.stride = Axes.of("stride", dimensions, 1, stride);
    return this;
  }

  /**
   * Zeros on each side, default 0.
   *
   * @param padding one value, or one an axis, from 0 to half the kernel size
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public AvgPoolBuilder<L> padding(int... padding) {
    this.padding = Axes.of("padding", dimensions, 0, padding);
    return this;
  }

  /**
   * Whether windows that reach beyond the far end count, default false.
   *
   * @param ceilMode true to round the output size up
   * @return this builder
   */
  public AvgPoolBuilder<L> ceilMode(boolean ceilMode) {
    this.ceilMode = ceilMode;
    return this;
  }

  /**
   * Whether the padding counts in the divisor, default true.
   *
   * @param countIncludePad false to divide by the number of input elements only
   * @return this builder
   */
  public AvgPoolBuilder<L> countIncludePad(boolean countIncludePad) {
    this.countIncludePad = countIncludePad;
    return this;
  }

  /**
   * What each sum is divided by instead of the window's size; {@link AvgPool2d} only, as in
   * PyTorch.
   *
   * @param divisorOverride the divisor, at least 1
   * @return this builder
   * @throws IllegalArgumentException if it is below 1, or the layer is one-dimensional
   */
  public AvgPoolBuilder<L> divisorOverride(int divisorOverride) {
    if (dimensions == 1) {
      throw new IllegalArgumentException("divisor_override: AvgPool1d has no such argument");
    }
    this.divisorOverride = Checks.range("divisor_override", divisorOverride, 1, Integer.MAX_VALUE);
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
