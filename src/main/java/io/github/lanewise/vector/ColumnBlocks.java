package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Columns of a product (channels, mostly) cut into blocks for the tiles: wide ones, and at the end
 * a narrow one where one vector holds what is left. Whatever is packed for a block has the block's
 * width in each row; columns beyond the last are zero.
 */
record ColumnBlocks(int columns) {
  /** Rows of {@link #packEight}. */
  static final int EIGHT = 8;

  /** Strides of which eight rows begin at the same places of the first cache: 4 KB. */
  private static final int SAME_PLACE = 1024;

  /**
   * How many of the rows that are left to pack at a time, 8 or 1: memory answers rows that are read
   * side by side faster, unless they compete for the same places in the first cache.
   */
  static int together(int stride, int left) {
    return left >= EIGHT && stride % SAME_PLACE != 0 ? EIGHT : 1;
  }

  int blocks() {
    return (columns + WideTile.WIDTH - 1) / WideTile.WIDTH;
  }

  private boolean wide(int block) {
    return columns - block * WideTile.WIDTH > LANES;
  }

  /** Floats in a row of the block. */
  int width(int block) {
    return wide(block) ? WideTile.WIDTH : NarrowTile.WIDTH;
  }

  /** The block's first column. */
  int first(int block) {
    return block * WideTile.WIDTH;
  }

  /** The block's columns that exist. */
  int count(int block) {
    return Math.min(WideTile.WIDTH, columns - first(block));
  }

  /** Floats of all blocks with so many rows, one block after the other. */
  long floats(int rows) {
    return (long) rows * (first(blocks() - 1) + width(blocks() - 1));
  }

  /** Where a block begins among blocks of so many rows. */
  int at(int block, int rows) {
    return first(block) * rows;
  }

  /** The most rows that a product of so many rows computes beyond its end. */
  int slack(int rows) {
    boolean narrow = !wide(blocks() - 1);
    return Math.max(WideTile.slack(rows), narrow ? NarrowTile.slack(rows) : 0);
  }

  /**
   * Packs rows of a matrix for some blocks. It goes row by row through all of them, since the next
   * row may lie in another page.
   *
   * @param stride elements from a row of {@code from} to the next
   * @param blockSize floats from a block of {@code to} to the next
   */
  void pack(
      float[] from,
      int fromAt,
      int stride,
      int rows,
      int firstBlock,
      int endBlock,
      float[] to,
      int toAt,
      int blockSize) {
    int whole = Math.min(endBlock, columns / WideTile.WIDTH);
    int n = whole - firstBlock;
    int begin = fromAt + first(firstBlock);
    for (int row = 0; row < rows; row++) {
      int line = toAt + row * WideTile.WIDTH;
      packOne(from, begin + row * stride, n, to, line, blockSize);
    }
    if (whole < endBlock) { // the last one, with fewer columns
      int last = toAt + (whole - firstBlock) * blockSize;
      packLast(from, fromAt + first(whole), stride, rows, count(whole), width(whole), to, last);
    }
  }

  /** One row for so many whole blocks. */
  static void packOne(float[] from, int fromAt, int blocks, float[] to, int toAt, int blockSize) {
    for (int block = 0; block < blocks; block++) {
      int at = fromAt + block * WideTile.WIDTH;
      int line = toAt + block * blockSize;
      FloatVector.fromArray(F, from, at).intoArray(to, line);
      FloatVector.fromArray(F, from, at + LANES).intoArray(to, line + LANES);
    }
  }

  /** Eight rows for so many whole blocks. */
  static void packEight(
      float[] from, int fromAt, int stride, int blocks, float[] to, int toAt, int blockSize) {
    for (int block = 0; block < blocks; block++) {
      int at = fromAt + block * WideTile.WIDTH;
      int line = toAt + block * blockSize;
      FloatVector.fromArray(F, from, at).intoArray(to, line);
      FloatVector.fromArray(F, from, at + LANES).intoArray(to, line + LANES);
      FloatVector.fromArray(F, from, at + stride).intoArray(to, line + 2 * LANES);
      FloatVector.fromArray(F, from, at + stride + LANES).intoArray(to, line + 3 * LANES);
      FloatVector.fromArray(F, from, at + 2 * stride).intoArray(to, line + 4 * LANES);
      FloatVector.fromArray(F, from, at + 2 * stride + LANES).intoArray(to, line + 5 * LANES);
      FloatVector.fromArray(F, from, at + 3 * stride).intoArray(to, line + 6 * LANES);
      FloatVector.fromArray(F, from, at + 3 * stride + LANES).intoArray(to, line + 7 * LANES);
      FloatVector.fromArray(F, from, at + 4 * stride).intoArray(to, line + 8 * LANES);
      FloatVector.fromArray(F, from, at + 4 * stride + LANES).intoArray(to, line + 9 * LANES);
      FloatVector.fromArray(F, from, at + 5 * stride).intoArray(to, line + 10 * LANES);
      FloatVector.fromArray(F, from, at + 5 * stride + LANES).intoArray(to, line + 11 * LANES);
      FloatVector.fromArray(F, from, at + 6 * stride).intoArray(to, line + 12 * LANES);
      FloatVector.fromArray(F, from, at + 6 * stride + LANES).intoArray(to, line + 13 * LANES);
      FloatVector.fromArray(F, from, at + 7 * stride).intoArray(to, line + 14 * LANES);
      FloatVector.fromArray(F, from, at + 7 * stride + LANES).intoArray(to, line + 15 * LANES);
    }
  }

  private static void packLast(
      float[] from, int fromAt, int stride, int rows, int count, int width, float[] to, int toAt) {
    VectorMask<Float> mask = F.indexInRange(0, count - (width - LANES));
    for (int row = 0; row < rows; row++) {
      int at = fromAt + row * stride;
      int line = toAt + row * width;
      if (at > from.length - width) { // a mask does not help beyond the array's end
        Row.copy(from, at, count, to, line);
        Arrays.fill(to, line + count, line + width, 0);
        continue;
      }
      if (width > LANES) {
        FloatVector.fromArray(F, from, at).intoArray(to, line);
      }
      FloatVector.fromArray(F, from, at + width - LANES, mask).intoArray(to, line + width - LANES);
    }
  }

  /** {@link WideTile#run}, or the narrow one, as the block is. */
  void multiply(
      int block,
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
    if (wide(block)) {
      WideTile.run(a, at, rows, terms, from, count, b, bAt, c, cAt, cStride, add);
    } else {
      NarrowTile.run(a, at, rows, terms, from, count, b, bAt, c, cAt, cStride, add);
    }
  }
}
