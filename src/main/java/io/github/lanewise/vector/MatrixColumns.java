package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.MatrixProblem;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The columns of a matrix product: how they are packed for the tiles, and brought to the result.
 */
record MatrixColumns(MatrixProblem p, ColumnBlocks columns) {
  /** Floats of a strip of rows of one block of the result. */
  static final int STRIP = (PackedRows.STRIP + WideTile.SLACK) * WideTile.WIDTH;

  MatrixColumns(MatrixProblem p) {
    this(p, new ColumnBlocks(p.n()));
  }

  /**
   * Packs some terms of some blocks of columns.
   *
   * @param size floats from a block to the next
   * @param spare where there is room for {@link Transpose#SCRATCH} floats
   */
  void pack(
      Operands a,
      int k,
      int depth,
      int firstBlock,
      int endBlock,
      float[] scratch,
      int to,
      int size,
      int spare) {
    if (!p.transposeB()) {
      int from = a.weightAt + k * p.n();
      columns.pack(a.weight, from, p.n(), depth, firstBlock, endBlock, scratch, to, size);
      return;
    }
    for (int block = firstBlock; block < endBlock; block++) {
      int width = columns.width(block);
      int count = columns.count(block);
      int at = to + (block - firstBlock) * size;
      if (count < width) {
        Arrays.fill(scratch, at, at + depth * width, 0);
      }
      int from = a.weightAt + columns.first(block) * p.k() + k;
      scratch[spare] = touch(a.weight, from, p.k(), count, depth);
      Transpose.run(
          a.weight, from, p.k(), count, depth, scratch, at, width, null, 0, scratch, spare);
    }
  }

  /**
   * Reads a float of each cache line, and nothing more: so many more lines are on their way from
   * memory at a time than while the transposition uses them.
   */
  private static float touch(float[] x, int at, int stride, int rows, int columns) {
    int bits = 0;
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c += 16) {
        bits ^= Float.floatToRawIntBits(x[at + r * stride + c]);
      }
    }
    return bits;
  }

  /**
   * Some terms of a strip of rows times one block of columns. The tiles write to the result itself
   * where that is as wide as they are; otherwise to {@code scratch}, of which the last terms bring
   * it to the result.
   *
   * @param row the first row
   * @param left index of the strip's elements for these terms in {@code scratch}
   * @param right index of the block's elements
   * @param own where there is room for {@link #STRIP} floats, which hold the strip's sums between
   *     terms
   * @param first whether these are the first terms of the sum
   * @param last whether they are the last
   */
  void multiply(
      Operands a,
      int row,
      int rows,
      int block,
      int[] terms,
      int depth,
      float[] scratch,
      int left,
      int right,
      int own,
      boolean first,
      boolean last) {
    if (columns.count(block) == WideTile.WIDTH && WideTile.slack(rows) == 0) {
      int to = a.outputAt + row * p.n() + columns.first(block);
      if (first && a.bias != null) {
        for (int r = 0; r < rows; r++) {
          int from = a.biasAt + columns.first(block);
          System.arraycopy(a.bias, from, a.output, to + r * p.n(), WideTile.WIDTH);
        }
      }
      boolean add = !first || a.bias != null;
      WideTile.run(scratch, left, rows, terms, 0, depth, scratch, right, a.output, to, p.n(), add);
      return;
    }
    columns.multiply(
        block, scratch, left, rows, terms, 0, depth, scratch, right, scratch, own, !first);
    if (last) {
      deliver(a, row, rows, block, scratch, own);
    }
  }

  /** Brings some rows of a block to the result, and adds the bias. */
  private void deliver(Operands a, int row, int rows, int block, float[] scratch, int c) {
    int width = columns.width(block);
    int count = columns.count(block);
    int column = columns.first(block);
    for (int r = 0; r < rows; r++) {
      int from = c + r * width;
      int to = a.outputAt + (row + r) * p.n() + column;
      int j = 0;
      for (; j <= count - LANES; j += LANES) {
        FloatVector x = FloatVector.fromArray(F, scratch, from + j);
        if (a.bias != null) {
          x = x.add(FloatVector.fromArray(F, a.bias, a.biasAt + column + j));
        }
        x.intoArray(a.output, to + j);
      }
      for (; j < count; j++) {
        float bias = a.bias == null ? -0f : a.bias[a.biasAt + column + j];
        a.output[to + j] = scratch[from + j] + bias;
      }
    }
  }
}
