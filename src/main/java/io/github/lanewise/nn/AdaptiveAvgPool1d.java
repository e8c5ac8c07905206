package io.github.lanewise.nn;

/**
 * The average of each of a given number of windows, as {@code torch.nn.AdaptiveAvgPool1d}.
 *
 * <p>(N, C, L) becomes (N, C, L'); window i of L' begins at ⌊i · L / L'⌋ and ends before ⌈(i + 1) ·
 * L / L'⌉. See {@link io.github.lanewise.kernel.AdaptiveAveragePooling}.
 */
public final class AdaptiveAvgPool1d extends AdaptiveAvgPoolLayer {
  /**
   * A layer.
   *
   * @param outputSize the length, at least 1
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public AdaptiveAvgPool1d(int outputSize) {
    super(1, outputSize);
  }
}
