package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;
import static io.github.lanewise.vector.VectorWidth.REGISTERS;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loop of {@link WidthLanes}: positions in lanes, a weight broadcast.
 *
 * <pre>c[channel][lane] = bias[channel] + Σ(i) weight[i][channel] · a[at + terms[i] + lane]</pre>
 *
 * <p>Each vector of {@code a} serves up to three channels. The loads are unaligned, and most cross
 * a cache line, which bounds this loop at about half of the multiply-add limit; where channels are
 * few, that beats leaving lanes empty.
 */
final class PositionTile {
  /** The most channels of a tile. */
  static final int CHANNELS = 3;

  private PositionTile() {}

  /**
   * Computes a row of positions of some channels, in whole vectors: up to a vector less one is read
   * and written beyond the end.
   *
   * @param channels 1 to {@link #CHANNELS}
   * @param a packed source
   * @param at index of the first position for a term of offset 0
   * @param positions how many positions
   * @param terms offsets of the terms in the source
   * @param w for each channel the bias, then for each term each channel's weight
   * @param wAt index of the first bias
   * @param c the result
   * @param cAt index of the first channel's first position
   * @param cStride distance of the channels in the result
   */
  static void run(
      int channels,
      float[] a,
      int at,
      int positions,
      int[] terms,
      float[] w,
      int wAt,
      float[] c,
      int cAt,
      int cStride) {
    int vectors = REGISTERS >= 32 || channels < 3 ? 4 : 3;
    int x = 0;
    for (; positions - x > (vectors - 1) * LANES; x += vectors * LANES) {
      switch (channels) {
        case 3 -> {
          if (REGISTERS >= 32) {
            tile3x4(a, at + x, terms, w, wAt, c, cAt + x, cStride);
          } else {
            tile3x3(a, at + x, terms, w, wAt, c, cAt + x, cStride);
          }
        }
        case 2 -> tile2x4(a, at + x, terms, w, wAt, c, cAt + x, cStride);
        default -> tile1x4(a, at + x, terms, w, wAt, c, cAt + x, cStride);
      }
    }
    for (; positions - x > LANES; x += 2 * LANES) {
      switch (channels) {
        case 3 -> tile3x2(a, at + x, terms, w, wAt, c, cAt + x, cStride);
        case 2 -> tile2x2(a, at + x, terms, w, wAt, c, cAt + x, cStride);
        default -> tile1x2(a, at + x, terms, w, wAt, c, cAt + x, cStride);
      }
    }
    if (positions > x) {
      switch (channels) {
        case 3 -> tile3x1(a, at + x, terms, w, wAt, c, cAt + x, cStride);
        case 2 -> tile2x1(a, at + x, terms, w, wAt, c, cAt + x, cStride);
        default -> tile1x1(a, at + x, terms, w, wAt, c, cAt + x, cStride);
      }
    }
  }

  /** One channel × one vector of positions. */
  private static void tile1x1(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector bias0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector x0 = bias0;
    for (int i = 0; i < terms.length; i++) {
      int p = at + terms[i];
      int k = wAt + 1 * (i + 1);
      FloatVector w0 = FloatVector.broadcast(F, w[k]);
      FloatVector t = FloatVector.fromArray(F, a, p);
      x0 = t.fma(w0, x0);
    }
    x0.intoArray(c, cAt);
  }

  /** One channel × two vectors of positions. */
  private static void tile1x2(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector bias0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector x0 = bias0;
    FloatVector x1 = bias0;
    for (int i = 0; i < terms.length; i++) {
      int p = at + terms[i];
      int k = wAt + 1 * (i + 1);
      FloatVector w0 = FloatVector.broadcast(F, w[k]);
      FloatVector t = FloatVector.fromArray(F, a, p);
      x0 = t.fma(w0, x0);
      t = FloatVector.fromArray(F, a, p + LANES);
      x1 = t.fma(w0, x1);
    }
    x0.intoArray(c, cAt);
    x1.intoArray(c, cAt + LANES);
  }

