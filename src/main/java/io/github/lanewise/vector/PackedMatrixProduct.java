package io.github.lanewise.vector;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.MatrixProblem;
import io.github.lanewise.internal.Operands;

/**
 * A matrix product in the manner of Goto and van de Geijn (Anatomy of high-performance matrix
 * multiplication, 2008): A is packed once, in strips of {@link #PackedRows.STRIP} rows whose
 * elements for one k are neighbours; a task takes some blocks of columns, packs their {@link
 * #DEPTH} terms of B, and runs tiles over all strips of A against each block, which stays in the
 * first cache meanwhile.
 */
final class PackedMatrixProduct implements Implementation<MatrixProblem> {
  /** Terms of a block of B: a block fills two thirds of the first cache. */
  private static final int DEPTH = 256;

  /** Strips that all blocks of columns of a task are multiplied with before the next ones. */
  private static final int STRIPS = 2;

  /** Most blocks of columns of a task: their terms fill half of the second cache. */
  private static final int MOST_BLOCKS = 16;

  /** Most rows of a task: its strips, for as many terms, stay in the second cache. */
  private static final int MOST_ROWS = 512;

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
    PackedRows packed = new PackedRows(problem);
    return new Kernel[] {packed, new Multiply(problem, packed)};
  }

  /** A task takes some blocks of columns and some strips of rows through all terms. */
  private static final class Multiply implements Kernel {
    private final MatrixProblem p;
    private final PackedRows packed;
    private final MatrixColumns matrix;
    private final ColumnBlocks columns;

    /** Blocks and strips of a task, and how many tasks that makes along columns and rows. */
    private final int blocks;

    private final int strips;
    private final int groups;
    private final int parts;
    private final int[] terms;

    Multiply(MatrixProblem p, PackedRows packed) {
      this.p = p;
      this.packed = packed;
      matrix = new MatrixColumns(p);
      columns = matrix.columns();
      int most = MOST_ROWS / PackedRows.STRIP;
      int least = (packed.strips + most - 1) / most;
      // at least 8 tasks where there is so much to share out
      int share = Math.clamp((long) columns.blocks() * least / 8, 1, MOST_BLOCKS);
      // and a multiple of 4, so that no thread has much more than another
      int shares = ((columns.blocks() + share - 1) / share + 3) / 4 * 4;
      blocks = (columns.blocks() + shares - 1) / shares;
      groups = (columns.blocks() + blocks - 1) / blocks;
      int wanted = Math.max(least, Math.min((8 + groups - 1) / groups, packed.strips / 2));
      strips = (packed.strips + wanted - 1) / wanted;
      parts = (packed.strips + strips - 1) / strips;
      terms = new int[Math.min(DEPTH, p.k())];
      for (int i = 0; i < terms.length; i++) {
        terms[i] = i * PackedRows.STRIP;
      }
    }

    @Override
    public int tasks() {
      return p.multiplyAdds() < 1 << 17 ? 1 : groups * parts;
    }

    @Override
    public long sharedScratch() {
      return packed.sharedScratch();
    }

    /**
     * A task's part of the result that tiles do not write to the result itself: for each block of
     * columns a strip of rows, since the last strip may have too few, and for the last block, which
     * may be narrow, all strips.
     */
    @Override
    public long taskScratch() {
      return Transpose.SCRATCH
          + (long) terms.length * WideTile.WIDTH * blocks
          + (long) MatrixColumns.STRIP * (blocks + strips);
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int end = tasks() == 1 ? groups * parts : task + 1;
      for (int t = task; t < end; t++) {
        int strip = t % parts * strips;
        int block = t / parts * blocks;
        part(
            block,
            Math.min(block + blocks, columns.blocks()),
            strip,
            Math.min(strip + strips, packed.strips),
            a,
            scratch,
            shared,
            own);
      }
    }

    private void part(
        int firstBlock,
        int endBlock,
        int firstStrip,
        int endStrip,
        Operands a,
        float[] scratch,
        int shared,
        int own) {
      int b = own + Transpose.SCRATCH;
      int depthSize = terms.length * WideTile.WIDTH;
      int c = b + depthSize * blocks;
      for (int k = 0; k < p.k(); k += terms.length) {
        int depth = Math.min(terms.length, p.k() - k);
        matrix.pack(a, k, depth, firstBlock, endBlock, scratch, b, depthSize, own);
        for (int s = firstStrip; s < endStrip; s += STRIPS) {
          int end = Math.min(s + STRIPS, endStrip);
          for (int block = firstBlock; block < endBlock; block++) {
            int bAt = b + (block - firstBlock) * depthSize;
            for (int strip = s; strip < end; strip++) {
              matrix.multiply(
                  a,
                  strip * PackedRows.STRIP,
                  packed.rows(strip),
                  block,
                  terms,
                  depth,
                  scratch,
                  shared + (strip * p.k() + k) * PackedRows.STRIP,
                  bAt,
                  c
                      + (block < columns.blocks() - 1
                              ? block - firstBlock
                              : blocks + strip - firstStrip)
                          * MatrixColumns.STRIP,
                  k == 0,
                  k + depth == p.k());
            }
          }
        }
      }
    }
  }
}
