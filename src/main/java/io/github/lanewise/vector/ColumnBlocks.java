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
    return Math.max(WideTile.slack(rows), NarrowTile.slack(rows));
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
    for (int row = 0; row < rows; row++) {
      int at = fromAt + row * stride + first(firstBlock);
      int end = at + (whole - firstBlock) * WideTile.WIDTH;
      int line = toAt + row * WideTile.WIDTH;
      for (; at < end; at += WideTile.WIDTH) {
        FloatVector.fromArray(F, from, at).intoArray(to, line);
        FloatVector.fromArray(F, from, at + LANES).intoArray(to, line + LANES);
        line += blockSize;
      }
    }
    if (whole < endBlock) { // the last one, with fewer columns
      int last = toAt + (whole - firstBlock) * blockSize;
      packLast(from, fromAt + first(whole), stride, rows, count(whole), width(whole), to, last);
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
      boolean add) {
    if (wide(block)) {
      WideTile.run(a, at, rows, terms, from, count, b, bAt, c, cAt, WideTile.WIDTH, add);
    } else {
      NarrowTile.run(a, at, rows, terms, from, count, b, bAt, c, cAt, add);
    }
  }
}