  /** One channel × four vectors of positions. */
  private static void tile1x4(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector bias0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector x0 = bias0;
    FloatVector x1 = bias0;
    FloatVector x2 = bias0;
    FloatVector x3 = bias0;
    for (int i = 0; i < terms.length; i++) {
      int p = at + terms[i];
      int k = wAt + 1 * (i + 1);
      FloatVector w0 = FloatVector.broadcast(F, w[k]);
      FloatVector t = FloatVector.fromArray(F, a, p);
      x0 = t.fma(w0, x0);
      t = FloatVector.fromArray(F, a, p + LANES);
      x1 = t.fma(w0, x1);
      t = FloatVector.fromArray(F, a, p + 2 * LANES);
      x2 = t.fma(w0, x2);
      t = FloatVector.fromArray(F, a, p + 3 * LANES);
      x3 = t.fma(w0, x3);
    }
    x0.intoArray(c, cAt);
    x1.intoArray(c, cAt + LANES);
    x2.intoArray(c, cAt + 2 * LANES);
    x3.intoArray(c, cAt + 3 * LANES);
  }

  /** Two channels × one vector of positions. */
  private static void tile2x1(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector bias0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector bias1 = FloatVector.broadcast(F, w[wAt + 1]);
    FloatVector x0 = bias0;
    FloatVector y0 = bias1;
    for (int i = 0; i < terms.length; i++) {
      int p = at + terms[i];
      int k = wAt + 2 * (i + 1);
      FloatVector w0 = FloatVector.broadcast(F, w[k]);
      FloatVector w1 = FloatVector.broadcast(F, w[k + 1]);
      FloatVector t = FloatVector.fromArray(F, a, p);
      x0 = t.fma(w0, x0);
      y0 = t.fma(w1, y0);
    }
    x0.intoArray(c, cAt);
    y0.intoArray(c, cAt + cStride);
  }

  /** Two channels × two vectors of positions. */
  private static void tile2x2(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector bias0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector bias1 = FloatVector.broadcast(F, w[wAt + 1]);
    FloatVector x0 = bias0;
    FloatVector y0 = bias1;
    FloatVector x1 = bias0;
    FloatVector y1 = bias1;
    for (int i = 0; i < terms.length; i++) {
      int p = at + terms[i];
      int k = wAt + 2 * (i + 1);
      FloatVector w0 = FloatVector.broadcast(F, w[k]);
      FloatVector w1 = FloatVector.broadcast(F, w[k + 1]);
      FloatVector t = FloatVector.fromArray(F, a, p);
      x0 = t.fma(w0, x0);
      y0 = t.fma(w1, y0);
      t = FloatVector.fromArray(F, a, p + LANES);
      x1 = t.fma(w0, x1);
      y1 = t.fma(w1, y1);
    }
    x0.intoArray(c, cAt);
    x1.intoArray(c, cAt + LANES);
    y0.intoArray(c, cAt + cStride);
    y1.intoArray(c, cAt + cStride + LANES);
  }

  /** Two channels × four vectors of positions. */
  private static void tile2x4(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector bias0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector bias1 = FloatVector.broadcast(F, w[wAt + 1]);
    FloatVector x0 = bias0;
    FloatVector y0 = bias1;
    FloatVector x1 = bias0;
    FloatVector y1 = bias1;
    FloatVector x2 = bias0;
    FloatVector y2 = bias1;
    FloatVector x3 = bias0;
    FloatVector y3 = bias1;
    for (int i = 0; i < terms.length; i++) {
      int p = at + terms[i];
      int k = wAt + 2 * (i + 1);
      FloatVector w0 = FloatVector.broadcast(F, w[k]);
      FloatVector w1 = FloatVector.broadcast(F, w[k + 1]);
      FloatVector t = FloatVector.fromArray(F, a, p);
      x0 = t.fma(w0, x0);
      y0 = t.fma(w1, y0);
      t = FloatVector.fromArray(F, a, p + LANES);
      x1 = t.fma(w0, x1);
      y1 = t.fma(w1, y1);
      t = FloatVector.fromArray(F, a, p + 2 * LANES);
      x2 = t.fma(w0, x2);
      y2 = t.fma(w1, y2);
      t = FloatVector.fromArray(F, a, p + 3 * LANES);
      x3 = t.fma(w0, x3);
      y3 = t.fma(w1, y3);
    }
    x0.intoArray(c, cAt);
    x1.intoArray(c, cAt + LANES);
    x2.intoArray(c, cAt + 2 * LANES);
    x3.intoArray(c, cAt + 3 * LANES);
    y0.intoArray(c, cAt + cStride);
    y1.intoArray(c, cAt + cStride + LANES);
    y2.intoArray(c, cAt + cStride + 2 * LANES);
    y3.intoArray(c, cAt + cStride + 3 * LANES);
  }

