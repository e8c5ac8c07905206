package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.AdamProblem;
import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;
import io.github.lanewise.scalar.ScalarAdam;
import jdk.incubator.vector.FloatVector;

/** One step of Adam or AdamW: parameter, gradient and state of a vector of parameters at a time. */
final class VectorAdam extends VectorTwin<AdamProblem> {
  @Override
  public Kernel[] kernels(AdamProblem p) {
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.size())) {
        @Override
        protected void run(int from, int to, Operands a, float[] scratch, int own) {
          int i = p.amsgrad() ? amsgrad(p, from, to, a) : adam(p, from, to, a);
          for (; i < to; i++) {
            ScalarAdam.update(p, i, a);
          }
        }
      }
    };
  }

  private static int adam(AdamProblem p, int from, int to, Operands a) {
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector param = FloatVector.fromArray(F, a.param, a.paramAt + i).mul(p.decay());
      FloatVector grad = FloatVector.fromArray(F, a.grad, a.gradAt + i);
      grad = plus(grad, param, p.weightDecay());
      FloatVector m = FloatVector.fromArray(F, a.expAvg, a.expAvgAt + i).mul(p.beta1());
      m = plus(m, grad, p.oneMinusBeta1());
      FloatVector v = FloatVector.fromArray(F, a.expAvgSq, a.expAvgSqAt + i).mul(p.beta2());
      v = plus(v, grad.mul(grad), p.oneMinusBeta2());
      m.intoArray(a.expAvg, a.expAvgAt + i);
      v.intoArray(a.expAvgSq, a.expAvgSqAt + i);
      step(p, a, param, m, v).intoArray(a.param, a.paramAt + i);
    }
    return i;
  }

  private static int amsgrad(AdamProblem p, int from, int to, Operands a) {
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector param = FloatVector.fromArray(F, a.param, a.paramAt + i).mul(p.decay());
      FloatVector grad = FloatVector.fromArray(F, a.grad, a.gradAt + i);
      grad = plus(grad, param, p.weightDecay());
      FloatVector m = FloatVector.fromArray(F, a.expAvg, a.expAvgAt + i).mul(p.beta1());
      m = plus(m, grad, p.oneMinusBeta1());
      FloatVector v = FloatVector.fromArray(F, a.expAvgSq, a.expAvgSqAt + i).mul(p.beta2());
      v = plus(v, grad.mul(grad), p.oneMinusBeta2());
      m.intoArray(a.expAvg, a.expAvgAt + i);
      v.intoArray(a.expAvgSq, a.expAvgSqAt + i);
      v = v.max(FloatVector.fromArray(F, a.maxExpAvgSq, a.maxExpAvgSqAt + i));
      v.intoArray(a.maxExpAvgSq, a.maxExpAvgSqAt + i);
      step(p, a, param, m, v).intoArray(a.param, a.paramAt + i);
    }
    return i;
  }

  private static FloatVector step(
      AdamProblem p, Operands a, FloatVector param, FloatVector m, FloatVector v) {
    FloatVector denominator = v.sqrt().mul(a.rootScale).add(p.eps());
    return plus(param, m.div(denominator), -a.stepSize);
  }

  /** {@code a + b · factor}. */
  private static FloatVector plus(FloatVector a, FloatVector b, float factor) {
    return b.fma(FloatVector.broadcast(F, factor), a);
  }
}
