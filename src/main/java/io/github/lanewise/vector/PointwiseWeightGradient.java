package io.github.lanewise.vector;

import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;

/**
 * The weight gradient of a convolution with one tap, as the product of two matrices whose rows are
 * planes: input channels times output channels, summed over positions. The side with fewer channels
 * is packed, in blocks of two vectors; the other's rows are read as they lie.
 *
 * <p>The terms are cut into chunks, parts of an image's plane. Each task has sums of its own over
 * some of the chunks, and a last step adds them in order.
 */
final class PointwiseWeightGradient implements Implementation<ConvolutionProblem> {
  /** Most positions of a chunk: a block of the packed side is small beside the second cache. */
  private static final int POSITIONS = 1600;

  /** Chunks that are wanted of few images, and the fewest positions that they are cut to. */
  private static final int CHUNKS = 4;

  private static final int LEAST_POSITIONS = 512;

  /** Fewer multiply-adds are not worth several tasks. */
  private static final int ONE_TASK = 1 << 20;

  /** With smaller planes, sums are loaded and stored too often. */
  private static final int LEAST_PLANE = 256;

  /** The most sums of a task. */
  private static final int FEW_SUMS = 1 << 16;

  private static final int TASKS = 16;

  @Override
  public String name() {
    return "matrix-product";
  }

  @Override
  public boolean accepts(ConvolutionProblem p) {
    if (!PointwiseConvolution.isProduct(p) || p.outHeight() * p.outWidth() < LEAST_PLANE) {
      return false;
    }
    Sides sides = new Sides(p);
    return (sides.chunks() > 1 || p.multiplyAdds() < ONE_TASK) && sides.sums() <= FEW_SUMS;
  }

  @Override
  public Kernel[] kernels(ConvolutionProblem problem) {
    Sides sides = new Sides(problem);
    return new Kernel[] {new Multiply(sides), new Deliver(sides)};
  }

  /** Which side is packed, and how the terms are cut. */
  private static final class Sides {
    final ConvolutionProblem p;
    final int plane;

    /** Whether the output gradient is the packed side. */
    final boolean gradient;

    /** Channels of the packed side and of the other. */
    final int columns;

    final int rows;
    final int blocks;

    /** Chunks of an image: as few as are small enough, or as many as make tasks for threads. */
    final int pieces;

    /** Tasks that share out the chunks. */
    final int parts;

    Sides(ConvolutionProblem p) {
      this.p = p;
      plane = p.outHeight() * p.outWidth();
      gradient = p.outChannels() <= p.inChannels();
      columns = Math.min(p.outChannels(), p.inChannels());
      rows = Math.max(p.outChannels(), p.inChannels());
      blocks = (columns + RowTile.WIDTH - 1) / RowTile.WIDTH;
      int wanted = Math.clamp(plane / LEAST_POSITIONS, 1, Math.max(1, CHUNKS / p.batch()));
      pieces = Math.max(wanted, (plane + POSITIONS - 1) / POSITIONS);
      parts = p.multiplyAdds() < 1 << 17 ? 1 : Math.min(TASKS, chunks());
    }

    int chunks() {
      return p.batch() * pieces;
    }

    /** Rows of the sums, with room for those that a tile computes beyond the last. */
    int sumRows() {
      return (rows + RowTile.HEIGHT - 1) / RowTile.HEIGHT * RowTile.HEIGHT;
    }

    /** Floats of a task's sums. */
    long sums() {
      return (long) blocks * sumRows() * RowTile.WIDTH;
    }

    /** Channels of a block of the packed side. */
    int count(int block) {
      return Math.min(RowTile.WIDTH, columns - block * RowTile.WIDTH);
    }
  }

  private record Multiply(Sides sides) implements Kernel {
    @Override
    public int tasks() {
      return sides.parts;
    }

    @Override
    public long sharedScratch() {
      return sides.parts * sides.sums();
    }

    @Override
    public long taskScratch() {
      return (long) sides.blocks * POSITIONS * RowTile.WIDTH;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int first = sides.chunks() * task / sides.parts;
      int end = sides.chunks() * (task + 1) / sides.parts;
      int sums = shared + task * (int) sides.sums();
      for (int chunk = first; chunk < end; chunk++) {
        int image = chunk / sides.pieces;
        int piece = chunk % sides.pieces;
        int position = sides.plane * piece / sides.pieces;
        int positions = sides.plane * (piece + 1) / sides.pieces - position;
        int input = a.inputAt + image * sides.p.inputImage() + position;
        int gradient = a.gradOutputAt + image * sides.p.outputImage() + position;
        float[] packed = sides.gradient ? a.gradOutput : a.input;
        float[] rows = sides.gradient ? a.input : a.gradOutput;
        pack(packed, sides.gradient ? gradient : input, positions, scratch, own);
        multiply(
            rows, sides.gradient ? input : gradient, positions, scratch, own, sums, chunk > first);
      }
    }

    private void pack(float[] from, int at, int positions, float[] scratch, int own) {
      for (int block = 0; block < sides.blocks; block++) {
        int to = own + block * positions * RowTile.WIDTH;
        int count = sides.count(block);
        if (count < RowTile.WIDTH) {
          Arrays.fill(scratch, to, to + positions * RowTile.WIDTH, 0);
        }
        int first = at + block * RowTile.WIDTH * sides.plane;
        Transpose.run(
            from, first, sides.plane, count, positions, scratch, to, RowTile.WIDTH, null, 0);
      }
    }

    /** Takes the rows of a tile, which stay in the first cache, through all blocks. */
    private void multiply(
        float[] rows, int at, int positions, float[] scratch, int own, int sums, boolean add) {
      for (int row = 0; row < sides.rows; row += RowTile.HEIGHT) {
        for (int block = 0; block < sides.blocks; block++) {
          RowTile.run(
              rows,
              at + row * sides.plane,
              sides.plane,
              Math.min(RowTile.HEIGHT, sides.rows - row),
              positions,
              scratch,
              own + block * positions * RowTile.WIDTH,
              scratch,
              sums + (block * sides.sumRows() + row) * RowTile.WIDTH,
              add);
        }
      }
    }
  }

  /** Adds the tasks' sums in order, and brings them to the result. */
  private record Deliver(Sides sides) implements Kernel {
    @Override
    public int tasks() {
      return sides.sums() < 1 << 14 ? 1 : sides.blocks;
    }

    @Override
    public long sharedScratch() {
      return sides.parts * sides.sums();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int end = tasks() == 1 ? sides.blocks : task + 1;
      for (int block = task; block < end; block++) {
        int size = sides.sumRows() * RowTile.WIDTH;
        int from = shared + block * size;
        for (int part = 1; part < sides.parts; part++) {
          Row.add(scratch, from + part * (int) sides.sums(), size, scratch, from);
        }
        int first = block * RowTile.WIDTH;
        if (sides.gradient) {
          Transpose.run(
              scratch,
              from,
              RowTile.WIDTH,
              sides.rows,
              sides.count(block),
              a.gradWeight,
              a.gradWeightAt + first * sides.rows,
              sides.rows,
              null,
              0);
        } else {
          for (int row = 0; row < sides.rows; row++) {
            int to = a.gradWeightAt + row * sides.columns + first;
            Row.copy(scratch, from + row * RowTile.WIDTH, sides.count(block), a.gradWeight, to);
          }
        }
      }
    }
  }
}
