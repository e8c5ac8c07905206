package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * {@link WideTile} for a block of one vector of columns: the last block where the channels fill an
 * odd number of vectors. A vector of {@code b} serves one multiply-add a row here, so that the
 * loads of {@code a} bound it, at about 70 % of the multiply-add limit.
 */
final class NarrowTile {
  /** Columns of a block: floats of {@code b} a term. */
  static final int WIDTH = LANES;

  /** The most rows beyond the last that the tiles read and write. */
  static final int SLACK = 8;

  private static final int[][] SPLITS = TileSplit.table(12, 8, 4);

  private NarrowTile() {}

  /** How many rows beyond {@code rows} are read and written. */
  static int slack(int rows) {
    return TileSplit.slack(SPLITS, rows);
  }

  /** As {@link WideTile#run}, with this {@link #WIDTH}. */
  static void run(
      float[] a,
      int at,
      int rows,
      int[] terms,
      int from,
      int count,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride,
      boolean add) {
    for (int row = 0; row < rows; ) {
      int height = TileSplit.next(SPLITS, rows - row);
      int p = at + row;
      int q = cAt + row * cStride;
      switch (height) {
        case 12 -> tile1x12(a, p, terms, from, count, b, bAt, c, q, cStride, add);
        case 8 -> tile1x8(a, p, terms, from, count, b, bAt, c, q, cStride, add);
        default -> tile1x4(a, p, terms, from, count, b, bAt, c, q, cStride, add);
      }
      row += height;
    }
  }

