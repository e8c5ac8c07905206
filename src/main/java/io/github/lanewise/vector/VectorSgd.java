package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;
import io.github.lanewise.internal.SgdProblem;
import io.github.lanewise.scalar.ScalarSgd;
import jdk.incubator.vector.FloatVector;

/** One step of stochastic gradient descent; {@code expAvg} is the momentum buffer. */
final class VectorSgd extends VectorTwin<SgdProblem> {
  @Override
  public Kernel[] kernels(SgdProblem p) {
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.size())) {
        @Override
        protected void run(int from, int to, Operands a, float[] scratch, int own) {
          int i;
          if (p.momentum() == 0) {
            i = plain(p, from, to, a);
          } else if (a.firstStep) {
            i = firstStep(p, from, to, a);
          } else {
            i = momentum(p, from, to, a);
          }
          for (; i < to; i++) {
            ScalarSgd.update(p, i, a);
          }
        }
      }
    };
  }

  private static int plain(SgdProblem p, int from, int to, Operands a) {
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector param = FloatVector.fromArray(F, a.param, a.paramAt + i);
      FloatVector d = FloatVector.fromArray(F, a.grad, a.gradAt + i);
      d = plus(d, param, p.weightDecay());
      plus(param, d, -p.lr()).intoArray(a.param, a.paramAt + i);
    }
    return i;
  }

  /** Writes the momentum buffer without reading it. */
  private static int firstStep(SgdProblem p, int from, int to, Operands a) {
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector param = FloatVector.fromArray(F, a.param, a.paramAt + i);
      FloatVector d = FloatVector.fromArray(F, a.grad, a.gradAt + i);
      d = plus(d, param, p.weightDecay());
      d.intoArray(a.expAvg, a.expAvgAt + i);
      if (p.nesterov()) {
        d = plus(d, d, p.momentum());
      }
      plus(param, d, -p.lr()).intoArray(a.param, a.paramAt + i);
    }
    return i;
  }

  private static int momentum(SgdProblem p, int from, int to, Operands a) {
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector param = FloatVector.fromArray(F, a.param, a.paramAt + i);
      FloatVector d = FloatVector.fromArray(F, a.grad, a.gradAt + i);
      d = plus(d, param, p.weightDecay());
      FloatVector buffer = FloatVector.fromArray(F, a.expAvg, a.expAvgAt + i).mul(p.momentum());
      buffer = plus(buffer, d, p.oneMinusDampening());
      buffer.intoArray(a.expAvg, a.expAvgAt + i);
      d = p.nesterov() ? plus(d, buffer, p.momentum()) : buffer;
      plus(param, d, -p.lr()).intoArray(a.param, a.paramAt + i);
    }
    return i;
  }

  /** {@code a + b · factor}. */
  private static FloatVector plus(FloatVector a, FloatVector b, float factor) {
    return b.fma(FloatVector.broadcast(F, factor), a);
  }
}
