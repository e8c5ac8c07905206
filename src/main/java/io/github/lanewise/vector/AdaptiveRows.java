package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.PoolingAxis.Adaptive;
import io.github.lanewise.internal.PoolingProblem;

/** What the kernels of adaptive pooling share: rows of the input, taken in vectors. */
final class AdaptiveRows {
  private AdaptiveRows() {}

  /** Whether planes are to be pooled to planes that are not larger. */
  static boolean accepts(PoolingProblem p) {
    return p.rows() instanceof Adaptive rows
        && p.columns() instanceof Adaptive columns
        && rows.windows() <= rows.size()
        && columns.windows() <= columns.size();
  }

  /** Where a vector of a row begins: the first one overlaps the second. */
  static int start(int v, int n) {
    return v == 0 ? 0 : Tail.start(n) + (v - 1) * LANES;
  }
}
