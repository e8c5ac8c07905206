package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;
import static io.github.lanewise.vector.VectorWidth.REGISTERS;

import jdk.incubator.vector.FloatVector;

/**
 * A block of a matrix product whose left side lies row by row and is read as it lies.
 *
 * <pre>c[q][lane] (+)= Σ(i) a[at + q · stride + i] · b[i][lane]</pre>
 *
 * <p>Each row of a tile is at an address of its own, and all of them move on by one element a term:
 * so C2 checks the bounds before the loop instead of in it, which it could not do for a table of
 * terms ({@link WideTile}). For rows beyond the last a tile takes the last one again, so that a
 * caller's array is never read beyond its end; what that makes goes to spare rows of {@code c}.
 */
final class RowTile {
  /** Columns of a block: floats of {@code b} a term and of {@code c} a row. */
  static final int WIDTH = 2 * LANES;

  /** Rows of a tile: {@code c} has room for a multiple of them. */
  static final int HEIGHT = REGISTERS >= 32 ? 8 : 5;

  private RowTile() {}

  /**
   * Computes {@code rows} rows of one block of columns.
   *
   * @param a the left side
   * @param at index of the first row's first element
   * @param stride elements from a row to the next
   * @param rows how many rows
   * @param count how many terms
   * @param b the right side, {@link #WIDTH} floats a term
   * @param bAt index of the first term's floats
   * @param c the result, with room for rows up to a multiple of {@link #HEIGHT}
   * @param cAt index of the first row of the result, {@link #WIDTH} floats a row
   * @param add whether to add to what {@code c} holds
   */
  static void run(
      float[] a,
      int at,
      int stride,
      int rows,
      int count,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      boolean add) {
    for (int row = 0; row < rows; row += HEIGHT) {
      int p = at + row * stride;
      int q = cAt + row * WIDTH;
      int last = rows - 1 - row;
      if (HEIGHT == 8) {
        tile2x8(a, p, stride, last, count, b, bAt, c, q, add);
      } else {
        tile2x5(a, p, stride, last, count, b, bAt, c, q, add);
      }
    }
  }

