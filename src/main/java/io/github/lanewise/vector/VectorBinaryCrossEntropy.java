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

/** Binary cross-entropy with logits, a vector of elements of one row at a time. */
final class VectorBinaryCrossEntropy extends VectorTwin<LossProblem> {
  /** Elements summed in float. */
  private static final int BLOCK = 4096;

  @Override
  public boolean accepts(LossProblem p) {
    return p.kind() == LossProblem.Kind.BCE_WITH_LOGITS;
  }

  @Override
  public Kernel[] kernels(LossProblem p) {
    return new SumKernel(Chunks.of(p.size())) {
      @Override
      protected double sum(int from, int to, Operands a, float[] scratch, int own) {
        double sum = 0;
        int i = from;
        while (i < to) {
          int end = Math.min(to, i + BLOCK);
          if (a.posWeight != null) {
            // up to the end of the row, so that a vector of posWeight lies in one piece
            end = Math.min(end, i - i % p.columns() + p.columns());
          }
          sum += block(p, i, end, a);
          i = end;
        }
        return sum;
      }
    }.withTotal();
  }

  private static float block(LossProblem p, int from, int to, Operands a) {
    FloatVector one = FloatVector.broadcast(F, 1f);
    FloatVector sum = FloatVector.zero(F);
    for (int i = from; i < to; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, to);
      FloatVector x = FloatVector.fromArray(F, a.input, a.inputAt + i, mask);
      FloatVector target = FloatVector.fromArray(F, a.target, a.targetAt + i, mask);
      FloatVector weight = one;
      if (a.weight != null) {
        weight = FloatVector.fromArray(F, a.weight, a.weightAt + i, mask);
      }
      FloatVector posWeight = one;
      if (a.posWeight != null) {
        int at = a.posWeightAt + i % p.columns();
        posWeight = FloatVector.fromArray(F, a.posWeight, at, mask);
      }
      FloatVector negative = one.sub(target);
      FloatVector positive = posWeight.mul(target);
      if (p.pass().value()) {
        FloatVector term = term(x, negative, positive).mul(weight);
        sum = sum.add(term, mask);
        if (!p.reduced()) {
          term.intoArray(a.output, a.outputAt + i, mask);
        }
      }
      if (p.pass().gradient()) {
        FloatVector slope =
            positive.add(negative).mul(Elementary.sigmoid(x)).sub(positive).mul(weight);
        if (p.reduced()) {
          slope = slope.mul((float) a.scale);
        } else {
          slope = slope.mul(FloatVector.fromArray(F, a.gradOutput, a.gradOutputAt + i, mask));
        }
        slope.intoArray(a.gradInput, a.gradInputAt + i, mask);
      }
    }
    return LaneSum.of(sum);
  }

  private static FloatVector term(FloatVector x, FloatVector negative, FloatVector positive) {
    FloatVector u = Elementary.expOfNegative(x.abs().neg());
    FloatVector minusLogSigmoid = Elementary.logOfOnePlus(u).add(x.neg().max(0f));
    return negative.mul(x).add(positive.add(negative).mul(minusLogSigmoid));
  }
}
