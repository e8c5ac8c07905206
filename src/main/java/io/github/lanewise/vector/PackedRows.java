package io.github.lanewise.vector;

import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.MatrixProblem;
import io.github.lanewise.internal.Operands;

/**
 * The left side of a matrix product as {@code [strip][k][row in strip]}, so that the elements that
 * a tile needs for one k are neighbours.
 */
final class PackedRows implements Kernel {
  /** Rows of a strip: a multiple of the tiles' heights, and a cache line a term. */
  static final int STRIP = 16;

  /** Strips of a task, so that it reads several cache lines of a row at a time. */
  private static final int TOGETHER = 4;

  private final MatrixProblem p;

  /** How many strips there are. */
  final int strips;

  PackedRows(MatrixProblem p) {
    this.p = p;
    strips = (p.m() + STRIP - 1) / STRIP;
  }

  /** Rows of a strip: fewer in the last. */
  int rows(int strip) {
    return Math.min(STRIP, p.m() - strip * STRIP);
  }

  @Override
  public int tasks() {
    return (long) p.m() * p.k() < 1 << 14 ? 1 : (strips + TOGETHER - 1) / TOGETHER;
  }

  @Override
  public long sharedScratch() {
    return (long) strips * STRIP * p.k() + WideTile.SLACK;
  }

  @Override
  public long taskScratch() {
    return Transpose.SCRATCH;
  }

  @Override
  public void run(int task, Operands a, float[] scratch, int shared, int own) {
    int first = task * TOGETHER;
    int end = tasks() == 1 ? strips : Math.min(first + TOGETHER, strips);
    if (p.transposeA()) {
      for (int k = 0; k < p.k(); k++) {
        int row = a.inputAt + k * p.m();
        for (int strip = first; strip < end; strip++) {
          int to = shared + (strip * p.k() + k) * STRIP;
          Row.copy(a.input, row + strip * STRIP, rows(strip), scratch, to);
        }
      }
      return;
    }
    for (int strip = first; strip < end; strip++) {
      Transpose.run(
          a.input,
          a.inputAt + strip * STRIP * p.k(),
          p.k(),
          rows(strip),
          p.k(),
          scratch,
          shared + strip * STRIP * p.k(),
          STRIP,
          null,
          0,
          scratch,
          own);
    }
  }
}
