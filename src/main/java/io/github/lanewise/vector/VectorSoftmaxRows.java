package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;
import io.github.lanewise.internal.SoftmaxProblem;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Softmax and log-softmax where the channels of a position are neighbours, in the lanes. */
final class VectorSoftmaxRows extends VectorTwin<SoftmaxProblem> {
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
        protected void run(int from, int to, Operands a) {
          for (int row = from; row < to; row++) {
            if (p.backward()) {
              if (p.log()) {
                logSoftmaxBackward(row * n, n, a);
              } else {
                softmaxBackward(row * n, n, a);
              }
            } else {
              if (p.log()) {
                logSoftmax(row * n, n, a);
              } else {
                softmax(row * n, n, a);
              }
            }
          }
        }
      }
    };
  }

  private static void softmax(int first, int n, Operands a) {
    int x = a.inputAt + first;
    int y = a.outputAt + first;
    float max = Row.max(a.input, x, n);
    float factor = (float) (1 / Row.sumOfExp(a.input, x, n, max, a.output, y));
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector.fromArray(F, a.output, y + i, mask).mul(factor).intoArray(a.output, y + i, mask);
    }
  }

  private static void logSoftmax(int first, int n, Operands a) {
    int x = a.inputAt + first;
    int y = a.outputAt + first;
    float max = Row.max(a.input, x, n);
    float logSum = (float) StrictMath.log(Row.sumOfExp(a.input, x, n, max, null, 0));
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector.fromArray(F, a.input, x + i, mask)
          .sub(max)
          .sub(logSum)
          .intoArray(a.output, y + i, mask);
    }
  }

  private static void softmaxBackward(int first, int n, Operands a) {
    int y = a.outputAt + first;
    int g = a.gradOutputAt + first;
    int result = a.gradInputAt + first;
    float dot = (float) Row.dot(a.gradOutput, g, a.output, y, n);
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector.fromArray(F, a.gradOutput, g + i, mask)
          .sub(dot)
          .mul(FloatVector.fromArray(F, a.output, y + i, mask))
          .intoArray(a.gradInput, result + i, mask);
    }
  }

  private static void logSoftmaxBackward(int first, int n, Operands a) {
    int y = a.outputAt + first;
    int g = a.gradOutputAt + first;
    int result = a.gradInputAt + first;
    FloatVector minusSum = FloatVector.broadcast(F, (float) -Row.sum(a.gradOutput, g, n));
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector share = Elementary.expOfNegative(FloatVector.fromArray(F, a.output, y + i, mask));
      share
          .fma(minusSum, FloatVector.fromArray(F, a.gradOutput, g + i, mask))
          .intoArray(a.gradInput, result + i, mask);
    }
  }
}