  /** Three channels × one vector of positions. */
  private static void tile3x1(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector bias0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector bias1 = FloatVector.broadcast(F, w[wAt + 1]);
    FloatVector bias2 = FloatVector.broadcast(F, w[wAt + 2]);
    FloatVector x0 = bias0;
    FloatVector y0 = bias1;
    FloatVector z0 = bias2;
    for (int i = 0; i < terms.length; i++) {
      int p = at + terms[i];
      int k = wAt + 3 * (i + 1);
      FloatVector w0 = FloatVector.broadcast(F, w[k]);
      FloatVector w1 = FloatVector.broadcast(F, w[k + 1]);
      FloatVector w2 = FloatVector.broadcast(F, w[k + 2]);
      FloatVector t = FloatVector.fromArray(F, a, p);
      x0 = t.fma(w0, x0);
      y0 = t.fma(w1, y0);
      z0 = t.fma(w2, z0);
    }
    x0.intoArray(c, cAt);
    y0.intoArray(c, cAt + cStride);
    z0.intoArray(c, cAt + 2 * cStride);
  }

  /** Three channels × two vectors of positions. */
  private static void tile3x2(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector bias0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector bias1 = FloatVector.broadcast(F, w[wAt + 1]);
    FloatVector bias2 = FloatVector.broadcast(F, w[wAt + 2]);
    FloatVector x0 = bias0;
    FloatVector y0 = bias1;
    FloatVector z0 = bias2;
    FloatVector x1 = bias0;
    FloatVector y1 = bias1;
    FloatVector z1 = bias2;
    for (int i = 0; i < terms.length; i++) {
      int p = at + terms[i];
      int k = wAt + 3 * (i + 1);
      FloatVector w0 = FloatVector.broadcast(F, w[k]);
      FloatVector w1 = FloatVector.broadcast(F, w[k + 1]);
      FloatVector w2 = FloatVector.broadcast(F, w[k + 2]);
      FloatVector t = FloatVector.fromArray(F, a, p);
      x0 = t.fma(w0, x0);
      y0 = t.fma(w1, y0);
      z0 = t.fma(w2, z0);
      t = FloatVector.fromArray(F, a, p + LANES);
      x1 = t.fma(w0, x1);
      y1 = t.fma(w1, y1);
      z1 = t.fma(w2, z1);
    }
    x0.intoArray(c, cAt);
    x1.intoArray(c, cAt + LANES);
    y0.intoArray(c, cAt + cStride);
    y1.intoArray(c, cAt + cStride + LANES);
    z0.intoArray(c, cAt + 2 * cStride);
    z1.intoArray(c, cAt + 2 * cStride + LANES);
  }

