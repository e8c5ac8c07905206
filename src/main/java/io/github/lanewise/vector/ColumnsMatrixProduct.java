package io.github.lanewise.vector;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.MatrixProblem;
import io.github.lanewise.internal.Operands;

/**
 * A matrix product with few columns, such as the passes of a Linear layer to or from few features.
 * Each element of A is used for one block of columns or two: to pack A would take as long as the
 * arithmetic. So its rows are read as they lie, by {@link RowTile}, or where it is transposed by
 * {@link WideTile}, and only B is packed.
 */
final class ColumnsMatrixProduct implements Implementation<MatrixProblem> {
  /** With more columns, packing A pays. */
  private static final int MOST_COLUMNS = 64;

  /** With fewer rows, tiles of which some rows are beyond the last weigh too much. */
  private static final int LEAST_ROWS = 32;

  /** Terms of a block of B: in the second cache, from where it comes fast enough. */
  private static final int DEPTH = 512;

  /** Most rows of a task. */
  private static final int MOST_ROWS = 64;

  @Override
  public String name() {
    return "columns";
  }

  @Override
  public boolean accepts(MatrixProblem p) {
    ColumnBlocks columns = new ColumnBlocks(p.n());
    int floats = columns.blocks() * WideTile.WIDTH;
    return p.n() <= MOST_COLUMNS
        && p.m() >= LEAST_ROWS
        && columns.width(columns.blocks() - 1) == WideTile.WIDTH
        && 8 * (floats - p.n()) <= floats // few columns of a block do not exist
        && (!p.transposeA() || WideTile.slack((p.m() - 1) % rows(p) + 1) == 0);
  }

  @Override
  public Kernel[] kernels(MatrixProblem p) {
    Pack pack = new Pack(p);
    return new Kernel[] {pack, new Multiply(p, pack)};
  }

  /** Rows of a task: whole tiles, and 16 tasks or more where there is so much to share out. */
  private static int rows(MatrixProblem p) {
    int share = p.multiplyAdds() < 1 << 17 ? p.m() : (p.m() + 15) / 16;
    int height = p.transposeA() ? WideTile.HEIGHT : RowTile.HEIGHT;
    return Math.min((share + height - 1) / height, MOST_ROWS / height) * height;
  }

  /** op(B) as [part of DEPTH terms][block][term][column]. */
  private static final class Pack implements Kernel {
    private final MatrixProblem p;
    private final MatrixColumns columns;
    private final int blocks;

    Pack(MatrixProblem p) {
      this.p = p;
      columns = new MatrixColumns(p);
      blocks = columns.columns.blocks();
    }

    /** Index of a block's elements from the term k on, which begins a part. */
    int at(int block, int k) {
      int depth = Math.min(DEPTH, p.k() - k);
      return (k * blocks + block * depth) * WideTile.WIDTH;
    }

    @Override
    public int tasks() {
      return p.multiplyAdds() < 1 << 17 ? 1 : (p.k() + DEPTH - 1) / DEPTH;
    }

    @Override
    public long sharedScratch() {
      return (long) p.k() * blocks * WideTile.WIDTH;
    }

    @Override
    public long taskScratch() {
      return CacheLine.FLOATS;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int end = tasks() == 1 ? p.k() : Math.min(p.k(), (task + 1) * DEPTH);
      for (int k = task * DEPTH; k < end; k += DEPTH) {
        int depth = Math.min(DEPTH, p.k() - k);
        int size = depth * WideTile.WIDTH;
        columns.pack(a, k, depth, 0, blocks, scratch, shared + at(0, k), size, own);
      }
    }
  }

  /** A task takes some rows through all terms. */
  private static final class Multiply implements Kernel {
    private final MatrixProblem p;
    private final Pack packed;
    private final int rows;
    private final int parts;

    /** Where the terms of a transposed A begin. */
    private final int[] terms;

    Multiply(MatrixProblem p, Pack packed) {
      this.p = p;
      this.packed = packed;
      rows = rows(p);
      parts = (p.m() + rows - 1) / rows;
      terms = new int[p.transposeA() ? Math.min(DEPTH, p.k()) : 0];
      for (int i = 0; i < terms.length; i++) {
        terms[i] = i * p.m();
      }
    }

    @Override
    public int tasks() {
      return p.multiplyAdds() < 1 << 17 ? 1 : parts;
    }

    @Override
    public long sharedScratch() {
      return packed.sharedScratch();
    }

    @Override
    public long taskScratch() {
      return (long) packed.blocks * rows * WideTile.WIDTH;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int end = tasks() == 1 ? parts : task + 1;
      for (int part = task; part < end; part++) {
        int first = part * rows;
        int count = Math.min(rows, p.m() - first);
        if (a.bias != null) {
          fill(a, count, scratch, own);
        }
        for (int k = 0; k < p.k(); k += DEPTH) {
          for (int block = 0; block < packed.blocks; block++) {
            int b = shared + packed.at(block, k);
            int c = own + block * rows * WideTile.WIDTH;
            multiply(a, first, count, k, scratch, b, c, k > 0 || a.bias != null);
          }
        }
        for (int block = 0; block < packed.blocks; block++) {
          int c = own + block * rows * WideTile.WIDTH;
          packed.columns.deliver(a, first, count, block, scratch, c);
        }
      }
    }

    private void multiply(
        Operands a, int first, int count, int k, float[] scratch, int b, int c, boolean add) {
      int depth = Math.min(DEPTH, p.k() - k);
      if (p.transposeA()) {
        int at = a.inputAt + k * p.m() + first;
        int width = WideTile.WIDTH;
        WideTile.run(a.input, at, count, terms, 0, depth, scratch, b, scratch, c, width, add);
      } else {
        int at = a.inputAt + first * p.k() + k;
        RowTile.run(a.input, at, p.k(), count, depth, scratch, b, scratch, c, add);
      }
    }

    /** Fills each row with the bias. */
    private void fill(Operands a, int count, float[] scratch, int own) {
      for (int block = 0; block < packed.blocks; block++) {
        int n = packed.columns.columns.count(block);
        int from = a.biasAt + packed.columns.columns.first(block);
        for (int row = 0; row < count; row++) {
          int to = own + (block * rows + row) * WideTile.WIDTH;
          Row.copy(a.bias, from, n, scratch, to);
        }
      }
    }
  }
}
