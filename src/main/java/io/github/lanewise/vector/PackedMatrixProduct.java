package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.MatrixProblem;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * A matrix product in the manner of Goto and van de Geijn (Anatomy of high-performance matrix
 * multiplication, 2008): A is packed once, by panels of rows whose elements for one k are
 * neighbours; a task takes blocks of columns, packs B's block of {@link #DEPTH} terms into the
 * first cache, and runs tiles over all rows of A against it.
 */
final class PackedMatrixProduct implements Implementation<MatrixProblem> {
  /** Terms of a block of B: with two vectors a term it fills most of the first cache. */
  private static final int DEPTH = 256;

  /**
   * Rows of a panel: a multiple of the tiles' heights, and no power of two, for the cache's sake.
   */
  private static final int PANEL = 56;

  @Override
  public String name() {
    return "packed";
  }

  @Override
  public boolean accepts(MatrixProblem problem) {
    return true;
  }

  @Override
  public Kernel[] kernels(MatrixProblem problem) {
    PackA packed = new PackA(problem);
    return new Kernel[] {packed, new Multiply(problem, packed)};
  }

  /** A as [panel][k][row in panel]. */
  private static final class PackA implements Kernel {
    private final MatrixProblem p;
    private final int panel;
    private final int panels;

    PackA(MatrixProblem p) {
      this.p = p;
      panel = Math.min(PANEL, p.m());
      panels = (p.m() + panel - 1) / panel;
    }

    int rows(int index) {
      return Math.min(panel, p.m() - index * panel);
    }

    @Override
    public int tasks() {
      return (long) p.m() * p.k() < 1 << 14 ? 1 : panels;
    }

    @Override
    public long sharedScratch() {
      return (long) panels * panel * p.k() + WideTile.SLACK;
    }

    @Override
    public long taskScratch() {
      return Transpose.SCRATCH;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int first = tasks() == 1 ? 0 : task;
      int end = tasks() == 1 ? panels : task + 1;
      for (int index = first; index < end; index++) {
        int to = shared + index * panel * p.k();
        int rows = rows(index);
        if (p.transposeA()) {
          for (int k = 0; k < p.k(); k++) {
            System.arraycopy(
                a.input, a.inputAt + k * p.m() + index * panel, scratch, to + k * panel, rows);
          }
        } else {
          Transpose.run(
              a.input,
              a.inputAt + index * panel * p.k(),
              p.k(),
              rows,
              p.k(),
              scratch,
              to,
              panel,
              null,
              0,
              scratch,
              own);
        }
      }
    }
  }

  /** A task takes some blocks of columns and some panels of rows through all terms. */
  private static final class Multiply implements Kernel {
    /** Most blocks of columns of a task: a panel of A serves all of them from the first cache. */
    private static final int MOST_BLOCKS = 4;

    /** Most panels of a task: its part of the result stays in the second cache. */
    private static final int MOST_PANELS = 8;

    private final MatrixProblem p;
    private final PackA packed;
    private final ColumnBlocks columns;
    private final int blocks;
    private final int panels;
    private final int tasks;
    private final int[] terms;

    Multiply(MatrixProblem p, PackA packed) {
      this.p = p;
      this.packed = packed;
      columns = new ColumnBlocks(p.n());
      panels = Math.min(MOST_PANELS, packed.panels);
      int parts = (packed.panels + panels - 1) / panels;
      // at least 8 tasks where there is so much to share out
      blocks = Math.clamp((long) columns.blocks() * parts / 8, 1, MOST_BLOCKS);
      tasks = (columns.blocks() + blocks - 1) / blocks * parts;
      terms = new int[Math.min(DEPTH, p.k())];
      for (int i = 0; i < terms.length; i++) {
        terms[i] = i * packed.panel;
      }
    }

    @Override
    public int tasks() {
      return p.multiplyAdds() < 1 << 17 ? 1 : tasks;
    }

