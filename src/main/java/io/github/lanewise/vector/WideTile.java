package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;
import static io.github.lanewise.vector.VectorWidth.REGISTERS;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loop of every compute-bound kernel: a block of a matrix product whose left side is
 * addressed indirectly.
 *
 * <pre>c[q][lane] (+)= Σ(i) a[at + terms[i] + q] · b[i][lane]</pre>
 *
 * <p>{@code q} runs over rows that are neighbours in {@code a} (output positions of a convolution,
 * taps of its weight gradient, rows of a packed matrix), {@code i} over the terms of the sum (input
 * channels and taps, positions, columns), and the lanes over two vectors of output channels. {@code
 * b} is packed, two vectors a term. What the terms mean is the caller's: a table of offsets makes
 * one loop serve all shapes, and it costs one load per 16 multiply-adds. The elements of {@code a}
 * that one term needs are neighbours, so that C2 checks the bounds of the first and the last only.
 *
 * <p>A tile of 8 rows keeps 16 accumulators, and C2 needs about five registers more: the most that
 * never spills in 32 registers. With 16 registers it is 6 rows ({@link SixteenRegisterTile}). Rows
 * beyond the last are computed and written too, unless the length is a sum of tile heights ({@link
 * #slack}).
 */
final class WideTile {
  /** Columns of a block: floats of {@code b} a term and of {@code c} a row. */
  static final int WIDTH = 2 * LANES;

  /** The most rows beyond the last that the tiles read and write. */
  static final int SLACK = 8;

  /** Rows of the tallest tile. */
  static final int HEIGHT = REGISTERS >= 32 ? 8 : 6;

  /**
   * Rows of a strip, in which a packed left side holds neighbouring rows side by side: two tiles.
   */
  static final int STRIP = 2 * HEIGHT;

  private static final int[][] SPLITS =
      TileSplit.table(REGISTERS >= 32 ? new int[] {8, 7, 4} : new int[] {6, 4, 3});

  private WideTile() {}

  /** How many rows beyond {@code rows} are read and written: 0 for most heights. */
  static int slack(int rows) {
    return TileSplit.slack(SPLITS, rows);
  }

  /**
   * Computes {@code rows} rows of one block of columns.
   *
   * @param a the left side
   * @param at index of the first row's element for a term of offset 0
   * @param rows how many rows
   * @param terms offsets of the terms into {@code a}
   * @param from the first term
   * @param count how many terms
   * @param b the right side, {@link #WIDTH} floats a term
   * @param bAt index of the first term's floats
   * @param c the result
   * @param cAt index of the first row of the result
   * @param cStride floats from a row of the result to the next
   * @param add whether to add to what {@code c} holds
   */
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
      if (REGISTERS >= 32) {
        switch (height) {
          case 8 -> tile2x8(a, p, terms, from, count, b, bAt, c, q, cStride, add);
          case 7 -> tile2x7(a, p, terms, from, count, b, bAt, c, q, cStride, add);
          default -> tile2x4(a, p, terms, from, count, b, bAt, c, q, cStride, add);
        }
      } else {
        switch (height) {
          case 6 ->
              SixteenRegisterTile.tile2x6(a, p, terms, from, count, b, bAt, c, q, cStride, add);
          case 4 ->
              SixteenRegisterTile.tile2x4(a, p, terms, from, count, b, bAt, c, q, cStride, add);
          default ->
              SixteenRegisterTile.tile2x3(a, p, terms, from, count, b, bAt, c, q, cStride, add);
        }
      }
      row += height;
    }
  }

  /** Two vectors of columns × 8 rows. */
  private static void tile2x8(
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
      int p = at + terms[from + i];
      FloatVector u = FloatVector.fromArray(F, b, bAt + i * WIDTH);
      FloatVector v = FloatVector.fromArray(F, b, bAt + i * WIDTH + LANES);
      FloatVector t = FloatVector.broadcast(F, a[p]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, a[p + 1]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, a[p + 2]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, a[p + 3]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
      t = FloatVector.broadcast(F, a[p + 4]);
      x4 = t.fma(u, x4);
      y4 = t.fma(v, y4);
      t = FloatVector.broadcast(F, a[p + 5]);
      x5 = t.fma(u, x5);
      y5 = t.fma(v, y5);
      t = FloatVector.broadcast(F, a[p + 6]);
      x6 = t.fma(u, x6);
      y6 = t.fma(v, y6);
      t = FloatVector.broadcast(F, a[p + 7]);
      x7 = t.fma(u, x7);
      y7 = t.fma(v, y7);
    }
    if (add) {
      x0 = x0.add(FloatVector.fromArray(F, c, cAt));
      y0 = y0.add(FloatVector.fromArray(F, c, cAt + LANES));
      x1 = x1.add(FloatVector.fromArray(F, c, cAt + cStride));
      y1 = y1.add(FloatVector.fromArray(F, c, cAt + cStride + LANES));
      x2 = x2.add(FloatVector.fromArray(F, c, cAt + 2 * cStride));
      y2 = y2.add(FloatVector.fromArray(F, c, cAt + 2 * cStride + LANES));
      x3 = x3.add(FloatVector.fromArray(F, c, cAt + 3 * cStride));
      y3 = y3.add(FloatVector.fromArray(F, c, cAt + 3 * cStride + LANES));
      x4 = x4.add(FloatVector.fromArray(F, c, cAt + 4 * cStride));
      y4 = y4.add(FloatVector.fromArray(F, c, cAt + 4 * cStride + LANES));
      x5 = x5.add(FloatVector.fromArray(F, c, cAt + 5 * cStride));
      y5 = y5.add(FloatVector.fromArray(F, c, cAt + 5 * cStride + LANES));
      x6 = x6.add(FloatVector.fromArray(F, c, cAt + 6 * cStride));
      y6 = y6.add(FloatVector.fromArray(F, c, cAt + 6 * cStride + LANES));
      x7 = x7.add(FloatVector.fromArray(F, c, cAt + 7 * cStride));
      y7 = y7.add(FloatVector.fromArray(F, c, cAt + 7 * cStride + LANES));
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

  /** Two vectors of columns × 7 rows. */
  private static void tile2x7(
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
    for (int i = 0; i < count; i++) {
      int p = at + terms[from + i];
      FloatVector u = FloatVector.fromArray(F, b, bAt + i * WIDTH);
      FloatVector v = FloatVector.fromArray(F, b, bAt + i * WIDTH + LANES);
      FloatVector t = FloatVector.broadcast(F, a[p]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, a[p + 1]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, a[p + 2]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, a[p + 3]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
      t = FloatVector.broadcast(F, a[p + 4]);
      x4 = t.fma(u, x4);
      y4 = t.fma(v, y4);
      t = FloatVector.broadcast(F, a[p + 5]);
      x5 = t.fma(u, x5);
      y5 = t.fma(v, y5);
      t = FloatVector.broadcast(F, a[p + 6]);
      x6 = t.fma(u, x6);
      y6 = t.fma(v, y6);
    }
    if (add) {
      x0 = x0.add(FloatVector.fromArray(F, c, cAt));
      y0 = y0.add(FloatVector.fromArray(F, c, cAt + LANES));
      x1 = x1.add(FloatVector.fromArray(F, c, cAt + cStride));
      y1 = y1.add(FloatVector.fromArray(F, c, cAt + cStride + LANES));
      x2 = x2.add(FloatVector.fromArray(F, c, cAt + 2 * cStride));
      y2 = y2.add(FloatVector.fromArray(F, c, cAt + 2 * cStride + LANES));
      x3 = x3.add(FloatVector.fromArray(F, c, cAt + 3 * cStride));
      y3 = y3.add(FloatVector.fromArray(F, c, cAt + 3 * cStride + LANES));
      x4 = x4.add(FloatVector.fromArray(F, c, cAt + 4 * cStride));
      y4 = y4.add(FloatVector.fromArray(F, c, cAt + 4 * cStride + LANES));
      x5 = x5.add(FloatVector.fromArray(F, c, cAt + 5 * cStride));
      y5 = y5.add(FloatVector.fromArray(F, c, cAt + 5 * cStride + LANES));
      x6 = x6.add(FloatVector.fromArray(F, c, cAt + 6 * cStride));
      y6 = y6.add(FloatVector.fromArray(F, c, cAt + 6 * cStride + LANES));
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
  }

  /** Two vectors of columns × 4 rows. */
  private static void tile2x4(
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
    FloatVector y0 = zero;
    FloatVector x1 = zero;
    FloatVector y1 = zero;
    FloatVector x2 = zero;
    FloatVector y2 = zero;
    FloatVector x3 = zero;
    FloatVector y3 = zero;
    for (int i = 0; i < count; i++) {
      int p = at + terms[from + i];
      FloatVector u = FloatVector.fromArray(F, b, bAt + i * WIDTH);
      FloatVector v = FloatVector.fromArray(F, b, bAt + i * WIDTH + LANES);
      FloatVector t = FloatVector.broadcast(F, a[p]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, a[p + 1]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, a[p + 2]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, a[p + 3]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
    }
    if (add) {
      x0 = x0.add(FloatVector.fromArray(F, c, cAt));
      y0 = y0.add(FloatVector.fromArray(F, c, cAt + LANES));
      x1 = x1.add(FloatVector.fromArray(F, c, cAt + cStride));
      y1 = y1.add(FloatVector.fromArray(F, c, cAt + cStride + LANES));
      x2 = x2.add(FloatVector.fromArray(F, c, cAt + 2 * cStride));
      y2 = y2.add(FloatVector.fromArray(F, c, cAt + 2 * cStride + LANES));
      x3 = x3.add(FloatVector.fromArray(F, c, cAt + 3 * cStride));
      y3 = y3.add(FloatVector.fromArray(F, c, cAt + 3 * cStride + LANES));
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
}
