package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * A sparse vector times a matrix whose rows may lie anywhere, a few vectors of columns at a time.
 *
 * <pre>c[j] += Σ(i) value(i) · b[bAt + row(i) + j]</pre>
 *
 * <p>Values and rows are pairs in scratch memory, as {@link #put} leaves them. A multiply-add needs
 * a load here, so that loads are the limit, at about two thirds of the multiply-adds.
 */
final class SparseRows {
  private SparseRows() {}

  /** Leaves a pair: the value and the bits of the row's number. */
  static void put(float value, int row, float[] pairs, int at) {
    pairs[at] = value;
    pairs[at + 1] = Float.intBitsToFloat(row);
  }

  /** The row of a pair. */
  static int row(float[] pairs, int at) {
    return Float.floatToRawIntBits(pairs[at + 1]);
  }

  /** Takes so many pairs through one tile. */
  static void run(
      SparseTile tile,
      float[] pairs,
      int from,
      int count,
      float[] b,
      int bAt,
      int bPitch,
      float[] c,
      int cAt,
      int cPitch) {
    switch (tile.vectors()) {
      case 10 -> run10(pairs, from, count, b, bAt, c, cAt);
      case 9 -> run3x3(pairs, from, count, b, bAt, bPitch, c, cAt, cPitch);
      case 3 -> run3(pairs, from, count, b, bAt, c, cAt);
      default -> run1(pairs, from, count, b, bAt, c, cAt);
    }
  }

  /** Ten neighbouring vectors. */
  private static void run10(
      float[] pairs, int from, int count, float[] b, int bAt, float[] c, int cAt) {
    FloatVector c0 = FloatVector.fromArray(F, c, cAt);
    FloatVector c1 = FloatVector.fromArray(F, c, cAt + LANES);
    FloatVector c2 = FloatVector.fromArray(F, c, cAt + 2 * LANES);
    FloatVector c3 = FloatVector.fromArray(F, c, cAt + 3 * LANES);
    FloatVector c4 = FloatVector.fromArray(F, c, cAt + 4 * LANES);
    FloatVector c5 = FloatVector.fromArray(F, c, cAt + 5 * LANES);
    FloatVector c6 = FloatVector.fromArray(F, c, cAt + 6 * LANES);
    FloatVector c7 = FloatVector.fromArray(F, c, cAt + 7 * LANES);
    FloatVector c8 = FloatVector.fromArray(F, c, cAt + 8 * LANES);
    FloatVector c9 = FloatVector.fromArray(F, c, cAt + 9 * LANES);
    int end = from + 2 * count;
    for (int i = from; i < end; i += 2) {
      FloatVector v = FloatVector.broadcast(F, pairs[i]);
      int p = bAt + row(pairs, i);
      c0 = v.fma(FloatVector.fromArray(F, b, p), c0);
      c1 = v.fma(FloatVector.fromArray(F, b, p + LANES), c1);
      c2 = v.fma(FloatVector.fromArray(F, b, p + 2 * LANES), c2);
      c3 = v.fma(FloatVector.fromArray(F, b, p + 3 * LANES), c3);
      c4 = v.fma(FloatVector.fromArray(F, b, p + 4 * LANES), c4);
      c5 = v.fma(FloatVector.fromArray(F, b, p + 5 * LANES), c5);
      c6 = v.fma(FloatVector.fromArray(F, b, p + 6 * LANES), c6);
      c7 = v.fma(FloatVector.fromArray(F, b, p + 7 * LANES), c7);
      c8 = v.fma(FloatVector.fromArray(F, b, p + 8 * LANES), c8);
      c9 = v.fma(FloatVector.fromArray(F, b, p + 9 * LANES), c9);
    }
    c0.intoArray(c, cAt);
    c1.intoArray(c, cAt + LANES);
    c2.intoArray(c, cAt + 2 * LANES);
    c3.intoArray(c, cAt + 3 * LANES);
    c4.intoArray(c, cAt + 4 * LANES);
    c5.intoArray(c, cAt + 5 * LANES);
    c6.intoArray(c, cAt + 6 * LANES);
    c7.intoArray(c, cAt + 7 * LANES);
    c8.intoArray(c, cAt + 8 * LANES);
    c9.intoArray(c, cAt + 9 * LANES);
  }

  /** Three vectors of each of three rows. */
  private static void run3x3(
      float[] pairs,
      int from,
      int count,
      float[] b,
      int bAt,
      int bPitch,
      float[] c,
      int cAt,
      int cPitch) {
    FloatVector c0 = FloatVector.fromArray(F, c, cAt);
    FloatVector c1 = FloatVector.fromArray(F, c, cAt + LANES);
    FloatVector c2 = FloatVector.fromArray(F, c, cAt + 2 * LANES);
    FloatVector c3 = FloatVector.fromArray(F, c, cAt + cPitch);
    FloatVector c4 = FloatVector.fromArray(F, c, cAt + cPitch + LANES);
    FloatVector c5 = FloatVector.fromArray(F, c, cAt + cPitch + 2 * LANES);
    FloatVector c6 = FloatVector.fromArray(F, c, cAt + 2 * cPitch);
    FloatVector c7 = FloatVector.fromArray(F, c, cAt + 2 * cPitch + LANES);
    FloatVector c8 = FloatVector.fromArray(F, c, cAt + 2 * cPitch + 2 * LANES);
    int end = from + 2 * count;
    for (int i = from; i < end; i += 2) {
      FloatVector v = FloatVector.broadcast(F, pairs[i]);
      int p = bAt + row(pairs, i);
      int q = p + bPitch;
      int r = q + bPitch;
      c0 = v.fma(FloatVector.fromArray(F, b, p), c0);
      c1 = v.fma(FloatVector.fromArray(F, b, p + LANES), c1);
      c2 = v.fma(FloatVector.fromArray(F, b, p + 2 * LANES), c2);
      c3 = v.fma(FloatVector.fromArray(F, b, q), c3);
      c4 = v.fma(FloatVector.fromArray(F, b, q + LANES), c4);
      c5 = v.fma(FloatVector.fromArray(F, b, q + 2 * LANES), c5);
      c6 = v.fma(FloatVector.fromArray(F, b, r), c6);
      c7 = v.fma(FloatVector.fromArray(F, b, r + LANES), c7);
      c8 = v.fma(FloatVector.fromArray(F, b, r + 2 * LANES), c8);
    }
    c0.intoArray(c, cAt);
    c1.intoArray(c, cAt + LANES);
    c2.intoArray(c, cAt + 2 * LANES);
    c3.intoArray(c, cAt + cPitch);
    c4.intoArray(c, cAt + cPitch + LANES);
    c5.intoArray(c, cAt + cPitch + 2 * LANES);
    c6.intoArray(c, cAt + 2 * cPitch);
    c7.intoArray(c, cAt + 2 * cPitch + LANES);
    c8.intoArray(c, cAt + 2 * cPitch + 2 * LANES);
  }

  /** Three neighbouring vectors. */
  private static void run3(
      float[] pairs, int from, int count, float[] b, int bAt, float[] c, int cAt) {
    FloatVector c0 = FloatVector.fromArray(F, c, cAt);
    FloatVector c1 = FloatVector.fromArray(F, c, cAt + LANES);
    FloatVector c2 = FloatVector.fromArray(F, c, cAt + 2 * LANES);
    int end = from + 2 * count;
    for (int i = from; i < end; i += 2) {
      FloatVector v = FloatVector.broadcast(F, pairs[i]);
      int p = bAt + row(pairs, i);
      c0 = v.fma(FloatVector.fromArray(F, b, p), c0);
      c1 = v.fma(FloatVector.fromArray(F, b, p + LANES), c1);
      c2 = v.fma(FloatVector.fromArray(F, b, p + 2 * LANES), c2);
    }
    c0.intoArray(c, cAt);
    c1.intoArray(c, cAt + LANES);
    c2.intoArray(c, cAt + 2 * LANES);
  }

  /** One vector. */
  private static void run1(
      float[] pairs, int from, int count, float[] b, int bAt, float[] c, int cAt) {
    FloatVector c0 = FloatVector.fromArray(F, c, cAt);
    int end = from + 2 * count;
    for (int i = from; i < end; i += 2) {
      FloatVector v = FloatVector.broadcast(F, pairs[i]);
      int p = bAt + row(pairs, i);
      c0 = v.fma(FloatVector.fromArray(F, b, p), c0);
    }
    c0.intoArray(c, cAt);
  }
}
