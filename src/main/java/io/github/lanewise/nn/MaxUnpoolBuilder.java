package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.kernel.MaxUnpooling.DuplicateGradient;
import io.github.lanewise.kernel.MaxUnpooling.Duplicates;
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
  Duplicates duplicates = Duplicates.LAST_WINS;
  DuplicateGradient duplicateGradient = DuplicateGradient.EVERY;
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
   * What happens when two indices of a plane are the same, which pooling with overlapping windows
   * can give; by default the last one wins.
   *
   * @param duplicates which value stays, or whether that is refused
   * @return this builder
   */
  public MaxUnpoolBuilder<L> duplicates(Duplicates duplicates) {
    this.duplicates = Checks.present("duplicates", duplicates);
    return this;
  }

  /**
   * Which of several equal indices receive the gradient; by default all, as in PyTorch.
   *
   * @param duplicateGradient every one of them, or the one whose value stayed
   * @return this builder
   */
  public MaxUnpoolBuilder<L> duplicateGradient(DuplicateGradient duplicateGradient) {
    this.duplicateGradient = Checks.present("duplicate_gradient", duplicateGradient);
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
