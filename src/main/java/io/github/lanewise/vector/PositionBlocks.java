package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.CacheLine;
import java.util.Arrays;

/**
 * Positions of an array (batch, channels, plane) in blocks of neighbours, worked on channel by
 * channel, with neighbouring positions in the lanes. Where the plane is one position, a block of
 * images is transposed to scratch memory for that, and the result back.
 */
final class PositionBlocks {
  /** The most positions in a block: some arrays of them stay in the first-level cache. */
  static final int BLOCK = 512;

  /** Floats of a transposed block, of which the first-level cache shall hold two. */
  private static final int TRANSPOSED = 4096;

  /** Whether a block is transposed. */
  final boolean transposed;

  /** From a position's channel to its next one, in a transposed block or in the arrays. */
  final int stride;

  private final int channels;
  private final int plane;
  private final int block;

  PositionBlocks(int channels, int plane) {
    this.channels = channels;
    this.plane = plane;
    transposed = plane == 1;
    block = transposed ? Math.clamp(TRANSPOSED / channels / LANES * LANES, LANES, BLOCK) : BLOCK;
    // an odd number of cache lines, so that channels do not compete for the same places of a cache
    stride = transposed ? block + CacheLine.FLOATS : plane;
  }

  /**
   * Whether positions in the lanes are faster than channels.
   *
   * @param few vectors of channels up to which transposed blocks are
   */
  static boolean accepts(int batch, int channels, int plane, int few) {
    return plane > 1 || channels <= few * LANES && batch >= 2 * LANES;
  }

  /** Floats of scratch for a transposed block, 0 if there is none. */
  int floats() {
    return transposed ? Math.max(channels, LANES) * stride : 0;
  }

  /** The end of the block that begins at {@code position}: all of it are neighbours. */
  int end(int position, int to) {
    int end = Math.min(to, position + block);
    return transposed ? end : Math.min(end, (position / plane + 1) * plane);
  }

  /** Where a position of channel 0 lies. */
  int first(int position) {
    int image = position / plane;
    return image * channels * plane + position - image * plane;
  }

  /** Transposes {@code length} positions to scratch memory. */
  void gather(float[] from, int at, int length, float[] scratch, int to) {
    int vectors = 0;
    if (channels < LANES) {
      // whole vectors, where the array has as many: what they hold of the next positions is ignored
      vectors = Math.min(length, Math.floorDiv(from.length - LANES - at, channels) + 1);
      vectors = vectors < LANES ? 0 : vectors;
      Transpose.run(from, at, channels, vectors, LANES, scratch, to, stride, null, 0);
    }
    Transpose.run(
        from,
        at + vectors * channels,
        channels,
        length - vectors,
        channels,
        scratch,
        to + vectors,
        stride,
        null,
        0);
  }

  /** The way back. */
  void scatter(float[] scratch, int from, int length, float[] to, int at) {
    int vectors = 0;
    if (channels < LANES) {
      // whole vectors that do not leave the block: each spoils the next positions, whose turn comes
      vectors = length - (LANES - 1) / channels;
      vectors = vectors < LANES ? 0 : vectors;
      Transpose.run(scratch, from, stride, LANES, vectors, to, at, channels, null, 0);
    }
    Transpose.run(
        scratch,
        from + vectors,
        stride,
        channels,
        length - vectors,
        to,
        at + vectors * channels,
        channels,
        null,
        0);
  }

  /** {@code max = the largest of the channels}; NaN is passed over. */
  void max(float[] x, int at, float[] max, int maxAt, int length) {
    System.arraycopy(x, at, max, maxAt, length);
    for (int c = 1; c < channels; c++) {
      Row.max(x, at + c * stride, length, max, maxAt);
    }
  }

  /**
   * {@code sum = Σ exp(x − max)} over the channels; sum, max and room for a vector lie in scratch.
   * Each term stays in {@code terms}, a stride apart from channel to channel; stride 0 keeps the
   * last channel's only.
   */
  void sumOfExp(
      float[] x,
      int at,
      float[] terms,
      int termsAt,
      int termsStride,
      float[] scratch,
      int max,
      int sum,
      int rest,
      int length) {
    // a transposed block has room for whole vectors: what is behind the last position is ignored
    int n = transposed ? (length + LANES - 1) / LANES * LANES : length;
    int whole = n - n % LANES;
    Arrays.fill(scratch, sum, sum + n, 0);
    for (int c = 0; c < channels; c++) {
      int from = at + c * stride;
      int to = termsAt + c * termsStride;
      for (int i = 0; i < n; i += i < whole ? whole : LANES) {
        boolean end = i == whole;
        if (end) {
          System.arraycopy(x, from + i, scratch, rest, n - i);
        }
        Elementary.expAndAdd(
            end ? scratch : x,
            end ? rest : from,
            scratch,
            max + i,
            end ? scratch : terms,
            end ? rest : to,
            scratch,
            sum + i,
            end ? LANES : whole);
        if (end) {
          System.arraycopy(scratch, rest, terms, to + i, n - i);
        }
      }
    }
  }
}