  /** Three channels × three vectors of positions: for 16 registers. */
  private static void tile3x3(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector bias0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector bias1 = FloatVector.broadcast(F, w[wAt + 1]);
    FloatVector bias2 = FloatVector.broadcast(F, w[wAt + 2]);
    FloatVector x0 = bias0;
    FloatVector y0 = bias1;
    FloatVector z0 = bias2;
    FloatVector x1 = bias0;
    FloatVector y1 = bias1;
    FloatVector z1 = bias2;
    FloatVector x2 = bias0;
    FloatVector y2 = bias1;
    FloatVector z2 = bias2;
    for (int i = 0; i < terms.length; i++) {
      int p = at + terms[i];
      int k = wAt + 3 * (i + 1);
      FloatVector w0 = FloatVector.broadcast(F, w[k]);
      FloatVector w1 = FloatVector.broadcast(F, w[k + 1]);
      FloatVector w2 = FloatVector.broadcast(F, w[k + 2]);
      FloatVector t = FloatVector.fromArray(F, a, p);
      x0 = t.fma(w0, x0);
      y0 = t.fma(w1, y0);
      z0 = t.fma(w2, z0);
      t = FloatVector.fromArray(F, a, p + LANES);
      x1 = t.fma(w0, x1);
      y1 = t.fma(w1, y1);
      z1 = t.fma(w2, z1);
      t = FloatVector.fromArray(F, a, p + 2 * LANES);
      x2 = t.fma(w0, x2);
      y2 = t.fma(w1, y2);
      z2 = t.fma(w2, z2);
    }
    x0.intoArray(c, cAt);
    x1.intoArray(c, cAt + LANES);
    x2.intoArray(c, cAt + 2 * LANES);
    y0.intoArray(c, cAt + cStride);
    y1.intoArray(c, cAt + cStride + LANES);
    y2.intoArray(c, cAt + cStride + 2 * LANES);
    z0.intoArray(c, cAt + 2 * cStride);
    z1.intoArray(c, cAt + 2 * cStride + LANES);
    z2.intoArray(c, cAt + 2 * cStride + 2 * LANES);
  }

  /** Three channels × four vectors of positions. */
  private static void tile3x4(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector bias0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector bias1 = FloatVector.broadcast(F, w[wAt + 1]);
    FloatVector bias2 = FloatVector.broadcast(F, w[wAt + 2]);
    FloatVector x0 = bias0;
    FloatVector y0 = bias1;
    FloatVector z0 = bias2;
    FloatVector x1 = bias0;
    FloatVector y1 = bias1;
    FloatVector z1 = bias2;
    FloatVector x2 = bias0;
    FloatVector y2 = bias1;
    FloatVector z2 = bias2;
    FloatVector x3 = bias0;
    FloatVector y3 = bias1;
    FloatVector z3 = bias2;
    for (int i = 0; i < terms.length; i++) {
      int p = at + terms[i];
      int k = wAt + 3 * (i + 1);
      FloatVector w0 = FloatVector.broadcast(F, w[k]);
      FloatVector w1 = FloatVector.broadcast(F, w[k + 1]);
      FloatVector w2 = FloatVector.broadcast(F, w[k + 2]);
      FloatVector t = FloatVector.fromArray(F, a, p);
      x0 = t.fma(w0, x0);
      y0 = t.fma(w1, y0);
      z0 = t.fma(w2, z0);
      t = FloatVector.fromArray(F, a, p + LANES);
      x1 = t.fma(w0, x1);
      y1 = t.fma(w1, y1);
      z1 = t.fma(w2, z1);
      t = FloatVector.fromArray(F, a, p + 2 * LANES);
      x2 = t.fma(w0, x2);
      y2 = t.fma(w1, y2);
      z2 = t.fma(w2, z2);
      t = FloatVector.fromArray(F, a, p + 3 * LANES);
      x3 = t.fma(w0, x3);
      y3 = t.fma(w1, y3);
      z3 = t.fma(w2, z3);
    }
    x0.intoArray(c, cAt);
    x1.intoArray(c, cAt + LANES);
    x2.intoArray(c, cAt + 2 * LANES);
    x3.intoArray(c, cAt + 3 * LANES);
    y0.intoArray(c, cAt + cStride);
    y1.intoArray(c, cAt + cStride + LANES);
    y2.intoArray(c, cAt + cStride + 2 * LANES);
    y3.intoArray(c, cAt + cStride + 3 * LANES);
    z0.intoArray(c, cAt + 2 * cStride);
    z1.intoArray(c, cAt + 2 * cStride + LANES);
    z2.intoArray(c, cAt + 2 * cStride + 2 * LANES);
    z3.intoArray(c, cAt + 2 * cStride + 3 * LANES);
  }
}
