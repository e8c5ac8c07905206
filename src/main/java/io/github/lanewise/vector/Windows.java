package io.github.lanewise.vector;

import io.github.lanewise.internal.ConvolutionProblem;

/**
 * The parts of an image that are packed and computed one at a time: some rows of positions, or
 * parts of rows. Those at the end are smaller.
 *
 * @param allRows rows of positions in an image
 * @param allColumns positions in a row
 * @param rows rows of a window
 * @param columns positions in a row of a window
 */
record Windows(int allRows, int allColumns, int rows, int columns) {
  /** Columns of a part of a row, at least, and a divisor of them: whole vectors of any width. */
  private static final int LEAST_COLUMNS = 256;

  /** One window with the positions of the forward pass, or of the gradient's largest phase. */
  static Windows whole(ConvolutionProblem p, boolean backward) {
    int rows = p.outHeight();
    int columns = p.outWidth();
    if (backward) {
      rows = (p.inHeight() + p.strideHeight() - 1) / p.strideHeight();
      columns = (p.inWidth() + p.strideWidth() - 1) / p.strideWidth();
    }
    return new Windows(rows, columns, rows, columns);
  }

  /**
   * About so many windows, but none that is smaller than what the taps of one position reach, which
   * is packed for each window anew: rows, and where there are too few, parts of rows.
   */
  Windows cut(long pieces, int reachRows, int reachColumns) {
    int high = Math.clamp(up(allRows, pieces), Math.min(reachRows, allRows), allRows);
    int bands = (int) up(allRows, high);
    int least = Math.max(LEAST_COLUMNS, reachColumns);
    long wide = up(up(allColumns, up(pieces, bands)), LEAST_COLUMNS) * LEAST_COLUMNS;
    int columns = Math.clamp(wide, Math.min(least, allColumns), allColumns);
    return new Windows(allRows, allColumns, (int) up(allRows, bands), columns);
  }

  private static long up(long all, long by) {
    return (all + by - 1) / by;
  }

  /** Windows side by side. */
  private int across() {
    return (int) up(allColumns, columns);
  }

  /** Windows of an image. */
  int count() {
    return (int) up(allRows, rows) * across();
  }

  /** The first row of a window. */
  int row(int window) {
    return window / across() * rows;
  }

  /** The first column of a window. */
  int column(int window) {
    return window % across() * columns;
  }

  /** Whether windows are narrower than the image. */
  boolean cutsRows() {
    return columns < allColumns;
  }
}
