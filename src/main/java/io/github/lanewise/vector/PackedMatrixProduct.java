package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.MatrixProblem;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * A matrix product in the manner of Goto and van de Geijn (Anatomy of high-performance matrix
 * multiplication, 2008): A is packed once, in strips of {@link #STRIP} rows whose elements for one
 * k are neighbours; a task takes some blocks of columns, packs their {@link #DEPTH} terms of B, and
 * runs tiles over all strips of A against each block, which stays in the first cache meanwhile.
 */
final class PackedMatrixProduct implements Implementation<MatrixProblem> {
  /** Terms of a block of B: with two vectors a term it fills half of the first cache. */
  private static final int DEPTH = 256;

  /** Rows of a strip: a multiple of the tiles' heights, and a cache line a term. */
  private static final int STRIP = 16;

  /** Most blocks of columns of a task. */
  private static final int MOST_BLOCKS = 4;

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
    PackA packed = new PackA(problem);
    return new Kernel[] {packed, new Multiply(problem, packed)};
  }

  /** A as [strip][k][row in strip]. */
  private static final class PackA implements Kernel {
    private final MatrixProblem p;
    private final int strips;

    PackA(MatrixProblem p) {
      this.p = p;
      strips = (p.m() + STRIP - 1) / STRIP;
    }

    int rows(int strip) {
      return Math.min(STRIP, p.m() - strip * STRIP);
    }

    @Override
    public int tasks() {
      return (long) p.m() * p.k() < 1 << 14 ? 1 : strips;
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
      int end = tasks() == 1 ? strips : task + 1;
      for (int strip = task; strip < end; strip++) {
        int to = shared + strip * STRIP * p.k();
        int rows = rows(strip);
        if (p.transposeA()) {
          int from = a.inputAt + strip * STRIP;
          for (int k = 0; k < p.k(); k++) {
            Row.copy(a.input, from + k * p.m(), rows, scratch, to + k * STRIP);
          }
        } else {
          Transpose.run(
              a.input,
              a.inputAt + strip * STRIP * p.k(),
              p.k(),
              rows,
              p.k(),
              scratch,
              to,
              STRIP,
              null,
              0,
              scratch,
              own);
        }
      }
    }
  }

  /** A task takes some blocks of columns and some strips of rows through all terms. */
  private static final class Multiply implements Kernel {
    private final MatrixProblem p;
    private final PackA packed;
    private final ColumnBlocks columns;

    /** Blocks and strips of a task, and how many tasks that makes along columns and rows. */
    private final int blocks;

    private final int strips;
    private final int groups;
    private final int parts;
    private final int[] terms;

    Multiply(MatrixProblem p, PackA packed) {
      this.p = p;
      this.packed = packed;
      columns = new ColumnBlocks(p.n());
      int most = MOST_ROWS / STRIP;
      int least = (packed.strips + most - 1) / most;
      // at least 8 tasks where there is so much to share out
      blocks = Math.clamp((long) columns.blocks() * least / 8, 1, MOST_BLOCKS);
      groups = (columns.blocks() + blocks - 1) / blocks;
      int wanted = Math.max(least, Math.min((8 + groups - 1) / groups, packed.strips / 2));
      strips = (packed.strips + wanted - 1) / wanted;
      parts = (packed.strips + strips - 1) / strips;
      terms = new int[Math.min(DEPTH, p.k())];
      for (int i = 0; i < terms.length; i++) {
        terms[i] = i * STRIP;
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

    /** Floats of the part of the result that one block of columns has in a task. */
    private int blockSize() {
      return (strips * STRIP + WideTile.SLACK) * WideTile.WIDTH;
    }

    @Override
    public long taskScratch() {
      return Transpose.SCRATCH + ((long) terms.length * WideTile.WIDTH + blockSize()) * blocks;
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
      int row = firstStrip * STRIP;
      int rows = Math.min(endStrip * STRIP, p.m()) - row;
      for (int k = 0; k < p.k(); k += terms.length) {
        int depth = Math.min(terms.length, p.k() - k);
        packB(a, k, depth, firstBlock, endBlock, scratch, b, own);
        for (int block = firstBlock; block < endBlock; block++) {
          int bAt = b + (block - firstBlock) * depthSize;
          int cAt = c + (block - firstBlock) * blockSize();
          int step = STRIP * columns.width(block);
          for (int strip = firstStrip; strip < endStrip; strip++) {
            columns.multiply(
                block,
                scratch,
                shared + (strip * p.k() + k) * STRIP,
                packed.rows(strip),
                terms,
                0,
                depth,
                scratch,
                bAt,
                scratch,
                cAt + (strip - firstStrip) * step,
                k > 0);
          }
          if (k + depth == p.k()) {
            deliver(a, row, rows, block, scratch, cAt);
          }
        }
      }
    }

    /** Packs some terms of some blocks of columns, block by block. */
    private void packB(
        Operands a,
        int k,
        int depth,
        int firstBlock,
        int endBlock,
        float[] scratch,
        int to,
        int spare) {
      int size = terms.length * WideTile.WIDTH;
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
}
