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

/** Softmax and log-softmax with neighbouring positions in the lanes. */
final class VectorSoftmaxColumns extends VectorTwin<SoftmaxProblem> {
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
    int plane = p.plane();
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.batch() * plane, p.channels())) {
        @Override
        protected void run(int from, int to, Operands a) {
          int position = from;
          while (position < to) {
            int image = position / plane;
            int end = Math.min(to, (image + 1) * plane);
            VectorMask<Float> mask = F.indexInRange(position, end);
            int first = image * p.channels() * plane + position - image * plane;
            if (p.backward()) {
              backward(p, first, mask, a);
            } else {
              forward(p, first, mask, a);
            }
            position = Math.min(end, position + LANES);
          }
        }
      }
    };
  }

  private static void forward(SoftmaxProblem p, int first, VectorMask<Float> mask, Operands a) {
    int n = p.channels();
    int plane = p.plane();
    int x = a.inputAt + first;
    int y = a.outputAt + first;
    FloatVector max = Columns.max(a.input, x, n, plane, mask);
    if (p.log()) {
      FloatVector sum = Columns.sumOfExp(a.input, x, n, plane, max, mask, null, 0);
      FloatVector logSum = Elementary.logOfAtLeastOne(sum);
      for (int c = 0; c < n; c++) {
        FloatVector.fromArray(F, a.input, x + c * plane, mask)
            .sub(max)
            .sub(logSum)
            .intoArray(a.output, y + c * plane, mask);
      }
    } else {
      FloatVector sum = Columns.sumOfExp(a.input, x, n, plane, max, mask, a.output, y);
      FloatVector factor = FloatVector.broadcast(F, 1f).div(sum);
      for (int c = 0; c < n; c++) {
        FloatVector.fromArray(F, a.output, y + c * plane, mask)
            .mul(factor)
            .intoArray(a.output, y + c * plane, mask);
      }
    }
  }

  private static void backward(SoftmaxProblem p, int first, VectorMask<Float> mask, Operands a) {
    int n = p.channels();
    int plane = p.plane();
    int y = a.outputAt + first;
    int g = a.gradOutputAt + first;
    int result = a.gradInputAt + first;
    if (p.log()) {
      FloatVector minusSum = Columns.sum(a.gradOutput, g, null, 0, n, plane, mask).neg();
      for (int c = 0; c < n; c++) {
        FloatVector share =
            Elementary.expOfNegative(FloatVector.fromArray(F, a.output, y + c * plane, mask));
        share
            .fma(minusSum, FloatVector.fromArray(F, a.gradOutput, g + c * plane, mask))
            .intoArray(a.gradInput, result + c * plane, mask);
      }
    } else {
      FloatVector dot = Columns.sum(a.gradOutput, g, a.output, y, n, plane, mask);
      for (int c = 0; c < n; c++) {
        FloatVector.fromArray(F, a.gradOutput, g + c * plane, mask)
            .sub(dot)
            .mul(FloatVector.fromArray(F, a.output, y + c * plane, mask))
            .intoArray(a.gradInput, result + c * plane, mask);
      }
    }
  }
}
