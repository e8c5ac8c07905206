package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;
import io.github.lanewise.internal.SoftmaxProblem;

/** Softmax and log-softmax where the channels of a position are neighbours, in the lanes. */
final class VectorSoftmaxRows implements Implementation<SoftmaxProblem> {
  @Override
  public String name() {
    return "vector, channels in lanes";
  }

  @Override
  public boolean accepts(SoftmaxProblem p) {
    return p.plane() == 1;
  }

  @Override
  public Kernel[] kernels(SoftmaxProblem p) {
    int n = p.channels();
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.batch(), n)) {
        @Override
        public long taskScratch() {
          return LANES + (p.log() ? Math.min(n, Row.BLOCK) : 0);
        }

        @Override
        protected void run(int from, int to, Operands a, float[] scratch, int own) {
          for (int row = from; row < to; row++) {
            int first = row * n;
            if (p.log()) {
              if (p.backward()) {
                logSoftmaxBackward(first, n, a, scratch, own);
              } else {
                logSoftmax(first, n, a, scratch, own);
              }
            } else {
              if (p.backward()) {
                softmaxBackward(first, n, a);
              } else {
                softmax(first, n, a, scratch, own);
              }
            }
          }
        }
      }
    };
  }

  private static void softmax(int first, int n, Operands a, float[] scratch, int own) {
    int x = a.inputAt + first;
    int y = a.outputAt + first;
    float max = Row.max(a.input, x, n);
    double sum = Row.sumOfExp(a.input, x, n, max, a.output, y, scratch, own);
    Row.scale(a.output, y, n, (float) (1 / sum));
  }

  private static void logSoftmax(int first, int n, Operands a, float[] scratch, int own) {
    int x = a.inputAt + first;
    int y = a.outputAt + first;
    float max = Row.max(a.input, x, n);
    double sum = Row.sumOfExp(a.input, x, n, max, null, 0, scratch, own);
    float logSum = (float) StrictMath.log(sum);
    Row.subtract(a.input, x, max, n, a.output, y);
    Row.subtract(a.output, y, logSum, n, a.output, y);
  }

  private static void softmaxBackward(int first, int n, Operands a) {
    int y = a.outputAt + first;
    int g = a.gradOutputAt + first;
    int result = a.gradInputAt + first;
    float dot = (float) Row.dot(a.gradOutput, g, a.output, y, n);
    Row.subtract(a.gradOutput, g, dot, n, a.gradInput, result);
    Row.multiply(a.output, y, n, a.gradInput, result);
  }

  private static void logSoftmaxBackward(int first, int n, Operands a, float[] scratch, int own) {
    float sum = (float) Row.sum(a.gradOutput, a.gradOutputAt + first, n);
    for (int block = 0; block < n; block += Row.BLOCK) {
      int length = Math.min(Row.BLOCK, n - block);
      int g = a.gradOutputAt + first + block;
      int result = a.gradInputAt + first + block;
      int y = a.outputAt + first + block;
      int share = own + LANES;
      Row.exp(a.output, y, 0, scratch, share, length, scratch, own);
      Row.scale(scratch, share, length, sum);
      Row.subtract(a.gradOutput, g, scratch, share, length, a.gradInput, result);
    }
  }
}