  /** One vector of columns × 12 rows. */
  private static void tile1x12(
      float[] a,
      int at,
      int[] terms,
      int from,
      int count,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride,
      boolean add) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector x0 = zero;
    FloatVector x1 = zero;
    FloatVector x2 = zero;
    FloatVector x3 = zero;
    FloatVector x4 = zero;
    FloatVector x5 = zero;
    FloatVector x6 = zero;
    FloatVector x7 = zero;
    FloatVector x8 = zero;
    FloatVector x9 = zero;
    FloatVector x10 = zero;
    FloatVector x11 = zero;
    for (int i = 0; i < count; i++) {
      int p = at + terms[from + i];
      FloatVector u = FloatVector.fromArray(F, b, bAt + i * LANES);
      FloatVector t = FloatVector.broadcast(F, a[p]);
      x0 = t.fma(u, x0);
      t = FloatVector.broadcast(F, a[p + 1]);
      x1 = t.fma(u, x1);
      t = FloatVector.broadcast(F, a[p + 2]);
      x2 = t.fma(u, x2);
      t = FloatVector.broadcast(F, a[p + 3]);
      x3 = t.fma(u, x3);
      t = FloatVector.broadcast(F, a[p + 4]);
      x4 = t.fma(u, x4);
      t = FloatVector.broadcast(F, a[p + 5]);
      x5 = t.fma(u, x5);
      t = FloatVector.broadcast(F, a[p + 6]);
      x6 = t.fma(u, x6);
      t = FloatVector.broadcast(F, a[p + 7]);
      x7 = t.fma(u, x7);
      t = FloatVector.broadcast(F, a[p + 8]);
      x8 = t.fma(u, x8);
      t = FloatVector.broadcast(F, a[p + 9]);
      x9 = t.fma(u, x9);
      t = FloatVector.broadcast(F, a[p + 10]);
      x10 = t.fma(u, x10);
      t = FloatVector.broadcast(F, a[p + 11]);
      x11 = t.fma(u, x11);
    }
    if (add) {
      x0 = x0.add(FloatVector.fromArray(F, c, cAt));
      x1 = x1.add(FloatVector.fromArray(F, c, cAt + cStride));
      x2 = x2.add(FloatVector.fromArray(F, c, cAt + 2 * cStride));
      x3 = x3.add(FloatVector.fromArray(F, c, cAt + 3 * cStride));
      x4 = x4.add(FloatVector.fromArray(F, c, cAt + 4 * cStride));
      x5 = x5.add(FloatVector.fromArray(F, c, cAt + 5 * cStride));
      x6 = x6.add(FloatVector.fromArray(F, c, cAt + 6 * cStride));
      x7 = x7.add(FloatVector.fromArray(F, c, cAt + 7 * cStride));
      x8 = x8.add(FloatVector.fromArray(F, c, cAt + 8 * cStride));
      x9 = x9.add(FloatVector.fromArray(F, c, cAt + 9 * cStride));
      x10 = x10.add(FloatVector.fromArray(F, c, cAt + 10 * cStride));
      x11 = x11.add(FloatVector.fromArray(F, c, cAt + 11 * cStride));
    }
    x0.intoArray(c, cAt);
    x1.intoArray(c, cAt + cStride);
    x2.intoArray(c, cAt + 2 * cStride);
    x3.intoArray(c, cAt + 3 * cStride);
    x4.intoArray(c, cAt + 4 * cStride);
    x5.intoArray(c, cAt + 5 * cStride);
    x6.intoArray(c, cAt + 6 * cStride);
    x7.intoArray(c, cAt + 7 * cStride);
    x8.intoArray(c, cAt + 8 * cStride);
    x9.intoArray(c, cAt + 9 * cStride);
    x10.intoArray(c, cAt + 10 * cStride);
    x11.intoArray(c, cAt + 11 * cStride);
  }

  /** One vector of columns × 8 rows. */
  private static void tile1x8(
      float[] a,
      int at,
      int[] terms,
      int from,
      int count,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride,
      boolean add) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector x0 = zero;
    FloatVector x1 = zero;
    FloatVector x2 = zero;
    FloatVector x3 = zero;
    FloatVector x4 = zero;
    FloatVector x5 = zero;
    FloatVector x6 = zero;
    FloatVector x7 = zero;
    for (int i = 0; i < count; i++) {
      int p = at + terms[from + i];
      FloatVector u = FloatVector.fromArray(F, b, bAt + i * LANES);
      FloatVector t = FloatVector.broadcast(F, a[p]);
      x0 = t.fma(u, x0);
      t = FloatVector.broadcast(F, a[p + 1]);
      x1 = t.fma(u, x1);
      t = FloatVector.broadcast(F, a[p + 2]);
      x2 = t.fma(u, x2);
      t = FloatVector.broadcast(F, a[p + 3]);
      x3 = t.fma(u, x3);
      t = FloatVector.broadcast(F, a[p + 4]);
      x4 = t.fma(u, x4);
      t = FloatVector.broadcast(F, a[p + 5]);
      x5 = t.fma(u, x5);
      t = FloatVector.broadcast(F, a[p + 6]);
      x6 = t.fma(u, x6);
      t = FloatVector.broadcast(F, a[p + 7]);
      x7 = t.fma(u, x7);
    }
    if (add) {
      x0 = x0.add(FloatVector.fromArray(F, c, cAt));
      x1 = x1.add(FloatVector.fromArray(F, c, cAt + cStride));
      x2 = x2.add(FloatVector.fromArray(F, c, cAt + 2 * cStride));
      x3 = x3.add(FloatVector.fromArray(F, c, cAt + 3 * cStride));
      x4 = x4.add(FloatVector.fromArray(F, c, cAt + 4 * cStride));
      x5 = x5.add(FloatVector.fromArray(F, c, cAt + 5 * cStride));
      x6 = x6.add(FloatVector.fromArray(F, c, cAt + 6 * cStride));
      x7 = x7.add(FloatVector.fromArray(F, c, cAt + 7 * cStride));
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

  /** One vector of columns × 4 rows. */
  private static void tile1x4(
      float[] a,
      int at,
      int[] terms,
      int from,
      int count,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride,
      boolean add) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector x0 = zero;
    FloatVector x1 = zero;
    FloatVector x2 = zero;
    FloatVector x3 = zero;
    for (int i = 0; i < count; i++) {
      int p = at + terms[from + i];
      FloatVector u = FloatVector.fromArray(F, b, bAt + i * LANES);
      FloatVector t = FloatVector.broadcast(F, a[p]);
      x0 = t.fma(u, x0);
      t = FloatVector.broadcast(F, a[p + 1]);
      x1 = t.fma(u, x1);
      t = FloatVector.broadcast(F, a[p + 2]);
      x2 = t.fma(u, x2);
      t = FloatVector.broadcast(F, a[p + 3]);
      x3 = t.fma(u, x3);
    }
    if (add) {
      x0 = x0.add(FloatVector.fromArray(F, c, cAt));
      x1 = x1.add(FloatVector.fromArray(F, c, cAt + cStride));
      x2 = x2.add(FloatVector.fromArray(F, c, cAt + 2 * cStride));
      x3 = x3.add(FloatVector.fromArray(F, c, cAt + 3 * cStride));
    }
    x0.intoArray(c, cAt);
    x1.intoArray(c, cAt + cStride);
    x2.intoArray(c, cAt + 2 * cStride);
    x3.intoArray(c, cAt + 3 * cStride);
  }
}
