package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.MatrixProblem;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;

/**
 * {@code C = op(A) · Bᵀ} for few rows of A, as {@code Cᵀ = B · op(A)ᵀ}: what Linear's forward pass
 * is. B, the weights, is by far the largest of the three and would be used a few times only if it
 * were packed. So its rows are read as they lie, op(A)ᵀ is packed in blocks of columns, and Cᵀ is
 * transposed at the end.
 */
final class RowsMatrixProduct implements Implementation<MatrixProblem> {
  /** With more rows of A, packing B pays. */
  private static final int MOST_COLUMNS = 256;

  /** With fewer terms, transposing Cᵀ takes as long as packing B would. */
  private static final int LEAST_TERMS = 128;

  /** Terms of a block of op(A)ᵀ: in the second cache, from where it comes fast enough. */
  private static final int DEPTH = 512;

  /** Most rows of B that a task takes: for {@link #DEPTH} terms they stay in the second cache. */
  private static final int MOST_ROWS = 128;

  @Override
  public String name() {
    return "rows";
  }

  @Override
  public boolean accepts(MatrixProblem p) {
    return p.transposeB() && p.m() <= MOST_COLUMNS && p.k() >= LEAST_TERMS;
  }

  @Override
  public Kernel[] kernels(MatrixProblem p) {
    Pack pack = new Pack(p);
    return new Kernel[] {pack, new Multiply(p, pack)};
  }

  /**
   * Rows of A of which {@link DotTile} makes scalar products: those beyond the last whole block, if
   * they are so few that they would leave most of another block's columns empty.
   */
  private static int dots(MatrixProblem p) {
    int rest = p.m() % RowTile.WIDTH;
    // cycles for four rows of B: loads and sums of lanes, against a block that is whole or not
    boolean cheaper = rest * (3L * p.k() / LANES + 60) < 4L * p.k();
    return !p.transposeA() && cheaper ? rest : 0;
  }

  /** op(A)ᵀ as [block of columns][k][column], without the rows of {@link #dots}. */
  private static final class Pack implements Kernel {
    private final MatrixProblem p;
    private final int columns;
    private final int blocks;

    Pack(MatrixProblem p) {
      this.p = p;
      columns = p.m() - dots(p);
      blocks = (columns + RowTile.WIDTH - 1) / RowTile.WIDTH;
    }

    int count(int block) {
      return Math.min(RowTile.WIDTH, columns - block * RowTile.WIDTH);
    }

    @Override
    public int tasks() {
      return (long) p.m() * p.k() < 1 << 14 ? 1 : Math.max(1, blocks);
    }

    @Override
    public long sharedScratch() {
      return (long) blocks * p.k() * RowTile.WIDTH;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int end = tasks() == 1 ? blocks : task + 1;
      for (int block = task; block < end; block++) {
        int to = shared + block * p.k() * RowTile.WIDTH;
        int first = block * RowTile.WIDTH;
        int count = count(block);
        if (count < RowTile.WIDTH) {
          Arrays.fill(scratch, to, to + p.k() * RowTile.WIDTH, 0);
        }
        if (p.transposeA()) {
          for (int k = 0; k < p.k(); k++) {
            int from = a.inputAt + k * p.m() + first;
            Row.copy(a.input, from, count, scratch, to + k * RowTile.WIDTH);
          }
        } else {
          Transpose.run(
              a.input,
              a.inputAt + first * p.k(),
              p.k(),
              count,
              p.k(),
              scratch,
              to,
              RowTile.WIDTH,
              null,
              0);
        }
      }
    }
  }

  /** A task takes some rows of B, which are columns of C, through all terms. */
  private static final class Multiply implements Kernel {
    private final MatrixProblem p;
    private final Pack packed;

    /** Rows of a task. */
    private final int rows;

    private final int parts;

    Multiply(MatrixProblem p, Pack packed) {
      this.p = p;
      this.packed = packed;
      // at least 8 tasks where there is so much to share out
      int share = p.multiplyAdds() < 1 << 17 ? p.n() : (p.n() + 7) / 8;
      int tiles = (Math.min(share, MOST_ROWS) + RowTile.HEIGHT - 1) / RowTile.HEIGHT;
      rows = tiles * RowTile.HEIGHT;
      parts = (p.n() + rows - 1) / rows;
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
      return DotTile.SCRATCH + (long) packed.blocks * rows * RowTile.WIDTH;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int end = tasks() == 1 ? parts : task + 1;
      for (int part = task; part < end; part++) {
        int first = part * rows;
        int count = Math.min(rows, p.n() - first);
        blocks(first, count, a, scratch, shared, own);
        DotTile.run(
            a.weight,
            a.weightAt + first * p.k(),
            p.k(),
            count,
            p.k(),
            a.input,
            a.inputAt + packed.columns * p.k(),
            p.m() - packed.columns,
            a.bias,
            a.biasAt + first,
            a.output,
            a.outputAt + packed.columns * p.n() + first,
            p.n(),
            scratch,
            own);
      }
    }

    private void blocks(int first, int count, Operands a, float[] scratch, int shared, int own) {
      int size = rows * RowTile.WIDTH;
      int c = own + DotTile.SCRATCH;
      if (a.bias != null) {
        for (int block = 0; block < packed.blocks; block++) {
          fill(scratch, c + block * size, count, a.bias, a.biasAt + first);
        }
      }
      for (int k = 0; k < p.k(); k += DEPTH) {
        int depth = Math.min(DEPTH, p.k() - k);
        for (int block = 0; block < packed.blocks; block++) {
          RowTile.run(
              a.weight,
              a.weightAt + first * p.k() + k,
              p.k(),
              count,
              depth,
              scratch,
              shared + (block * p.k() + k) * RowTile.WIDTH,
              scratch,
              c + block * size,
              k > 0 || a.bias != null);
        }
      }
      for (int block = 0; block < packed.blocks; block++) {
        Transpose.run(
            scratch,
            c + block * size,
            RowTile.WIDTH,
            count,
            packed.count(block),
            a.output,
            a.outputAt + block * RowTile.WIDTH * p.n() + first,
            p.n(),
            null,
            0);
      }
    }

    /** Fills each row of a block with its bias. */
    private static void fill(float[] c, int at, int rows, float[] bias, int biasAt) {
      for (int row = 0; row < rows; row++) {
        int from = at + row * RowTile.WIDTH;
        Arrays.fill(c, from, from + RowTile.WIDTH, bias[biasAt + row]);
      }
    }
  }
}
