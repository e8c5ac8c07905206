package io.github.lanewise.nn;

/**
 * The maximum of each of a given number of windows, as {@code torch.nn.AdaptiveMaxPool1d}; {@link
 * #indices} tells afterwards where the maxima were.
 *
 * <p>(N, C, L) becomes (N, C, L'); window i of L' begins at ⌊i · L / L'⌋ and ends before ⌈(i + 1) ·
 * L / L'⌉. See {@link io.github.lanewise.kernel.AdaptiveMaxPooling}.
 */
public final class AdaptiveMaxPool1d extends AdaptiveMaxPoolLayer {
  /**
   * A layer.
   *
   * @param outputSize the length, at least 1
   * @throws IllegalArgumentException if it is out of range
   */
  public AdaptiveMaxPool1d(int outputSize) {
    super(1, outputSize);
  }
}
