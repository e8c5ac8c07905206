package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;
import io.github.lanewise.internal.SoftmaxProblem;
import java.util.Arrays;

/**
 * Softmax and log-softmax with neighbouring positions in the lanes, where a plane has some or
 * channels are few.
 */
final class VectorSoftmaxColumns implements Implementation<SoftmaxProblem> {
  private static final int BLOCK = PositionBlocks.BLOCK;

  @Override
  public String name() {
    return "vector, positions in lanes";
  }

  @Override
  public boolean accepts(SoftmaxProblem p) {
    return PositionBlocks.accepts(p.batch(), p.channels(), p.plane(), p.backward() ? 2 : 4);
  }

  @Override
  public Kernel[] kernels(SoftmaxProblem p) {
    PositionBlocks blocks = new PositionBlocks(p.channels(), p.plane());
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.batch() * p.plane(), p.channels())) {
        @Override
        public long taskScratch() {
          return 3L * BLOCK + LANES + (p.backward() ? 2L : 1L) * blocks.floats();
        }

        @Override
        protected void run(int from, int to, Operands a, float[] scratch, int own) {
          int position = from;
          while (position < to) {
            int end = blocks.end(position, to);
            int first = blocks.first(position);
            if (p.backward()) {
              backward(p, blocks, first, end - position, a, scratch, own);
            } else {
              forward(p, blocks, first, end - position, a, scratch, own);
            }
            position = end;
          }
        }
      }
    };
  }

  private static void forward(
      SoftmaxProblem p,
      PositionBlocks blocks,
      int first,
      int length,
      Operands a,
      float[] scratch,
      int own) {
    float[] x = a.input;
    int xAt = a.inputAt + first;
    float[] y = a.output;
    int yAt = a.outputAt + first;
    int max = own;
    int sum = own + BLOCK;
    int terms = own + 2 * BLOCK;
    int rest = own + 3 * BLOCK;
    if (blocks.transposed) {
      int block = rest + LANES;
      blocks.gather(x, xAt, length, scratch, block);
      x = scratch;
      xAt = block;
      y = scratch;
      yAt = block;
    }
    int stride = blocks.stride;
    blocks.max(x, xAt, scratch, max, length);
    if (p.log()) {
      // the output may be the input: the exponentials must not overwrite it
      blocks.sumOfExp(x, xAt, scratch, terms, 0, scratch, max, sum, rest, length);
      Elementary.logOfAtLeastOne(scratch, sum, scratch, sum, length);
      for (int c = 0; c < p.channels(); c++) {
        int at = c * stride;
        Row.subtract(x, xAt + at, scratch, max, length, y, yAt + at);
        Row.subtract(y, yAt + at, scratch, sum, length, y, yAt + at);
      }
    } else {
      blocks.sumOfExp(x, xAt, y, yAt, stride, scratch, max, sum, rest, length);
      for (int i = sum; i < sum + length; i++) {
        scratch[i] = 1 / scratch[i];
      }
      for (int c = 0; c < p.channels(); c++) {
        Row.multiply(scratch, sum, length, y, yAt + c * stride);
      }
    }
    if (blocks.transposed) {
      blocks.scatter(y, yAt, length, a.output, a.outputAt + first);
    }
  }

  private static void backward(
      SoftmaxProblem p,
      PositionBlocks blocks,
      int first,
      int length,
      Operands a,
      float[] scratch,
      int own) {
    float[] y = a.output;
    int yAt = a.outputAt + first;
    float[] g = a.gradOutput;
    int gAt = a.gradOutputAt + first;
    float[] result = a.gradInput;
    int resultAt = a.gradInputAt + first;
    int sum = own;
    int share = own + BLOCK;
    int rest = own + 3 * BLOCK;
    if (blocks.transposed) {
      int block = rest + LANES;
      blocks.gather(y, yAt, length, scratch, block);
      y = scratch;
      yAt = block;
      block += blocks.floats();
      blocks.gather(g, gAt, length, scratch, block);
      g = scratch;
      gAt = block;
      result = scratch;
      resultAt = block;
    }
    Arrays.fill(scratch, sum, sum + length, 0);
    for (int c = 0; c < p.channels(); c++) {
      int at = c * blocks.stride;
      if (p.log()) {
        Row.add(g, gAt + at, length, scratch, sum);
      } else {
        Row.addProduct(g, gAt + at, y, yAt + at, length, scratch, sum);
      }
    }
    for (int c = 0; c < p.channels(); c++) {
      int at = c * blocks.stride;
      if (p.log()) {
        Row.exp(y, yAt + at, 0, scratch, share, length, scratch, rest);
        Row.multiply(scratch, sum, length, scratch, share);
        Row.subtract(g, gAt + at, scratch, share, length, result, resultAt + at);
      } else {
        Row.subtract(g, gAt + at, scratch, sum, length, result, resultAt + at);
        Row.multiply(y, yAt + at, length, result, resultAt + at);
      }
    }
    if (blocks.transposed) {
      blocks.scatter(result, resultAt, length, a.gradInput, a.gradInputAt + first);
    }
  }
}
