package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.LossProblem;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.SumKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Losses of regression, a vector of elements at a time. Terms are summed in float over blocks short
 * enough for that, the blocks in double.
 */
final class VectorLoss extends VectorTwin<LossProblem> {
  /** Elements summed in float. */
  private static final int BLOCK = 4096;

  @Override
  public boolean accepts(LossProblem p) {
    return p.kind() != LossProblem.Kind.BCE_WITH_LOGITS;
  }

  @Override
  public Kernel[] kernels(LossProblem p) {
    return new SumKernel(Chunks.of(p.size())) {
      @Override
      protected double sum(int from, int to, Operands a, float[] scratch, int own) {
        double sum = 0;
        for (int i = from; i < to; i += BLOCK) {
          int end = Math.min(to, i + BLOCK);
          if (p.kind() == LossProblem.Kind.MSE && p.reduced()) {
            sum += squares(p, i, end, a);
          } else {
            sum += block(p, i, end, a);
          }
        }
        return sum;
      }
    }.withTotal();
  }

  /** The mean squared error, which every network here trains with, has loops of its own. */
  private static float squares(LossProblem p, int from, int to, Operands a) {
    float factor = (float) (2 * a.scale);
    FloatVector sum0 = FloatVector.zero(F);
    FloatVector sum1 = FloatVector.zero(F);
    int i = from;
    if (!p.pass().gradient()) {
      for (; i <= to - 2 * LANES; i += 2 * LANES) {
        FloatVector d0 = difference(i, a);
        FloatVector d1 = difference(i + LANES, a);
        sum0 = d0.fma(d0, sum0);
        sum1 = d1.fma(d1, sum1);
      }
    } else {
      for (; i <= to - 2 * LANES; i += 2 * LANES) {
        FloatVector d0 = difference(i, a);
        FloatVector d1 = difference(i + LANES, a);
        sum0 = d0.fma(d0, sum0);
        sum1 = d1.fma(d1, sum1);
        d0.mul(factor).intoArray(a.gradInput, a.gradInputAt + i);
        d1.mul(factor).intoArray(a.gradInput, a.gradInputAt + i + LANES);
      }
    }
    for (; i < to; i += LANES) {
      VectorMask<Float> rest = F.indexInRange(i, to);
      FloatVector d =
          FloatVector.fromArray(F, a.input, a.inputAt + i, rest)
              .sub(FloatVector.fromArray(F, a.target, a.targetAt + i, rest));
      sum0 = d.fma(d, sum0);
      if (p.pass().gradient()) {
        d.mul(factor).intoArray(a.gradInput, a.gradInputAt + i, rest);
      }
    }
    return LaneSum.of(sum0.add(sum1));
  }

  private static FloatVector difference(int i, Operands a) {
    return FloatVector.fromArray(F, a.input, a.inputAt + i)
        .sub(FloatVector.fromArray(F, a.target, a.targetAt + i));
  }

  private static float block(LossProblem p, int from, int to, Operands a) {
    FloatVector sum = FloatVector.zero(F);
    FloatVector scale = FloatVector.broadcast(F, (float) a.scale);
    for (int i = from; i < to; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, to);
      FloatVector d =
          FloatVector.fromArray(F, a.input, a.inputAt + i, mask)
              .sub(FloatVector.fromArray(F, a.target, a.targetAt + i, mask));
      FloatVector size = d.abs();
      FloatVector sign =
          FloatVector.zero(F)
              .blend(1f, d.compare(VectorOperators.GT, 0f))
              .blend(-1f, d.compare(VectorOperators.LT, 0f));
      FloatVector term;
      FloatVector slope;
      switch (p.kind()) {
        case MSE -> {
          term = d.mul(d);
          slope = d.mul(2f);
        }
        case L1 -> {
          term = size;
          slope = sign;
        }
        default -> {
          VectorMask<Float> far = size.compare(VectorOperators.GE, p.beta());
          FloatVector ratio = d.div(p.beta());
          term = ratio.mul(d).mul(0.5f).blend(size.sub(0.5f * p.beta()), far);
          slope = ratio.blend(sign, far);
        }
      }
      if (p.pass().value()) {
        sum = sum.add(term);
        if (!p.reduced()) {
          term.intoArray(a.output, a.outputAt + i, mask);
        }
      }
      if (p.pass().gradient()) {
        FloatVector g =
            p.reduced() ? scale : FloatVector.fromArray(F, a.gradOutput, a.gradOutputAt + i, mask);
        g.mul(slope).intoArray(a.gradInput, a.gradInputAt + i, mask);
      }
    }
    return LaneSum.of(sum);
  }
}