  /** Two vectors of columns × 8 rows. */
  private static void tile2x8(
      float[] a,
      int at,
      int stride,
      int last,
      int count,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      boolean add) {
    int p0 = at;
    int p1 = at + Math.min(1, last) * stride;
    int p2 = at + Math.min(2, last) * stride;
    int p3 = at + Math.min(3, last) * stride;
    int p4 = at + Math.min(4, last) * stride;
    int p5 = at + Math.min(5, last) * stride;
    int p6 = at + Math.min(6, last) * stride;
    int p7 = at + Math.min(7, last) * stride;
    FloatVector zero = FloatVector.zero(F);
    FloatVector x0 = zero;
    FloatVector y0 = zero;
    FloatVector x1 = zero;
    FloatVector y1 = zero;
    FloatVector x2 = zero;
    FloatVector y2 = zero;
    FloatVector x3 = zero;
    FloatVector y3 = zero;
    FloatVector x4 = zero;
    FloatVector y4 = zero;
    FloatVector x5 = zero;
    FloatVector y5 = zero;
    FloatVector x6 = zero;
    FloatVector y6 = zero;
    FloatVector x7 = zero;
    FloatVector y7 = zero;
    for (int i = 0; i < count; i++) {
      FloatVector u = FloatVector.fromArray(F, b, bAt + i * WIDTH);
      FloatVector v = FloatVector.fromArray(F, b, bAt + i * WIDTH + LANES);
      FloatVector t = FloatVector.broadcast(F, a[p0 + i]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, a[p1 + i]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, a[p2 + i]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, a[p3 + i]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
      t = FloatVector.broadcast(F, a[p4 + i]);
      x4 = t.fma(u, x4);
      y4 = t.fma(v, y4);
      t = FloatVector.broadcast(F, a[p5 + i]);
      x5 = t.fma(u, x5);
      y5 = t.fma(v, y5);
      t = FloatVector.broadcast(F, a[p6 + i]);
      x6 = t.fma(u, x6);
      y6 = t.fma(v, y6);
      t = FloatVector.broadcast(F, a[p7 + i]);
      x7 = t.fma(u, x7);
      y7 = t.fma(v, y7);
    }
    if (add) {
      x0 = x0.add(FloatVector.fromArray(F, c, cAt));
      y0 = y0.add(FloatVector.fromArray(F, c, cAt + LANES));
      x1 = x1.add(FloatVector.fromArray(F, c, cAt + WIDTH));
      y1 = y1.add(FloatVector.fromArray(F, c, cAt + WIDTH + LANES));
      x2 = x2.add(FloatVector.fromArray(F, c, cAt + 2 * WIDTH));
      y2 = y2.add(FloatVector.fromArray(F, c, cAt + 2 * WIDTH + LANES));
      x3 = x3.add(FloatVector.fromArray(F, c, cAt + 3 * WIDTH));
      y3 = y3.add(FloatVector.fromArray(F, c, cAt + 3 * WIDTH + LANES));
      x4 = x4.add(FloatVector.fromArray(F, c, cAt + 4 * WIDTH));
      y4 = y4.add(FloatVector.fromArray(F, c, cAt + 4 * WIDTH + LANES));
      x5 = x5.add(FloatVector.fromArray(F, c, cAt + 5 * WIDTH));
      y5 = y5.add(FloatVector.fromArray(F, c, cAt + 5 * WIDTH + LANES));
      x6 = x6.add(FloatVector.fromArray(F, c, cAt + 6 * WIDTH));
      y6 = y6.add(FloatVector.fromArray(F, c, cAt + 6 * WIDTH + LANES));
      x7 = x7.add(FloatVector.fromArray(F, c, cAt + 7 * WIDTH));
      y7 = y7.add(FloatVector.fromArray(F, c, cAt + 7 * WIDTH + LANES));
    }
    x0.intoArray(c, cAt);
    y0.intoArray(c, cAt + LANES);
    x1.intoArray(c, cAt + WIDTH);
    y1.intoArray(c, cAt + WIDTH + LANES);
    x2.intoArray(c, cAt + 2 * WIDTH);
    y2.intoArray(c, cAt + 2 * WIDTH + LANES);
    x3.intoArray(c, cAt + 3 * WIDTH);
    y3.intoArray(c, cAt + 3 * WIDTH + LANES);
    x4.intoArray(c, cAt + 4 * WIDTH);
    y4.intoArray(c, cAt + 4 * WIDTH + LANES);
    x5.intoArray(c, cAt + 5 * WIDTH);
    y5.intoArray(c, cAt + 5 * WIDTH + LANES);
    x6.intoArray(c, cAt + 6 * WIDTH);
    y6.intoArray(c, cAt + 6 * WIDTH + LANES);
    x7.intoArray(c, cAt + 7 * WIDTH);
    y7.intoArray(c, cAt + 7 * WIDTH + LANES);
  }

  /** Two vectors of columns × 5 rows. */
  private static void tile2x5(
      float[] a,
      int at,
      int stride,
      int last,
      int count,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      boolean add) {
    int p0 = at;
    int p1 = at + Math.min(1, last) * stride;
    int p2 = at + Math.min(2, last) * stride;
    int p3 = at + Math.min(3, last) * stride;
    int p4 = at + Math.min(4, last) * stride;
    FloatVector zero = FloatVector.zero(F);
    FloatVector x0 = zero;
    FloatVector y0 = zero;
    FloatVector x1 = zero;
    FloatVector y1 = zero;
    FloatVector x2 = zero;
    FloatVector y2 = zero;
    FloatVector x3 = zero;
    FloatVector y3 = zero;
    FloatVector x4 = zero;
    FloatVector y4 = zero;
    for (int i = 0; i < count; i++) {
      FloatVector u = FloatVector.fromArray(F, b, bAt + i * WIDTH);
      FloatVector v = FloatVector.fromArray(F, b, bAt + i * WIDTH + LANES);
      FloatVector t = FloatVector.broadcast(F, a[p0 + i]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, a[p1 + i]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, a[p2 + i]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, a[p3 + i]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
      t = FloatVector.broadcast(F, a[p4 + i]);
      x4 = t.fma(u, x4);
      y4 = t.fma(v, y4);
    }
    if (add) {
      x0 = x0.add(FloatVector.fromArray(F, c, cAt));
      y0 = y0.add(FloatVector.fromArray(F, c, cAt + LANES));
      x1 = x1.add(FloatVector.fromArray(F, c, cAt + WIDTH));
      y1 = y1.add(FloatVector.fromArray(F, c, cAt + WIDTH + LANES));
      x2 = x2.add(FloatVector.fromArray(F, c, cAt + 2 * WIDTH));
      y2 = y2.add(FloatVector.fromArray(F, c, cAt + 2 * WIDTH + LANES));
      x3 = x3.add(FloatVector.fromArray(F, c, cAt + 3 * WIDTH));
      y3 = y3.add(FloatVector.fromArray(F, c, cAt + 3 * WIDTH + LANES));
      x4 = x4.add(FloatVector.fromArray(F, c, cAt + 4 * WIDTH));
      y4 = y4.add(FloatVector.fromArray(F, c, cAt + 4 * WIDTH + LANES));
    }
    x0.intoArray(c, cAt);
    y0.intoArray(c, cAt + LANES);
    x1.intoArray(c, cAt + WIDTH);
    y1.intoArray(c, cAt + WIDTH + LANES);
    x2.intoArray(c, cAt + 2 * WIDTH);
    y2.intoArray(c, cAt + 2 * WIDTH + LANES);
    x3.intoArray(c, cAt + 3 * WIDTH);
    y3.intoArray(c, cAt + 3 * WIDTH + LANES);
    x4.intoArray(c, cAt + 4 * WIDTH);
    y4.intoArray(c, cAt + 4 * WIDTH + LANES);
  }
}
