package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of a kernel's extent that {@link SparseRows} and {@link SparseDots} take at a time.
 *
 * @param vectors how many vectors of (tap, channel) pairs: 10, 3 or 1 that are neighbours, or 9,
 *     three of each of three kernel rows
 * @param row the first kernel row
 * @param at the first pair in that row
 */
record SparseTile(int vectors, int row, int at) {
  /** Cuts kernel rows of so many vectors into tiles. */
  static SparseTile[] cut(int rows, int vectors) {
    List<SparseTile> tiles = new ArrayList<>();
    int row = 0;
    if (vectors % 3 == 0) {
      for (; row + 3 <= rows; row += 3) {
        for (int v = 0; v < vectors; v += 3) {
          tiles.add(new SparseTile(9, row, v * LANES));
        }
      }
    }
    for (; row < rows; row++) {
      for (int v = 0; v < vectors; ) {
        int left = vectors - v;
        int width = left >= 10 ? 10 : left >= 3 ? 3 : 1;
        tiles.add(new SparseTile(width, row, v * LANES));
        v += width;
      }
    }
    return tiles.toArray(SparseTile[]::new);
  }
}
