package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;
import static io.github.lanewise.vector.VectorWidth.REGISTERS;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;

/**
 * {@link PositionTile} for eight, six or four channels at a time. Two unaligned vectors of {@code
 * a} serve all channels, so that their loads cost little, and the result needs no transposition:
 * the tile for problems with few terms, in which that would take as long as the arithmetic.
 */
final class TallTile {
  /**
   * The most channels of a tile: with two vectors each, 16 accumulators, or 12 where there are 16
   * registers.
   */
  static final int CHANNELS = REGISTERS >= 32 ? 8 : 6;

  private TallTile() {}

  /** As {@link PositionTile#run}, for {@link #CHANNELS} channels, or 4. */
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
    int x = 0;
    for (; positions - x > LANES; x += 2 * LANES) {
      if (channels == 8) {
        tile8x2(a, at + x, terms, w, wAt, c, cAt + x, cStride);
      } else if (channels == 6) {
        tile6x2(a, at + x, terms, w, wAt, c, cAt + x, cStride);
      } else {
        tile4x2(a, at + x, terms, w, wAt, c, cAt + x, cStride);
      }
    }
    if (positions > x) {
      if (channels == 8) {
        tile8x1(a, at + x, terms, w, wAt, c, cAt + x, cStride);
      } else if (channels == 6) {
        tile6x1(a, at + x, terms, w, wAt, c, cAt + x, cStride);
      } else {
        tile4x1(a, at + x, terms, w, wAt, c, cAt + x, cStride);
      }
    }
  }

  /** Eight channels × two vectors of positions. */
  private static void tile8x2(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector x0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector x1 = FloatVector.broadcast(F, w[wAt + 1]);
    FloatVector x2 = FloatVector.broadcast(F, w[wAt + 2]);
    FloatVector x3 = FloatVector.broadcast(F, w[wAt + 3]);
    FloatVector x4 = FloatVector.broadcast(F, w[wAt + 4]);
    FloatVector x5 = FloatVector.broadcast(F, w[wAt + 5]);
    FloatVector x6 = FloatVector.broadcast(F, w[wAt + 6]);
    FloatVector x7 = FloatVector.broadcast(F, w[wAt + 7]);
    FloatVector y0 = x0;
    FloatVector y1 = x1;
    FloatVector y2 = x2;
    FloatVector y3 = x3;
    FloatVector y4 = x4;
    FloatVector y5 = x5;
    FloatVector y6 = x6;
    FloatVector y7 = x7;
    for (int i = 0; i < terms.length; i++) {
      int p = at + terms[i];
      int k = wAt + 8 * (i + 1);
      FloatVector u = FloatVector.fromArray(F, a, p);
      FloatVector v = FloatVector.fromArray(F, a, p + LANES);
      FloatVector t = FloatVector.broadcast(F, w[k]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, w[k + 1]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, w[k + 2]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, w[k + 3]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
      t = FloatVector.broadcast(F, w[k + 4]);
      x4 = t.fma(u, x4);
      y4 = t.fma(v, y4);
      t = FloatVector.broadcast(F, w[k + 5]);
      x5 = t.fma(u, x5);
      y5 = t.fma(v, y5);
      t = FloatVector.broadcast(F, w[k + 6]);
      x6 = t.fma(u, x6);
      y6 = t.fma(v, y6);
      t = FloatVector.broadcast(F, w[k + 7]);
      x7 = t.fma(u, x7);
      y7 = t.fma(v, y7);
    }
    x0.intoArray(c, cAt);
    y0.intoArray(c, cAt + LANES);
    x1.intoArray(c, cAt + cStride);
    y1.intoArray(c, cAt + cStride + LANES);
    x2.intoArray(c, cAt + 2 * cStride);
    y2.intoArray(c, cAt + 2 * cStride + LANES);
    x3.intoArray(c, cAt + 3 * cStride);
    y3.intoArray(c, cAt + 3 * cStride + LANES);
    x4.intoArray(c, cAt + 4 * cStride);
    y4.intoArray(c, cAt + 4 * cStride + LANES);
    x5.intoArray(c, cAt + 5 * cStride);
    y5.intoArray(c, cAt + 5 * cStride + LANES);
    x6.intoArray(c, cAt + 6 * cStride);
    y6.intoArray(c, cAt + 6 * cStride + LANES);
    x7.intoArray(c, cAt + 7 * cStride);
    y7.intoArray(c, cAt + 7 * cStride + LANES);
  }

  /** Eight channels × one vector of positions. */
  private static void tile8x1(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector x0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector x1 = FloatVector.broadcast(F, w[wAt + 1]);
    FloatVector x2 = FloatVector.broadcast(F, w[wAt + 2]);
    FloatVector x3 = FloatVector.broadcast(F, w[wAt + 3]);
    FloatVector x4 = FloatVector.broadcast(F, w[wAt + 4]);
    FloatVector x5 = FloatVector.broadcast(F, w[wAt + 5]);
    FloatVector x6 = FloatVector.broadcast(F, w[wAt + 6]);
    FloatVector x7 = FloatVector.broadcast(F, w[wAt + 7]);
    for (int i = 0; i < terms.length; i++) {
      int p = at + terms[i];
      int k = wAt + 8 * (i + 1);
      FloatVector u = FloatVector.fromArray(F, a, p);
      FloatVector t = FloatVector.broadcast(F, w[k]);
      x0 = t.fma(u, x0);
      t = FloatVector.broadcast(F, w[k + 1]);
      x1 = t.fma(u, x1);
      t = FloatVector.broadcast(F, w[k + 2]);
      x2 = t.fma(u, x2);
      t = FloatVector.broadcast(F, w[k + 3]);
      x3 = t.fma(u, x3);
      t = FloatVector.broadcast(F, w[k + 4]);
      x4 = t.fma(u, x4);
      t = FloatVector.broadcast(F, w[k + 5]);
      x5 = t.fma(u, x5);
      t = FloatVector.broadcast(F, w[k + 6]);
      x6 = t.fma(u, x6);
      t = FloatVector.broadcast(F, w[k + 7]);
      x7 = t.fma(u, x7);
    }
    x0.intoArray(c, cAt);
    x1.intoArray(c, cAt + cStride);
    x2.intoArray(c, cAt + 2 * cStride);
    x3.intoArray(c, cAt + 3 * cStride);
    x4.intoArray(c, cAt + 4 * cStride);
    x5.intoArray(c, cAt + 5 * cStride);
    x6.intoArray(c, cAt + 6 * cStride);
    x7.intoArray(c, cAt + 7 * cStride);
  }

  /** Six channels × two vectors of positions, two terms a step: see {@link SixteenRegisterTile}. */
  private static void tile6x2(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector x0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector x1 = FloatVector.broadcast(F, w[wAt + 1]);
    FloatVector x2 = FloatVector.broadcast(F, w[wAt + 2]);
    FloatVector x3 = FloatVector.broadcast(F, w[wAt + 3]);
    FloatVector x4 = FloatVector.broadcast(F, w[wAt + 4]);
    FloatVector x5 = FloatVector.broadcast(F, w[wAt + 5]);
    FloatVector y0 = x0;
    FloatVector y1 = x1;
    FloatVector y2 = x2;
    FloatVector y3 = x3;
    FloatVector y4 = x4;
    FloatVector y5 = x5;
    int i = 0;
    if (terms.length % 2 == 1) {
      int p = at + terms[i];
      int k = wAt + 6 * (i + 1);
      FloatVector u = FloatVector.fromArray(F, a, p);
      FloatVector v = FloatVector.fromArray(F, a, p + LANES);
      FloatVector t = FloatVector.broadcast(F, w[k]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, w[k + 1]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, w[k + 2]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, w[k + 3]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
      t = FloatVector.broadcast(F, w[k + 4]);
      x4 = t.fma(u, x4);
      y4 = t.fma(v, y4);
      t = FloatVector.broadcast(F, w[k + 5]);
      x5 = t.fma(u, x5);
      y5 = t.fma(v, y5);
      i++;
    }
    for (; i < terms.length; i += 2) {
      int p = at + terms[i];
      int k = wAt + 6 * (i + 1);
      FloatVector u = FloatVector.fromArray(F, a, p);
      FloatVector v = FloatVector.fromArray(F, a, p + LANES);
      FloatVector t = FloatVector.broadcast(F, w[k]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, w[k + 1]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, w[k + 2]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, w[k + 3]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
      t = FloatVector.broadcast(F, w[k + 4]);
      x4 = t.fma(u, x4);
      y4 = t.fma(v, y4);
      t = FloatVector.broadcast(F, w[k + 5]);
      x5 = t.fma(u, x5);
      y5 = t.fma(v, y5);
      VarHandle.loadLoadFence();
      p = at + terms[i + 1];
      k = wAt + 6 * (i + 2);
      u = FloatVector.fromArray(F, a, p);
      v = FloatVector.fromArray(F, a, p + LANES);
      t = FloatVector.broadcast(F, w[k]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, w[k + 1]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, w[k + 2]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, w[k + 3]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
      t = FloatVector.broadcast(F, w[k + 4]);
      x4 = t.fma(u, x4);
      y4 = t.fma(v, y4);
      t = FloatVector.broadcast(F, w[k + 5]);
      x5 = t.fma(u, x5);
      y5 = t.fma(v, y5);
      VarHandle.loadLoadFence();
    }
    x0.intoArray(c, cAt);
    y0.intoArray(c, cAt + LANES);
    x1.intoArray(c, cAt + cStride);
    y1.intoArray(c, cAt + cStride + LANES);
    x2.intoArray(c, cAt + 2 * cStride);
    y2.intoArray(c, cAt + 2 * cStride + LANES);
    x3.intoArray(c, cAt + 3 * cStride);
    y3.intoArray(c, cAt + 3 * cStride + LANES);
    x4.intoArray(c, cAt + 4 * cStride);
    y4.intoArray(c, cAt + 4 * cStride + LANES);
    x5.intoArray(c, cAt + 5 * cStride);
    y5.intoArray(c, cAt + 5 * cStride + LANES);
  }

  /** Six channels × one vector of positions. */
  private static void tile6x1(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector x0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector x1 = FloatVector.broadcast(F, w[wAt + 1]);
    FloatVector x2 = FloatVector.broadcast(F, w[wAt + 2]);
    FloatVector x3 = FloatVector.broadcast(F, w[wAt + 3]);
    FloatVector x4 = FloatVector.broadcast(F, w[wAt + 4]);
    FloatVector x5 = FloatVector.broadcast(F, w[wAt + 5]);
    for (int i = 0; i < terms.length; i++) {
      FloatVector u = FloatVector.fromArray(F, a, at + terms[i]);
      int k = wAt + 6 * (i + 1);
      x0 = FloatVector.broadcast(F, w[k]).fma(u, x0);
      x1 = FloatVector.broadcast(F, w[k + 1]).fma(u, x1);
      x2 = FloatVector.broadcast(F, w[k + 2]).fma(u, x2);
      x3 = FloatVector.broadcast(F, w[k + 3]).fma(u, x3);
      x4 = FloatVector.broadcast(F, w[k + 4]).fma(u, x4);
      x5 = FloatVector.broadcast(F, w[k + 5]).fma(u, x5);
    }
    x0.intoArray(c, cAt);
    x1.intoArray(c, cAt + cStride);
    x2.intoArray(c, cAt + 2 * cStride);
    x3.intoArray(c, cAt + 3 * cStride);
    x4.intoArray(c, cAt + 4 * cStride);
    x5.intoArray(c, cAt + 5 * cStride);
  }

  /** Four channels × two vectors of positions. */
  private static void tile4x2(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector x0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector x1 = FloatVector.broadcast(F, w[wAt + 1]);
    FloatVector x2 = FloatVector.broadcast(F, w[wAt + 2]);
    FloatVector x3 = FloatVector.broadcast(F, w[wAt + 3]);
    FloatVector y0 = x0;
    FloatVector y1 = x1;
    FloatVector y2 = x2;
    FloatVector y3 = x3;
    for (int i = 0; i < terms.length; i++) {
      int p = at + terms[i];
      int k = wAt + 4 * (i + 1);
      FloatVector u = FloatVector.fromArray(F, a, p);
      FloatVector v = FloatVector.fromArray(F, a, p + LANES);
      FloatVector t = FloatVector.broadcast(F, w[k]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, w[k + 1]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, w[k + 2]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, w[k + 3]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
    }
    x0.intoArray(c, cAt);
    y0.intoArray(c, cAt + LANES);
    x1.intoArray(c, cAt + cStride);
    y1.intoArray(c, cAt + cStride + LANES);
    x2.intoArray(c, cAt + 2 * cStride);
    y2.intoArray(c, cAt + 2 * cStride + LANES);
    x3.intoArray(c, cAt + 3 * cStride);
    y3.intoArray(c, cAt + 3 * cStride + LANES);
  }

  /** Four channels × one vector of positions. */
  private static void tile4x1(
      float[] a, int at, int[] terms, float[] w, int wAt, float[] c, int cAt, int cStride) {
    FloatVector x0 = FloatVector.broadcast(F, w[wAt]);
    FloatVector x1 = FloatVector.broadcast(F, w[wAt + 1]);
    FloatVector x2 = FloatVector.broadcast(F, w[wAt + 2]);
    FloatVector x3 = FloatVector.broadcast(F, w[wAt + 3]);
    for (int i = 0; i < terms.length; i++) {
      int p = at + terms[i];
      int k = wAt + 4 * (i + 1);
      FloatVector u = FloatVector.fromArray(F, a, p);
      FloatVector t = FloatVector.broadcast(F, w[k]);
      x0 = t.fma(u, x0);
      t = FloatVector.broadcast(F, w[k + 1]);
      x1 = t.fma(u, x1);
      t = FloatVector.broadcast(F, w[k + 2]);
      x2 = t.fma(u, x2);
      t = FloatVector.broadcast(F, w[k + 3]);
      x3 = t.fma(u, x3);
    }
    x0.intoArray(c, cAt);
    x1.intoArray(c, cAt + cStride);
    x2.intoArray(c, cAt + 2 * cStride);
    x3.intoArray(c, cAt + 3 * cStride);
  }
}
