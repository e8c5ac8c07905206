package io.github.lanewise.vector;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;
import io.github.lanewise.internal.SoftmaxProblem;
import java.util.Arrays;

/** Softmax and log-softmax with neighbouring positions in the lanes. */
final class VectorSoftmaxColumns extends VectorTwin<SoftmaxProblem> {
  private static final int BLOCK = PositionBlocks.BLOCK;

  @Override
  public String name() {
    return "vector, positions in lanes";
  }

  @Override
  public boolean accepts(SoftmaxProblem p) {
    return p.plane() > 1;
  }

  @Override
  public Kernel[] kernels(SoftmaxProblem p) {
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.batch() * p.plane(), p.channels())) {
        @Override
        public long taskScratch() {
          return 3L * BLOCK;
        }

        @Override
        protected void run(int from, int to, Operands a, float[] scratch, int own) {
          int position = from;
          while (position < to) {
            int end = PositionBlocks.end(position, to, p.plane());
            int first = PositionBlocks.first(position, p.channels(), p.plane());
            if (p.backward()) {
              backward(p, first, end - position, a, scratch, own);
            } else {
              forward(p, first, end - position, a, scratch, own);
            }
            position = end;
          }
        }
      }
    };
  }

  private static void forward(
      SoftmaxProblem p, int first, int length, Operands a, float[] scratch, int own) {
    int n = p.channels();
    int plane = p.plane();
    int x = a.inputAt + first;
    int y = a.outputAt + first;
    float[] input = a.input;
    float[] output = a.output;
    int max = own;
    int sum = own + BLOCK;
    PositionBlocks.max(input, x, n, plane, scratch, max, length);
    if (p.log()) {
      // the output may be the input: the exponentials must not overwrite it
      int terms = own + 2 * BLOCK;
      PositionBlocks.sumOfExp(
          input, x, n, plane, scratch, max, scratch, terms, 0, scratch, sum, length);
      Elementary.logOfAtLeastOne(scratch, sum, scratch, sum, length);
      for (int c = 0; c < n; c++) {
        for (int i = 0; i < length; i++) {
          output[y + c * plane + i] =
              input[x + c * plane + i] - scratch[max + i] - scratch[sum + i];
        }
      }
    } else {
      PositionBlocks.sumOfExp(
          input, x, n, plane, scratch, max, output, y, plane, scratch, sum, length);
      for (int c = 0; c < n; c++) {
        for (int i = 0; i < length; i++) {
          output[y + c * plane + i] /= scratch[sum + i];
        }
      }
    }
  }

  private static void backward(
      SoftmaxProblem p, int first, int length, Operands a, float[] scratch, int own) {
    int n = p.channels();
    int plane = p.plane();
    int y = a.outputAt + first;
    int g = a.gradOutputAt + first;
    int result = a.gradInputAt + first;
    float[] output = a.output;
    float[] gradOutput = a.gradOutput;
    float[] gradInput = a.gradInput;
    int sum = own;
    int share = own + BLOCK;
    Arrays.fill(scratch, sum, sum + length, 0);
    for (int c = 0; c < n; c++) {
      if (p.log()) {
        Row.add(gradOutput, g + c * plane, length, scratch, sum);
      } else {
        for (int i = 0; i < length; i++) {
          scratch[sum + i] += gradOutput[g + c * plane + i] * output[y + c * plane + i];
        }
      }
    }
    for (int c = 0; c < n; c++) {
      int at = c * plane;
      if (p.log()) {
        Elementary.exp(output, y + at, 0, scratch, share, length);
        for (int i = 0; i < length; i++) {
          gradInput[result + at + i] =
              gradOutput[g + at + i] - scratch[share + i] * scratch[sum + i];
        }
      } else {
        for (int i = 0; i < length; i++) {
          gradInput[result + at + i] =
              (gradOutput[g + at + i] - scratch[sum + i]) * output[y + at + i];
        }
      }
    }
  }
}
