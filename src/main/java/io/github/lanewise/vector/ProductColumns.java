package io.github.lanewise.vector;

import io.github.lanewise.internal.Operands;

/**
 * The right side and the result of a {@link PackedProduct}, by blocks of columns: how they are
 * packed for the tiles, and where these write.
 */
abstract class ProductColumns {
  /** Floats of a strip of rows of one block of the result. */
  static final int STRIP = PackedRows.STRIP * WideTile.WIDTH;

  final ColumnBlocks columns;

  ProductColumns(int columns) {
    this.columns = new ColumnBlocks(columns);
  }

  /**
   * Packs some terms of some blocks of columns.
   *
   * @param size floats from a block to the next
   * @param spare where a float may be written
   */
  abstract void pack(
      Operands a,
      int k,
      int depth,
      int firstBlock,
      int endBlock,
      float[] scratch,
      int to,
      int size,
      int spare);

  /**
   * Into how many tasks to share out the blocks so that each packs its part of the right side in
   * the order of memory, perhaps to more than the second cache holds; 0 if that does not pay.
   */
  int tasksInOrder(int k) {
    return 0;
  }

  /** Whether the block's columns are as many as a tile has, and neighbours in the result. */
  abstract boolean direct(int block);

  abstract float[] result(Operands a);

  /** Index of the result of a row and the first column of a block. */
  abstract int at(Operands a, int row, int block);

  /** Elements from a row of the result to the next. */
  abstract int stride();

  /** The bias of a column, or 1 where each row has one. */
  abstract float bias(Operands a, int column);

  /** Brings some rows of a block from scratch to the result. */
  abstract void deliver(Operands a, int row, int rows, int block, float[] scratch, int from);

  /** Packs the bias as the term that comes after {@code depth} others. */
  final void packBias(
      Operands a, int depth, int firstBlock, int endBlock, float[] scratch, int to, int size) {
    for (int block = firstBlock; block < endBlock; block++) {
      int at = to + (block - firstBlock) * size + depth * columns.width(block);
      for (int j = 0; j < columns.width(block); j++) {
        scratch[at + j] = j < columns.count(block) ? bias(a, columns.first(block) + j) : 0;
      }
    }
  }

  /**
   * Some terms of a strip of rows times one block of columns. The tiles write to the result itself
   * where that is as wide as they are; otherwise to scratch, from which the last terms bring it to
   * the result.
   *
   * @param row the first row
   * @param leftSide where the strip is packed
   * @param left index of the strip's elements for these terms
   * @param right index of the block's elements
   * @param own where there is room for {@link #STRIP} floats and the tiles' slack, which hold the
   *     strip's sums between terms
   * @param first whether these are the first terms of the sum
   * @param last whether they are the last
   */
  final void multiply(
      Operands a,
      int row,
      int rows,
      int block,
      int[] terms,
      int depth,
      float[] leftSide,
      int left,
      float[] scratch,
      int right,
      int own,
      boolean first,
      boolean last) {
    if (direct(block) && WideTile.slack(rows) == 0) {
      WideTile.run(
          leftSide,
          left,
          rows,
          terms,
          0,
          depth,
          scratch,
          right,
          result(a),
          at(a, row, block),
          stride(),
          !first);
      return;
    }
    columns.multiply(
        block,
        leftSide,
        left,
        rows,
        terms,
        0,
        depth,
        scratch,
        right,
        scratch,
        own,
        columns.width(block),
        !first);
    if (last) {
      deliver(a, row, rows, block, scratch, own);
    }
  }
}
