package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;
import io.github.lanewise.internal.SgdProblem;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** One step of stochastic gradient descent; {@code expAvg} is the momentum buffer. */
final class VectorSgd extends VectorTwin<SgdProblem> {
  @Override
  public Kernel[] kernels(SgdProblem p) {
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.size())) {
        @Override
        protected void run(int from, int to, Operands a) {
          if (p.momentum() == 0) {
            plain(p, from, to, a);
          } else {
            // what a first step keeps of the buffer is nothing, so that it need not be read
            for (int i = from; i < to; i += LANES) {
              momentum(p, i, F.indexInRange(i, to), a);
            }
          }
        }
      }
    };
  }

  private static void plain(SgdProblem p, int from, int to, Operands a) {
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector param = FloatVector.fromArray(F, a.param, a.paramAt + i);
      FloatVector d = plus(FloatVector.fromArray(F, a.grad, a.gradAt + i), param, p.weightDecay());
      plus(param, d, -p.lr()).intoArray(a.param, a.paramAt + i);
    }
    VectorMask<Float> rest = F.indexInRange(i, to);
    FloatVector param = FloatVector.fromArray(F, a.param, a.paramAt + i, rest);
    FloatVector d = FloatVector.fromArray(F, a.grad, a.gradAt + i, rest);
    d = plus(d, param, p.weightDecay());
    plus(param, d, -p.lr()).intoArray(a.param, a.paramAt + i, rest);
  }

  private static void momentum(SgdProblem p, int i, VectorMask<Float> mask, Operands a) {
    FloatVector param = FloatVector.fromArray(F, a.param, a.paramAt + i, mask);
    FloatVector d = FloatVector.fromArray(F, a.grad, a.gradAt + i, mask);
    d = plus(d, param, p.weightDecay());
    FloatVector buffer = d;
    if (!a.firstStep) {
      buffer = FloatVector.fromArray(F, a.expAvg, a.expAvgAt + i, mask).mul(p.momentum());
      buffer = plus(buffer, d, p.oneMinusDampening());
    }
    buffer.intoArray(a.expAvg, a.expAvgAt + i, mask);
    d = p.nesterov() ? plus(d, buffer, p.momentum()) : buffer;
    plus(param, d, -p.lr()).intoArray(a.param, a.paramAt + i, mask);
  }

  /** {@code a + b · factor}. */
  private static FloatVector plus(FloatVector a, FloatVector b, float factor) {
    return b.fma(FloatVector.broadcast(F, factor), a);
  }
}
