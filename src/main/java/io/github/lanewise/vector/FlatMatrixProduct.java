package io.github.lanewise.vector;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.MatrixProblem;
import io.github.lanewise.internal.Operands;

/**
 * A matrix product of few terms, such as Linear's weight gradient. Both sides are packed once; a
 * task takes two strips of rows at a time through the blocks of columns, so that the tiles write
 * the result as it lies.
 */
final class FlatMatrixProduct implements Implementation<MatrixProblem> {
  /** With more terms a block of columns does not leave room for strips in the first cache. */
  private static final int MOST_TERMS = 256;

  /** Strips of rows that a block of columns is multiplied with before the next one. */
  private static final int STRIPS = 2;

  /** Most floats of the blocks of columns of a task: they stay in the second cache. */
  private static final int CACHED = 1 << 17;

  @Override
  public String name() {
    return "flat";
  }

  @Override
  public boolean accepts(MatrixProblem p) {
    return p.k() <= MOST_TERMS;
  }

  @Override
  public Kernel[] kernels(MatrixProblem p) {
    PackedRows rows = new PackedRows(p);
    PackedColumns columns = new PackedColumns(p, rows);
    return new Kernel[] {rows, columns, new Multiply(p, rows, columns)};
  }

  /** op(B) as [block][k][column in block]. */
  private static final class PackedColumns implements Kernel {
    /** Blocks of a task: a cache line of each is beside the next one's. */
    private static final int BLOCKS = 4;

    private final MatrixProblem p;
    private final MatrixColumns matrix;
    private final int blocks;
    private final int size;
    private final long before;

    PackedColumns(MatrixProblem p, PackedRows rows) {
      this.p = p;
      matrix = new MatrixColumns(p);
      blocks = matrix.columns().blocks();
      size = p.k() * WideTile.WIDTH;
      before = rows.sharedScratch();
    }

    int at(int block) {
      return (int) before + block * size;
    }

    @Override
    public int tasks() {
      return (blocks + BLOCKS - 1) / BLOCKS;
    }

    @Override
    public long sharedScratch() {
      return before + (long) blocks * size;
    }

    @Override
    public long taskScratch() {
      return Transpose.SCRATCH;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int first = task * BLOCKS;
      int end = Math.min(first + BLOCKS, blocks);
      matrix.pack(a, 0, p.k(), first, end, scratch, shared + at(first), size, own);
    }
  }

  /** A task takes some strips of rows and some blocks of columns. */
  private static final class Multiply implements Kernel {
    private final MatrixProblem p;
    private final PackedRows packed;
    private final PackedColumns columns;

    /** Blocks of a task, and how many tasks that makes along columns and rows. */
    private final int blocks;

    private final int groups;
    private final int parts;
    private final int[] terms;

    Multiply(MatrixProblem p, PackedRows packed, PackedColumns columns) {
      this.p = p;
      this.packed = packed;
      this.columns = columns;
      int most = Math.max(1, CACHED / columns.size);
      groups = (columns.blocks + most - 1) / most;
      blocks = (columns.blocks + groups - 1) / groups;
      int wanted = Math.clamp(packed.strips / STRIPS, 1, Math.max(1, 16 / groups));
      int share = (packed.strips + wanted - 1) / wanted;
      parts = (packed.strips + share - 1) / share;
      terms = new int[p.k()];
      for (int i = 0; i < terms.length; i++) {
        terms[i] = i * PackedRows.STRIP;
      }
    }

    @Override
    public int tasks() {
      return groups * parts;
    }

    @Override
    public long sharedScratch() {
      return columns.sharedScratch();
    }

    @Override
    public long taskScratch() {
      return MatrixColumns.STRIP;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int part = task % parts;
      int end = (int) ((long) packed.strips * (part + 1) / parts);
      for (int s = (int) ((long) packed.strips * part / parts); s < end; s += STRIPS) {
        strips(s, Math.min(s + STRIPS, end), task / parts * blocks, a, scratch, shared, own);
      }
    }

    private void strips(
        int first, int end, int block, Operands a, float[] scratch, int shared, int own) {
      int last = Math.min(block + blocks, columns.blocks);
      for (int b = block; b < last; b++) {
        for (int strip = first; strip < end; strip++) {
          columns.matrix.multiply(
              a,
              strip * PackedRows.STRIP,
              packed.rows(strip),
              b,
              terms,
              terms.length,
              scratch,
              shared + strip * PackedRows.STRIP * p.k(),
              shared + columns.at(b),
              own,
              true,
              true);
        }
      }
    }
  }
}
