package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.PoolingAxis.Sliding;
import io.github.lanewise.internal.PoolingProblem;

/**
 * The windows of a pooling as the vector kernels go through them: row by row, and in each row only
 * those from {@code first} to {@code end}, which have no padding to the left or right.
 */
final class SlidingRows {
  /** Larger windows are rare, and the scalar twin does them justice. */
  private static final int MAX_TAPS = 4096;

  final int first;
  final int end;
  final int stride;

  /** Windows a row, those with padding too. */
  final int perRow;

  private final int perColumn;

  /** Kernel positions in row-major order, as distances from the window's start in the plane. */
  final int[] taps;

  /** The multiples of the stride. */
  final int[] gather;

  private final Sliding rows;
  private final Sliding columns;
  private final long reach;

  /** Where a row's last vector begins. */
  private final int last;

  SlidingRows(PoolingProblem p) {
    rows = (Sliding) p.rows();
    columns = (Sliding) p.columns();
    first = columns.interiorFirst();
    end = columns.interiorEnd();
    stride = columns.stride();
    perRow = columns.windows();
    perColumn = rows.windows();
    taps = new int[rows.kernel() * columns.kernel()];
    for (int tap = 0; tap < taps.length; tap++) {
      int kh = tap / columns.kernel();
      int kw = tap % columns.kernel();
      taps[tap] = kh * rows.dilation() * columns.size() + kw * columns.dilation();
    }
    gather = Strided.gather(stride);
    last = first + (end - first - 1) / LANES * LANES;
    reach = last * (long) stride + Strided.reach(stride);
  }

  static boolean accepts(PoolingProblem p) {
    return p.rows() instanceof Sliding rows
        && p.columns() instanceof Sliding columns
        && columns.interiorFirst() < columns.interiorEnd()
        && (long) rows.kernel() * columns.kernel() <= MAX_TAPS;
  }

  /**
   * Whether windows of this width lie side by side in a row: their inputs can be loaded at once.
   */
  boolean isTiling(int width) {
    return stride == width && columns.kernel() == width && columns.dilation() == 1;
  }

  /** Where in the plane the first window of an output row would begin: before it, with padding. */
  int start(int row) {
    return startRow(row) * columns.size() - columns.padding();
  }

  private int startRow(int row) {
    return row * rows.stride() - rows.padding();
  }

  /** The first kernel position of an output row that lies inside the plane. */
  int firstTap(int row) {
    int start = startRow(row);
    return start >= 0 ? 0 : (rows.first(row) - start) / rows.dilation() * columns.kernel();
  }

  /** One past the last kernel position of an output row that lies inside the plane. */
  int endTap(int row) {
    int inside = rows.size() - startRow(row);
    return inside >= rows.extent()
        ? taps.length
        : ((inside - 1) / rows.dilation() + 1) * columns.kernel();
  }

  /**
   * How many rows of results whole vectors can be stored to without reaching beyond the array; all
   * but a few of the last plane.
   *
   * @param room how far the array reaches from the plane's first result
   */
  int rowsStored(int room) {
    int spare = room - last - LANES;
    return spare < 0 ? 0 : Math.min(perColumn, spare / perRow + 1);
  }

  /**
   * How many rows of windows whole vectors can be loaded for without reaching beyond the array; all
   * but a few of the last plane. The vectors may read what lies behind a row, in lanes that are not
   * stored.
   *
   * @param plane where in the array the plane begins
   */
  int rowsInside(float[] array, int plane) {
    if (plane + rows.size() * columns.size() + reach <= array.length) {
      return perColumn;
    }
    int row = 0;
    while (row < perColumn && plane + start(row) + taps[endTap(row) - 1] + reach <= array.length) {
      row++;
    }
    return row;
  }
}
