package io.github.lanewise.nn;

/**
 * The average of each of a given number of windows, as {@code torch.nn.AdaptiveAvgPool2d}.
 *
 * <p>(N, C, H, W) becomes (N, C, H', W'); window i of H' begins at ⌊i · H / H'⌋ and ends before ⌈(i
 * + 1) · H / H'⌉, and likewise along the width. See {@link
 * io.github.lanewise.kernel.AdaptiveAveragePooling}.
 */
public final class AdaptiveAvgPool2d extends AdaptiveAvgPoolLayer {
  /**
   * A layer.
   *
   * @param outputSize one value, or height and width, at least 1
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public AdaptiveAvgPool2d(int... outputSize) {
    super(2, outputSize);
  }
}
