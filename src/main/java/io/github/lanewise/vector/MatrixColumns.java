package io.github.lanewise.vector;

import io.github.lanewise.internal.MatrixProblem;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;

/** The columns of a {@link MatrixProblem}, each with a bias. */
final class MatrixColumns extends ProductColumns {
  private final MatrixProblem p;

  MatrixColumns(MatrixProblem p) {
    super(p.n());
    this.p = p;
  }

  @Override
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
      Transpose.run(a.weight, from, p.k(), count, depth, scratch, at, width, null, 0);
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

  @Override
  boolean direct(int block) {
    return columns.count(block) == WideTile.WIDTH;
  }

  @Override
  float[] result(Operands a) {
    return a.output;
  }

  @Override
  int at(Operands a, int row, int block) {
    return a.outputAt + row * p.n() + columns.first(block);
  }

  @Override
  int stride() {
    return p.n();
  }

  @Override
  float bias(Operands a, int column) {
    return a.bias[a.biasAt + column];
  }

  @Override
  void deliver(Operands a, int row, int rows, int block, float[] scratch, int from) {
    int width = columns.width(block);
    int count = columns.count(block);
    int column = columns.first(block);
    for (int r = 0; r < rows; r++) {
      int line = from + r * width;
      int to = a.outputAt + (row + r) * p.n() + column;
      Row.copy(scratch, line, count, a.output, to);
    }
  }
}
