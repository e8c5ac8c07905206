package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.I;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PoolingAxis.Sliding;
import io.github.lanewise.internal.PoolingProblem;
import jdk.incubator.vector.IntVector;

/**
 * The windows of a pooling as the vector kernels go through them: row by row, neighbouring windows
 * in lanes. Windows before {@code first} have padding to the left, those from {@code end} on to the
 * right; a vector with one of them has to put something in the padding's place, for it loads what
 * lies before or behind the row.
 *
 * <p>The last vector of a row ends where the row ends, and computes some windows again. So only
 * rows shorter than a vector are stored with a mask, and only few vectors reach beyond the arrays:
 * {@link #go} leaves their windows to the scalar twin.
 */
final class SlidingRows {
  /** Larger windows are rare, and the scalar twin does them justice. */
  private static final int MAX_TAPS = 4096;

  /** 0, 1, 2, … */
  static final IntVector IOTA = IntVector.broadcast(I, 0).addIndex(1);

  final int first;
  final int end;
  final int stride;
  final int padding;

  /** Columns of the input. */
  final int width;

  final int inPlane;
  final int outPlane;

  /** Windows a row, those with padding too. */
  final int perRow;

  private final int perColumn;

  /** Kernel positions in row-major order, as distances from the window's start in the plane. */
  final int[] taps;

  /** The same within a row. */
  final int[] tapColumns;

  /** The multiples of the stride. */
  final int[] gather;

  /**
   * How far each window's first position inside the row is from the window's start; from window
   * {@code first} on that is 0, and the table ends a vector later.
   */
  final int[] skipped;

  /**
   * For windows that do not overlap, in strides up to 3: in which lane of a vector the window of
   * each position is, first for the first windows of a row from position 0 on, then for others.
   */
  final int[] owners;

  /**
   * What an average divides by, in a row's direction: windows up to a vector behind {@code first},
   * then the last ones. Those between are all the same.
   */
  final float[] divisors;

  private final int divisorsLeftOut;

  /** What the divisors of a row are to be multiplied by where it has no padding. */
  private final float divisorFactor;

  /** The last vector without padding to the right; lanes beyond a short row do not matter. */
  private final int lastInside;

  private final int rowStride;
  private final int rowPadding;
  private final int height;

  /** Rows from a window's first to its last. */
  private final int rowExtent;

  private final Sliding rows;
  private final Sliding columns;

  /** Whether windows of 2, or 2 × 2, lie side by side, without padding. */
  final boolean isPairs;

  /** How many elements a vector's loads read, from its first window's start in a row on. */
  private final long reach;

  SlidingRows(PoolingProblem p) {
    rows = (Sliding) p.rows();
    columns = (Sliding) p.columns();
    first = columns.interiorFirst();
    end = columns.interiorEnd();
    stride = columns.stride();
    padding = columns.padding();
    width = columns.size();
    int divisorOverride = p.divisorOverride();
    inPlane = p.inputPlane();
    outPlane = p.outputPlane();
    perRow = columns.windows();
    perColumn = rows.windows();
    taps = new int[rows.kernel() * columns.kernel()];
    tapColumns = new int[taps.length];
    for (int tap = 0; tap < taps.length; tap++) {
      int kh = tap / columns.kernel();
      int kw = tap % columns.kernel();
      tapColumns[tap] = kw * columns.dilation();
      taps[tap] = kh * rows.dilation() * width + tapColumns[tap];
    }
    gather = Strided.gather(stride);
    owners = new int[stride <= 3 ? 2 * stride * LANES : 0];
    for (int i = 0; i < owners.length; i++) {
      owners[i] = (i < owners.length / 2 ? i + padding : i) / stride % LANES;
    }
    int counted = Math.min(perRow, first + LANES + perRow - end);
    divisorsLeftOut = perRow - counted;
    divisors = new float[counted + LANES];
    for (int i = 0; i < counted; i++) {
      int x = i < first ? i : i + divisorsLeftOut;
      divisors[i] = divisorOverride == 0 ? columns.count(x) : divisorOverride;
    }
    divisorFactor = divisorOverride == 0 ? rows.kernel() : 1;
    lastInside = end < perRow ? end - LANES : perRow;
    rowStride = rows.stride();
    rowPadding = rows.padding();
    rowExtent = rows.extent();
    height = rows.size();
    skipped = new int[first + LANES];
    for (int x = 0; x < first; x++) {
      skipped[x] = columns.first(x) + padding - x * stride;
    }
    reach = Strided.reach(stride) + columns.extent() - 1;
    isPairs =
        isTiling(2)
            && rows.kernel() <= 2
            && first == 0
            && end == perRow
            && rows.interiorFirst() == 0
            && rows.interiorEnd() == perColumn;
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
    return startRow(row) * width - padding;
  }

