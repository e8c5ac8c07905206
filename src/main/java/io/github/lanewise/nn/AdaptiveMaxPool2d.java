package io.github.lanewise.nn;

/**
 * The maximum of each of a given number of windows, as {@code torch.nn.AdaptiveMaxPool2d}; {@link
 * #indices} tells afterwards where the maxima were.
 *
 * <p>(N, C, H, W) becomes (N, C, H', W'); window i of H' begins at ⌊i · H / H'⌋ and ends before ⌈(i
 * + 1) · H / H'⌉, and likewise along the width. See {@link
 * io.github.lanewise.kernel.AdaptiveMaxPooling}.
 */
public final class AdaptiveMaxPool2d extends AdaptiveMaxPoolLayer {
  /**
   * A layer.
   *
   * @param outputSize one value, or height and width, at least 1
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public AdaptiveMaxPool2d(int... outputSize) {
    super(2, outputSize);
  }
}
