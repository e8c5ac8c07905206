package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Scalar products of rows, with the terms in lanes: for the columns of a product that fill no block
 * of {@link RowTile}. A tile is four rows by two columns, bounded by its loads.
 *
 * <pre>c[j][q] = Σ(i) a[at + q · stride + i] · b[bAt + j · stride + i] + bias[q]</pre>
 */
final class DotTile {
  /** Floats of scratch memory. */
  static final int SCRATCH = 8 * LANES;

  private DotTile() {}

  /**
   * Computes all products of some rows with some columns.
   *
   * @param a the rows
   * @param at index of the first row's first element
   * @param stride elements from a row to the next, and from a column to the next
   * @param rows how many rows
   * @param count elements of a row
   * @param b the columns
   * @param bAt index of the first column's first element
   * @param columns how many columns
   * @param bias one value for each row, or {@code null}
   * @param biasAt index of the first row's value
   * @param c the result
   * @param cAt index of the first element
   * @param cStride elements from a column's results to the next column's
   * @param scratch where {@link #SCRATCH} floats are free from {@code own} on
   */
  static void run(
      float[] a,
      int at,
      int stride,
      int rows,
      int count,
      float[] b,
      int bAt,
      int columns,
      float[] bias,
      int biasAt,
      float[] c,
      int cAt,
      int cStride,
      float[] scratch,
      int own) {
    int whole = count - count % LANES;
    for (int q = 0; q < rows; q += 4) {
      int height = Math.min(4, rows - q);
      for (int j = 0; j < columns; j += 2) {
        int width = Math.min(2, columns - j);
        int p = at + q * stride;
        int r = bAt + j * stride;
        tile(a, p, stride, height - 1, whole, b, r, r + (width - 1) * stride, scratch, own);
        for (int k = 0; k < width; k++) {
          for (int h = 0; h < height; h++) {
            float sum = LaneSum.of(scratch, own + (4 * k + h) * LANES);
            for (int i = whole; i < count; i++) {
              sum = Math.fma(a[p + h * stride + i], b[r + k * stride + i], sum);
            }
            float add = bias == null ? -0f : bias[biasAt + q + h];
            c[cAt + (j + k) * cStride + q + h] = sum + add;
          }
        }
      }
    }
  }

  /** Leaves the lanes of the sums [column][row]; what lies beyond the last row is the last one. */
  private static void tile(
      float[] a,
      int at,
      int stride,
      int last,
      int count,
      float[] b,
      int b0,
      int b1,
      float[] c,
      int cAt) {
    int p0 = at;
    int p1 = at + Math.min(1, last) * stride;
    int p2 = at + Math.min(2, last) * stride;
    int p3 = at + last * stride;
    FloatVector zero = FloatVector.zero(F);
    FloatVector x0 = zero;
    FloatVector x1 = zero;
    FloatVector x2 = zero;
    FloatVector x3 = zero;
    FloatVector y0 = zero;
    FloatVector y1 = zero;
    FloatVector y2 = zero;
    FloatVector y3 = zero;
    for (int i = 0; i < count; i += LANES) {
      FloatVector u = FloatVector.fromArray(F, b, b0 + i);
      FloatVector v = FloatVector.fromArray(F, b, b1 + i);
      FloatVector t = FloatVector.fromArray(F, a, p0 + i);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.fromArray(F, a, p1 + i);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.fromArray(F, a, p2 + i);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.fromArray(F, a, p3 + i);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
    }
    x0.intoArray(c, cAt);
    x1.intoArray(c, cAt + LANES);
    x2.intoArray(c, cAt + 2 * LANES);
    x3.intoArray(c, cAt + 3 * LANES);
    y0.intoArray(c, cAt + 4 * LANES);
    y1.intoArray(c, cAt + 5 * LANES);
    y2.intoArray(c, cAt + 6 * LANES);
    y3.intoArray(c, cAt + 7 * LANES);
  }
}
