package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.AdamProblem;
import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** One step of Adam or AdamW: parameter, gradient and state of a vector of parameters at a time. */
final class VectorAdam extends VectorTwin<AdamProblem> {
  @Override
  public Kernel[] kernels(AdamProblem p) {
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.size())) {
        @Override
        protected void run(int from, int to, Operands a) {
          if (p.amsgrad()) {
            amsgrad(p, from, to, a);
          } else {
            adam(p, from, to, a);
          }
        }
      }
    };
  }

  private static void adam(AdamProblem p, int from, int to, Operands a) {
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
    if (i < to) {
      masked(p, i, F.indexInRange(i, to), a);
    }
  }

  private static void amsgrad(AdamProblem p, int from, int to, Operands a) {
    for (int i = from; i < to; i += LANES) {
      masked(p, i, F.indexInRange(i, to), a);
    }
  }

  private static void masked(AdamProblem p, int i, VectorMask<Float> mask, Operands a) {
    FloatVector param = FloatVector.fromArray(F, a.param, a.paramAt + i, mask).mul(p.decay());
    FloatVector grad = FloatVector.fromArray(F, a.grad, a.gradAt + i, mask);
    grad = plus(grad, param, p.weightDecay());
    FloatVector m = FloatVector.fromArray(F, a.expAvg, a.expAvgAt + i, mask).mul(p.beta1());
    m = plus(m, grad, p.oneMinusBeta1());
    FloatVector v = FloatVector.fromArray(F, a.expAvgSq, a.expAvgSqAt + i, mask).mul(p.beta2());
    v = plus(v, grad.mul(grad), p.oneMinusBeta2());
    m.intoArray(a.expAvg, a.expAvgAt + i, mask);
    v.intoArray(a.expAvgSq, a.expAvgSqAt + i, mask);
    if (p.amsgrad()) {
      int at = a.maxExpAvgSqAt + i;
      v = v.max(FloatVector.fromArray(F, a.maxExpAvgSq, at, mask));
      v.intoArray(a.maxExpAvgSq, at, mask);
    }
    step(p, a, param, m, v).intoArray(a.param, a.paramAt + i, mask);
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