  private int startRow(int row) {
    return row * rowStride - rowPadding;
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

  /** Where the vector begins that is due at {@code x}, of the windows {@code [from, to)}. */
  static int vector(int x, int from, int to) {
    return Math.max(from, Math.min(x, to - LANES));
  }

  /** Whether one of the windows from {@code x} on that are in a vector has padding. */
  boolean hasPadding(int x) {
    return x < first || x > lastInside;
  }

  /** The windows of a kernel. */
  interface Windows {
    /**
     * Computes the windows {@code [from, to)} of the rows {@code [row, rowEnd)} of each of the
     * planes {@code [plane, planeEnd)}, in vectors: as many as fill one, or whole rows.
     */
    void vectors(int plane, int planeEnd, int row, int rowEnd, int from, int to, Operands operands);

    /** Computes the windows {@code [from, to)} of a row, one by one. */
    void scalars(int plane, int row, int from, int to, Operands operands);
  }

  /**
   * Computes all windows of the planes {@code [plane, end)}, in vectors where possible.
   *
   * @param inAt where the array of inputs begins
   * @param inEnd its length
   * @param room how far the arrays of results, an element a window, reach from their beginnings
   */
  void go(int plane, int end, int inAt, int inEnd, int room, Operands a, Windows windows) {
    int from = plane;
    while (from < end && inAt + from * inPlane < padding) {
      careful(from++, inAt, inEnd, room, a, windows);
    }
    int to = end;
    while (to > from && !isInside(to - 1, inAt, inEnd, room)) {
      to--;
    }
    windows.vectors(from, to, 0, perColumn, 0, perRow, a);
    for (int p = to; p < end; p++) {
      careful(p, inAt, inEnd, room, a, windows);
    }
  }

  /** Whether no vector of a plane reaches behind an array. */
  private boolean isInside(int plane, int inAt, int inEnd, int room) {
    int lastRow = inAt + (plane + 1) * inPlane - width - padding;
    long lastVector = Math.max(0, perRow - LANES) * (long) stride;
    return lastRow + lastVector + reach <= inEnd && isRoomy(plane, perColumn - 1, room);
  }

  /** Whether the results of a row of windows, in whole vectors, stay inside the arrays. */
  private boolean isRoomy(int plane, int row, int room) {
    return (long) plane * outPlane + row * perRow + LANES <= room;
  }

  private void careful(int plane, int inAt, int inEnd, int room, Operands a, Windows windows) {
    for (int row = 0; row < perColumn; row++) {
      int in = inAt + plane * inPlane - padding;
      int before = in + rows.first(row) * width;
      int from = before >= 0 ? 0 : (-before + stride - 1) / stride;
      long rest = inEnd - (in + (rows.end(row) - 1L) * width) - reach;
      int to = rest < 0 ? 0 : (int) Math.min(perRow, rest / stride + LANES);
      boolean whole = from == 0 && to == perRow && isRoomy(plane, row, room);
      if (whole || to - from >= LANES) {
        windows.vectors(plane, plane + 1, row, row + 1, from, to, a);
      } else {
        from = perRow;
        to = perRow;
      }
      windows.scalars(plane, row, 0, from, a);
      windows.scalars(plane, row, to, perRow, a);
    }
  }

  /** Where in {@link #divisors} those of the windows from {@code x} on are. */
  int divisorsAt(int x) {
    return x <= first ? x : Math.max(first, x - divisorsLeftOut);
  }

  /** What the divisors of a row are to be multiplied by. */
  float divisorFactor(int row) {
    int start = startRow(row);
    boolean inside = start >= 0 && start + rowExtent <= height;
    return inside || divisorFactor == 1 ? divisorFactor : rows.count(row);
  }

  /** Where in the plane the first input row of a row of windows begins, without dilation. */
  int line(int row) {
    return Math.max(0, startRow(row)) * width;
  }

  /** Where in the plane the last input row of a row of windows ends. */
  int lineEnd(int row) {
    return Math.min(startRow(row) + rowExtent, height) * width;
  }

  /**
   * Where in {@link #owners} those of the windows from {@code x} on are, beginning at the row's
   * first position if there is padding before it.
   */
  int ownersAt(int x) {
    return x * stride < padding ? 0 : stride * LANES;
  }
}
