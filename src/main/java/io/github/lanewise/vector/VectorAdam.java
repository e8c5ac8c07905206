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
          int i = vectors(p, from, to, a);
          for (; i < to; i++) {
            ScalarAdam.update(p, i, a);
          }
        }
      }
    };
  }

  /** Calls the Vector API only: a vector that goes through a call is boxed, as Elementary says. */
  private static int vectors(AdamProblem p, int from, int to, Operands a) {
    FloatVector weightDecay = FloatVector.broadcast(F, p.weightDecay());
    FloatVector oneMinusBeta1 = FloatVector.broadcast(F, p.oneMinusBeta1());
    FloatVector oneMinusBeta2 = FloatVector.broadcast(F, p.oneMinusBeta2());
    FloatVector minusStep = FloatVector.broadcast(F, -a.stepSize);
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector param = FloatVector.fromArray(F, a.param, a.paramAt + i).mul(p.decay());
      FloatVector grad = FloatVector.fromArray(F, a.grad, a.gradAt + i);
      grad = param.fma(weightDecay, grad);
      FloatVector m = FloatVector.fromArray(F, a.expAvg, a.expAvgAt + i).mul(p.beta1());
      m = grad.fma(oneMinusBeta1, m);
      m.intoArray(a.expAvg, a.expAvgAt + i);
      FloatVector v = FloatVector.fromArray(F, a.expAvgSq, a.expAvgSqAt + i).mul(p.beta2());
      v = grad.mul(grad).fma(oneMinusBeta2, v);
      v.intoArray(a.expAvgSq, a.expAvgSqAt + i);
      if (p.amsgrad()) {
        v = v.max(FloatVector.fromArray(F, a.maxExpAvgSq, a.maxExpAvgSqAt + i));
        v.intoArray(a.maxExpAvgSq, a.maxExpAvgSqAt + i);
      }
      FloatVector denominator = v.sqrt().mul(a.rootScale).add(p.eps());
      m.div(denominator).fma(minusStep, param).intoArray(a.param, a.paramAt + i);
    }
    return i;
  }
}
