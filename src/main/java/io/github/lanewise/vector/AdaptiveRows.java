package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.PoolingAxis.Adaptive;
import io.github.lanewise.internal.PoolingProblem;

/** How the kernels of adaptive pooling go through rows. */
final class AdaptiveRows {
  /** Columns of a band: what is kept of them stays in the first cache. */
  private static final int BAND = 1024;

  private AdaptiveRows() {}

  /** Whether planes are pooled to planes that are not larger. */
  static boolean accepts(PoolingProblem p) {
    return p.rows() instanceof Adaptive rows
        && p.columns() instanceof Adaptive columns
        && rows.windows() <= rows.size()
        && columns.windows() <= columns.size();
  }

  /**
   * How many output rows are taken together: first the columns of all, then their windows, for a
   * vector that is loaded right after it was stored in two pieces waits for both.
   */
  static int band(Adaptive rows, Adaptive columns) {
    return Math.clamp(BAND / columns.size(), 1, rows.windows());
  }

  /** Where a vector of a row of n elements begins: the first one overlaps the second. */
  static int start(int vector, int n) {
    return vector == 0 ? 0 : Tail.start(n) + (vector - 1) * LANES;
  }

  /** Whether the vectors of a row of the input, of which a short one has but one, lie inside. */
  static boolean isInside(int row, Adaptive columns, float[] input) {
    return columns.size() >= LANES || row <= input.length - LANES;
  }
}
