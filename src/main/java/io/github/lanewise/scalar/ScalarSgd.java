package io.github.lanewise.scalar;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;
import io.github.lanewise.internal.SgdProblem;

/** One step of stochastic gradient descent; {@code expAvg} is the momentum buffer. */
public final class ScalarSgd extends ScalarTwin<SgdProblem> {
  @Override
  public Kernel[] kernels(SgdProblem p) {
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.size())) {
        @Override
        protected void run(int from, int to, Operands a, float[] scratch, int own) {
          for (int i = from; i < to; i++) {
            update(p, i, a);
          }
        }
      }
    };
  }

  /** Updates one parameter; also what the vector twin does with those that fill no vector. */
  public static void update(SgdProblem p, int i, Operands a) {
    float param = a.param[a.paramAt + i];
    float d = a.grad[a.gradAt + i] + p.weightDecay() * param;
    if (p.momentum() != 0) {
      int at = a.expAvgAt + i;
      float buffer = a.firstStep ? d : p.momentum() * a.expAvg[at] + p.oneMinusDampening() * d;
      a.expAvg[at] = buffer;
      d = p.nesterov() ? d + p.momentum() * buffer : buffer;
    }
    a.param[a.paramAt + i] = param - p.lr() * d;
  }
}
