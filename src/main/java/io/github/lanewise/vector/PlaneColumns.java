package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The positions of all images as the columns of a product, for a convolution with one tap: image by
 * image, each with its whole plane. The terms are the source's channels; the rows are the result's,
 * each with a bias.
 */
final class PlaneColumns extends ProductColumns {
  /** A plane of so many positions, 4 KB, is read alone faster than beside seven others. */
  private static final int LONG = 1024;

  /** Most floats of an image that is packed as a whole: in the third cache. */
  private static final int MOST = 1 << 20;

  /** With fewer images there are too few tasks. */
  private static final int LEAST_TASKS = 8;

  /** With fewer terms more is written than read. */
  private static final int FEW_TERMS = 32;

  private final boolean backward;
  private final int batch;
  private final int plane;
  private final int sourceChannels;
  private final int resultChannels;

  PlaneColumns(ConvolutionProblem p, boolean backward) {
    super(p.batch() * p.outHeight() * p.outWidth());
    this.backward = backward;
    batch = p.batch();
    plane = p.outHeight() * p.outWidth();
    sourceChannels = backward ? p.outChannels() : p.inChannels();
    resultChannels = backward ? p.inChannels() : p.outChannels();
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
    float[] source = backward ? a.gradOutput : a.input;
    int begin = backward ? a.gradOutputAt : a.inputAt;
    int end = Math.min(endBlock * WideTile.WIDTH, columns.columns());
    int lastBlock = columns.blocks() - 1;
    if (endBlock > lastBlock && columns.count(lastBlock) < columns.width(lastBlock)) {
      int at = to + (lastBlock - firstBlock) * size;
      Arrays.fill(scratch, at, at + depth * columns.width(lastBlock), 0);
    }
    int together = plane < LONG ? ColumnBlocks.EIGHT : depth;
    for (int first = 0; first < depth; first += together) {
      int last = Math.min(first + together, depth);
      int image = firstBlock * WideTile.WIDTH / plane;
      int position = firstBlock * WideTile.WIDTH - image * plane;
      for (int column = firstBlock * WideTile.WIDTH; column < end; ) {
        int n = Math.min(plane - position, end - column);
        for (int i = first; i < last; ) {
          int rows = n >= LONG && n == plane ? 1 : ColumnBlocks.together(plane, last - i);
          int from = begin + (image * sourceChannels + k + i) * plane + position;
          packRun(source, from, n, column, i, rows, firstBlock, scratch, to, size);
          i += rows;
        }
        column += n;
        image++;
        position = 0;
      }
    }
  }

  /** Copies neighbouring positions of one channel, or of eight, to the blocks they belong to. */
  private void packRun(
      float[] source,
      int from,
      int n,
      int column,
      int row,
      int rows,
      int firstBlock,
      float[] scratch,
      int to,
      int size) {
    int block = column / WideTile.WIDTH;
    int lane = column - block * WideTile.WIDTH;
    for (int done = 0; done < n; ) {
      int at = to + (block - firstBlock) * size;
      int whole = lane == 0 ? (n - done) / WideTile.WIDTH : 0;
      if (whole > 0) {
        int line = at + row * WideTile.WIDTH;
        if (rows > 1) {
          ColumnBlocks.packEight(source, from + done, plane, whole, scratch, line, size);
        } else {
          ColumnBlocks.packOne(source, from + done, whole, scratch, line, size);
        }
        done += whole * WideTile.WIDTH;
        block += whole;
        continue;
      }
      int count = Math.min(WideTile.WIDTH - lane, n - done);
      int width = columns.width(block);
      for (int r = 0; r < rows; r++) {
        int line = at + (row + r) * width + lane;
        Row.copy(source, from + r * plane + done, count, scratch, line);
      }
      done += count;
      block++;
      lane = 0;
    }
  }

  @Override
  int tasksInOrder(int k) {
    long image = (long) k * plane;
    if (plane < LONG || k < FEW_TERMS || image > MOST || batch < LEAST_TASKS) {
      return 0;
    }
    int images = Math.clamp(PackedProduct.CACHED / image, 1, batch / LEAST_TASKS);
    return (batch + images - 1) / images;
  }

  @Override
  boolean direct(int block) {
    return columns.count(block) == WideTile.WIDTH
        && columns.first(block) % plane + WideTile.WIDTH <= plane;
  }

  @Override
  float[] result(Operands a) {
    return backward ? a.gradInput : a.output;
  }

  @Override
  int at(Operands a, int row, int block) {
    int image = columns.first(block) / plane;
    int position = columns.first(block) - image * plane;
    int at = backward ? a.gradInputAt : a.outputAt;
    return at + (image * resultChannels + row) * plane + position;
  }

  @Override
  int stride() {
    return plane;
  }

  @Override
  float bias(Operands a, int column) {
    return 1;
  }

  @Override
  void deliver(Operands a, int row, int rows, int block, float[] scratch, int from) {
    float[] result = result(a);
    int at = at(a, row, block);
    int n = Math.min(plane - columns.first(block) % plane, columns.count(block));
    int width = columns.width(block);
    for (int done = 0; done < columns.count(block); ) {
      for (int j = 0; j < n; j += LANES) {
        int x = Math.max(0, Math.min(j, n - LANES)); // the last vector overlaps the one before
        bring(scratch, from + done + x, width, rows, result, at + x, n);
      }
      done += n;
      at += ((resultChannels - 1) * plane) + n;
      n = Math.min(plane, columns.count(block) - done);
    }
  }

  /** Brings the first lanes of vectors that lie below one another to rows of the result. */
  private void bring(
      float[] scratch, int from, int width, int rows, float[] result, int to, int lanes) {
    if (lanes >= LANES) {
      for (int r = 0; r < rows; r++) {
        FloatVector.fromArray(F, scratch, from + r * width).intoArray(result, to + r * plane);
      }
      return;
    }
    VectorMask<Float> mask = F.indexInRange(0, lanes);
    int inside = result.length - LANES - to;
    int whole = inside < 0 ? 0 : Math.min(inside / plane + 1, rows);
    for (int r = 0; r < whole; r++) {
      FloatVector.fromArray(F, scratch, from + r * width).intoArray(result, to + r * plane, mask);
    }
    for (int r = whole; r < rows; r++) {
      Row.copy(scratch, from + r * width, lanes, result, to + r * plane);
    }
  }
}
