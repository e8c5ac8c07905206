package io.github.lanewise.scalar;

import io.github.lanewise.internal.AdamProblem;
import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;

/** One step of Adam or AdamW. */
public final class ScalarAdam extends ScalarTwin<AdamProblem> {
  @Override
  public Kernel[] kernels(AdamProblem p) {
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
  public static void update(AdamProblem p, int i, Operands a) {
    float param = a.param[a.paramAt + i] * p.decay();
    float grad = a.grad[a.gradAt + i] + p.weightDecay() * param;
    float m = p.beta1() * a.expAvg[a.expAvgAt + i] + p.oneMinusBeta1() * grad;
    float v = p.beta2() * a.expAvgSq[a.expAvgSqAt + i] + p.oneMinusBeta2() * grad * grad;
    a.expAvg[a.expAvgAt + i] = m;
    a.expAvgSq[a.expAvgSqAt + i] = v;
    if (p.amsgrad()) {
      v = Math.max(a.maxExpAvgSq[a.maxExpAvgSqAt + i], v);
      a.maxExpAvgSq[a.maxExpAvgSqAt + i] = v;
    }
    float denominator = (float) Math.sqrt(v) * a.rootScale + p.eps();
    a.param[a.paramAt + i] = param - a.stepSize * (m / denominator);
  }
}