    @Override
    public long sharedScratch() {
      return packed.sharedScratch();
    }

    /** Floats of the part of the result that one block of columns has in a task. */
    private int blockRows() {
      return panels * packed.panel + WideTile.SLACK;
    }

    @Override
    public long taskScratch() {
      return Transpose.SCRATCH + (DEPTH + (long) blockRows()) * blocks * WideTile.WIDTH;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int end = tasks() == 1 ? tasks : task + 1;
      int parts = (packed.panels + panels - 1) / panels;
      for (int t = task; t < end; t++) {
        int firstPanel = t % parts * panels;
        int firstBlock = t / parts * blocks;
        part(
            firstBlock,
            Math.min(firstBlock + blocks, columns.blocks()),
            firstPanel,
            Math.min(firstPanel + panels, packed.panels),
            a,
            scratch,
            shared,
            own);
      }
    }

    private void part(
        int firstBlock,
        int endBlock,
        int firstPanel,
        int endPanel,
        Operands a,
        float[] scratch,
        int shared,
        int own) {
      int b = own + Transpose.SCRATCH;
      int c = b + DEPTH * blocks * WideTile.WIDTH;
      int rowsBlock = blockRows() * WideTile.WIDTH;
      for (int k = 0; k < p.k(); k += DEPTH) {
        int depth = Math.min(DEPTH, p.k() - k);
        for (int block = firstBlock; block < endBlock; block++) {
          packB(
              a, k, depth, block, scratch, b + (block - firstBlock) * DEPTH * WideTile.WIDTH, own);
        }
        for (int panel = firstPanel; panel < endPanel; panel++) {
          int from = shared + panel * packed.panel * p.k() + k * packed.panel;
          for (int block = firstBlock; block < endBlock; block++) {
            int to =
                c
                    + (block - firstBlock) * rowsBlock
                    + (panel - firstPanel) * packed.panel * columns.width(block);
            columns.multiply(
                block,
                scratch,
                from,
                packed.rows(panel),
                terms,
                0,
                depth,
                scratch,
                b + (block - firstBlock) * DEPTH * WideTile.WIDTH,
                scratch,
                to,
                k > 0);
          }
        }
      }
      int row = firstPanel * packed.panel;
      int rows = Math.min(endPanel * packed.panel, p.m()) - row;
      for (int block = firstBlock; block < endBlock; block++) {
        deliver(a, row, rows, block, scratch, c + (block - firstBlock) * rowsBlock);
      }
    }

    private void packB(
        Operands a, int k, int depth, int block, float[] scratch, int to, int spare) {
      int width = columns.width(block);
      int count = columns.count(block);
      int column = columns.first(block);
      if (count < width) {
        Arrays.fill(scratch, to, to + depth * width, 0);
      }
      if (p.transposeB()) {
        Transpose.run(
            a.weight,
            a.weightAt + column * p.k() + k,
            p.k(),
            count,
            depth,
            scratch,
            to,
            width,
            null,
            0,
            scratch,
            spare);
      } else {
        for (int l = 0; l < depth; l++) {
          System.arraycopy(
              a.weight, a.weightAt + (k + l) * p.n() + column, scratch, to + l * width, count);
        }
      }
    }

    private void deliver(Operands a, int row, int rows, int block, float[] scratch, int c) {
      int width = columns.width(block);
      int count = columns.count(block);
      int column = columns.first(block);
      for (int r = 0; r < rows; r++) {
        int from = c + r * width;
        int to = a.outputAt + (row + r) * p.n() + column;
        for (int j = 0; j < count; j += LANES) {
          VectorMask<Float> mask = F.indexInRange(j, count);
          FloatVector x = FloatVector.fromArray(F, scratch, from + j);
          if (a.bias != null) {
            x = x.add(FloatVector.fromArray(F, a.bias, a.biasAt + column + j, mask));
          }
          x.intoArray(a.output, to + j, mask);
        }
      }
    }
  }
}
