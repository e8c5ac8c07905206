package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.LossProblem;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.SumKernel;
import io.github.lanewise.scalar.ScalarLoss;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Losses of regression, a vector of elements at a time. Terms are summed in float over blocks short
 * enough for that, the blocks in double. Elements that fill no vector are the scalar twin's.
 */
final class VectorLoss implements Implementation<LossProblem> {
  /** Elements summed in float. */
  private static final int BLOCK = 4096;

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public boolean accepts(LossProblem p) {
    return p.kind() != LossProblem.Kind.BCE_WITH_LOGITS;
  }

  @Override
  public Kernel[] kernels(LossProblem p) {
    boolean squares = p.kind() == LossProblem.Kind.MSE && p.reduced();
    return new SumKernel(Chunks.of(p.size())) {
      @Override
      protected double sum(int from, int to, Operands a, float[] scratch, int own) {
        double sum = 0;
        int end = from + (to - from) / LANES * LANES;
        for (int i = from; i < end; i += BLOCK) {
          int next = Math.min(end, i + BLOCK);
          sum += squares ? squares(p, i, next, a) : block(p, i, next, a);
        }
        for (int i = end; i < to; i++) {
          sum += ScalarLoss.element(p, i, a);
        }
        return sum;
      }
    }.withTotal();
  }

  /** The mean squared error, with which autoencoders are trained, has loops of its own. */
  private static float squares(LossProblem p, int from, int to, Operands a) {
    float factor = (float) (2 * a.scale);
    FloatVector sum0 = FloatVector.zero(F);
    FloatVector sum1 = FloatVector.zero(F);
    int i = from;
    for (; i <= to - 2 * LANES; i += 2 * LANES) {
      FloatVector d0 = difference(i, a);
      FloatVector d1 = difference(i + LANES, a);
      sum0 = d0.fma(d0, sum0);
      sum1 = d1.fma(d1, sum1);
      if (p.pass().gradient()) {
        d0.mul(factor).intoArray(a.gradInput, a.gradInputAt + i);
        d1.mul(factor).intoArray(a.gradInput, a.gradInputAt + i + LANES);
      }
    }
    if (i < to) {
      FloatVector d = difference(i, a);
      sum0 = d.fma(d, sum0);
      if (p.pass().gradient()) {
        d.mul(factor).intoArray(a.gradInput, a.gradInputAt + i);
      }
    }
    return LaneSum.of(sum0.add(sum1));
  }

  private static FloatVector difference(int i, Operands a) {
    return FloatVector.fromArray(F, a.input, a.inputAt + i)
        .sub(FloatVector.fromArray(F, a.target, a.targetAt + i));
  }

  private static float block(LossProblem p, int from, int to, Operands a) {
    return switch (p.kind()) {
      case MSE -> eachSquare(p, from, to, a);
      case L1 -> l1(p, from, to, a);
      default -> smoothL1(p, from, to, a);
    };
  }

  /** Squares that are not added up. */
  private static float eachSquare(LossProblem p, int from, int to, Operands a) {
    for (int i = from; i < to; i += LANES) {
      FloatVector d = difference(i, a);
      if (p.pass().value()) {
        d.mul(d).intoArray(a.output, a.outputAt + i);
      }
      if (p.pass().gradient()) {
        d.mul(2f)
            .mul(FloatVector.fromArray(F, a.gradOutput, a.gradOutputAt + i))
            .intoArray(a.gradInput, a.gradInputAt + i);
      }
    }
    return 0;
  }

  private static float l1(LossProblem p, int from, int to, Operands a) {
    FloatVector sum = FloatVector.zero(F);
    float scale = (float) a.scale;
    for (int i = from; i < to; i += LANES) {
      FloatVector d = difference(i, a);
      sum = sum.add(d.abs());
      if (p.pass().value() && !p.reduced()) {
        d.abs().intoArray(a.output, a.outputAt + i);
      }
      if (p.pass().gradient()) {
        FloatVector sign = sign(d);
        if (p.reduced()) {
          sign.mul(scale).intoArray(a.gradInput, a.gradInputAt + i);
        } else {
          sign.mul(FloatVector.fromArray(F, a.gradOutput, a.gradOutputAt + i))
              .intoArray(a.gradInput, a.gradInputAt + i);
        }
      }
    }
    return LaneSum.of(sum);
  }

  private static float smoothL1(LossProblem p, int from, int to, Operands a) {
    FloatVector sum = FloatVector.zero(F);
    float scale = (float) a.scale;
    float beta = p.beta();
    for (int i = from; i < to; i += LANES) {
      FloatVector d = difference(i, a);
      FloatVector size = d.abs();
      FloatVector ratio = d.div(beta);
      VectorMask<Float> far = size.compare(VectorOperators.GE, beta);
      if (p.pass().value()) {
        FloatVector term = ratio.mul(d).mul(0.5f).blend(size.sub(0.5f * beta), far);
        sum = sum.add(term);
        if (!p.reduced()) {
          term.intoArray(a.output, a.outputAt + i);
        }
      }
      if (p.pass().gradient()) {
        FloatVector slope = ratio.blend(sign(d), far);
        if (p.reduced()) {
          slope.mul(scale).intoArray(a.gradInput, a.gradInputAt + i);
        } else {
          slope
              .mul(FloatVector.fromArray(F, a.gradOutput, a.gradOutputAt + i))
              .intoArray(a.gradInput, a.gradInputAt + i);
        }
      }
    }
    return LaneSum.of(sum);
  }

  /** −1, 0 or 1; 0 for NaN. */
  private static FloatVector sign(FloatVector d) {
    return FloatVector.zero(F)
        .blend(1f, d.compare(VectorOperators.GT, 0f))
        .blend(-1f, d.compare(VectorOperators.LT, 0f));
  }
}
