package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import jdk.incubator.vector.FloatVector;

/**
 * The left side of a matrix product as {@code [strip][k][row in strip]}, so that the elements that
 * a tile needs for one k are neighbours. A bias is one term more: of each row, times one, or one
 * times that of each column.
 */
final class PackedRows implements Kernel {
  static final int STRIP = WideTile.STRIP;

  /** Strips of a task, so that it reads several cache lines of a row at a time. */
  private static final int TOGETHER = 4;

  final int m;
  final int k;

  /** How many strips there are. */
  final int strips;

  private final boolean transposed;
  private final boolean weight;

  /**
   * Plans the packing of m rows of k terms.
   *
   * @param transposed whether they are stored the other way round, k rows of m
   * @param weight whether they are the operands' weight, each row with a bias, or else their input
   */
  PackedRows(int m, int k, boolean transposed, boolean weight) {
    this.m = m;
    this.k = k;
    this.transposed = transposed;
    this.weight = weight;
    strips = (m + STRIP - 1) / STRIP;
  }

  /** Index of a strip's elements from the term k on. */
  int at(int strip, int k) {
    return (strip * (this.k + 1) + k) * STRIP;
  }

  /** Rows of a strip: fewer in the last. */
  int rows(int strip) {
    return Math.min(STRIP, m - strip * STRIP);
  }

  @Override
  public int tasks() {
    return (long) m * k < 1 << 14 ? 1 : (strips + TOGETHER - 1) / TOGETHER;
  }

  @Override
  public long sharedScratch() {
    return CacheLine.up((long) strips * STRIP * (k + 1) + WideTile.SLACK);
  }

  @Override
  public void run(int task, Operands a, float[] scratch, int shared, int own) {
    if (a.packedWeights != null) {
      return;
    }
    int first = task * TOGETHER;
    int end = tasks() == 1 ? strips : Math.min(first + TOGETHER, strips);
    float[] from = weight ? a.weight : a.input;
    int at = weight ? a.weightAt : a.inputAt;
    for (int strip = first; a.bias != null && strip < end; strip++) {
      packBias(a, strip, scratch, shared + at(strip, k));
    }
    if (transposed) {
      int done = copyWhole(from, at + first * STRIP, first, end, scratch, shared);
      for (int i = done; i < k; i++) {
        for (int strip = first; strip < end; strip++) {
          int to = shared + at(strip, i);
          Row.copy(from, at + i * m + strip * STRIP, rows(strip), scratch, to);
        }
      }
      return;
    }
    for (int strip = first; strip < end; strip++) {
      int to = shared + at(strip, 0);
      int begin = at + strip * STRIP * k;
      Transpose.run(from, begin, k, rows(strip), k, scratch, to, STRIP, null, 0);
    }
  }

  /**
   * Copies most terms, eight at a time as {@link ColumnBlocks#together} says, if all strips are
   * whole.
   */
  private int copyWhole(float[] from, int at, int first, int end, float[] scratch, int shared) {
    int i = 0;
    if (rows(end - 1) < STRIP) {
      return i;
    }
    for (; ColumnBlocks.together(m, k - i) > 1; i += 8) {
      for (int strip = first; strip < end; strip++) {
        int begin = at + i * m + (strip - first) * STRIP;
        copyEight(from, begin, m, scratch, shared + at(strip, i));
      }
    }
    return i;
  }

  private static void copyEight(float[] from, int at, int stride, float[] to, int toAt) {
    for (int j = 0; j < STRIP; j += LANES) {
      int i = Math.min(j, STRIP - LANES); // some for the second time
      int p = at + i;
      int q = toAt + i;
      FloatVector.fromArray(F, from, p).intoArray(to, q);
      FloatVector.fromArray(F, from, p + stride).intoArray(to, q + STRIP);
      FloatVector.fromArray(F, from, p + 2 * stride).intoArray(to, q + 2 * STRIP);
      FloatVector.fromArray(F, from, p + 3 * stride).intoArray(to, q + 3 * STRIP);
      FloatVector.fromArray(F, from, p + 4 * stride).intoArray(to, q + 4 * STRIP);
      FloatVector.fromArray(F, from, p + 5 * stride).intoArray(to, q + 5 * STRIP);
      FloatVector.fromArray(F, from, p + 6 * stride).intoArray(to, q + 6 * STRIP);
      FloatVector.fromArray(F, from, p + 7 * stride).intoArray(to, q + 7 * STRIP);
    }
  }

  private void packBias(Operands a, int strip, float[] scratch, int to) {
    for (int row = 0; row < rows(strip); row++) {
      scratch[to + row] = weight ? a.bias[a.biasAt + strip * STRIP + row] : 1;
    }
  }
}
