package io.github.lanewise.vector;

/**
 * Positions of an array (batch, channels, plane) in blocks of neighbours, worked on channel by
 * channel. The loops without vectors are ones that C2 vectorises by itself.
 */
final class PositionBlocks {
  /** Positions in a block: small enough that some arrays of them stay in the first-level cache. */
  static final int BLOCK = 512;

  private PositionBlocks() {}

  /**
   * The end of the block that begins at {@code position}: it does not reach into the next image.
   */
  static int end(int position, int to, int plane) {
    int image = position / plane;
    return Math.min(Math.min(to, position + BLOCK), (image + 1) * plane);
  }

  /** Where a position of channel 0 lies. */
  static int first(int position, int channels, int plane) {
    int image = position / plane;
    return image * channels * plane + position - image * plane;
  }

  /** {@code max = the largest of the channels}, NaN if there is one. */
  static void max(float[] x, int at, int channels, int plane, float[] max, int maxAt, int length) {
    System.arraycopy(x, at, max, maxAt, length);
    for (int c = 1; c < channels; c++) {
      int from = at + c * plane;
      for (int i = 0; i < length; i++) {
        max[maxAt + i] = Math.max(max[maxAt + i], x[from + i]);
      }
    }
  }

  /**
   * {@code sum = Σ exp(x − max)} over the channels. Each term stays in {@code terms}, a stride
   * apart from channel to channel; stride 0 keeps the last channel's only.
   */
  static void sumOfExp(
      float[] x,
      int at,
      int channels,
      int plane,
      float[] max,
      int maxAt,
      float[] terms,
      int termsAt,
      int termsStride,
      float[] sum,
      int sumAt,
      int length) {
    java.util.Arrays.fill(sum, sumAt, sumAt + length, 0);
    for (int c = 0; c < channels; c++) {
      int to = termsAt + c * termsStride;
      Elementary.exp(x, at + c * plane, max, maxAt, terms, to, length);
      Row.add(terms, to, length, sum, sumAt);
    }
  }
}
