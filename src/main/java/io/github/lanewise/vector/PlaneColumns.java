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
  private final boolean backward;
  private final int plane;
  private final int sourceChannels;
  private final int resultChannels;

  PlaneColumns(ConvolutionProblem p, boolean backward) {
    super(p.batch() * p.outHeight() * p.outWidth());
    this.backward = backward;
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
    int last = columns.blocks() - 1;
    if (endBlock > last && columns.count(last) < columns.width(last)) {
      int at = to + (last - firstBlock) * size;
      Arrays.fill(scratch, at, at + depth * columns.width(last), 0);
    }
    for (int i = 0; i < depth; ) {
      int rows = ColumnBlocks.together(plane, depth - i);
      int image = firstBlock * WideTile.WIDTH / plane;
      int position = firstBlock * WideTile.WIDTH - image * plane;
      for (int column = firstBlock * WideTile.WIDTH; column < end; ) {
        int n = Math.min(plane - position, end - column);
        int from = begin + (image * sourceChannels + k + i) * plane + position;
        packRun(source, from, n, column, i, rows, firstBlock, scratch, to, size);
        column += n;
        image++;
        position = 0;
      }
      i += rows;
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
        bring(scratch, from + done + j, width, rows, result, at + j, n - j);
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
    for (int r = 0; r < rows; r++) {
      FloatVector.fromArray(F, scratch, from + r * width).intoArray(result, to + r * plane, mask);
    }
  }
}
