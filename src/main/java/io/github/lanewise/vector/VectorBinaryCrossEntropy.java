package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.LossProblem;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.SumKernel;
import io.github.lanewise.scalar.ScalarLoss;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Binary cross-entropy with logits, block by block, in several loops over each, so that none has
 * more vector operations than C2 inlines. Elements that fill no vector are the scalar twin's.
 */
final class VectorBinaryCrossEntropy extends VectorTwin<LossProblem> {
  private static final int BLOCK = 1024;

  @Override
  public boolean accepts(LossProblem p) {
    return p.kind() == LossProblem.Kind.BCE_WITH_LOGITS;
  }

  @Override
  public Kernel[] kernels(LossProblem p) {
    return new SumKernel(Chunks.of(p.size())) {
      @Override
      public long taskScratch() {
        return 4L * BLOCK;
      }

      @Override
      protected double sum(int from, int to, Operands a, float[] scratch, int own) {
        double sum = 0;
        int end = from + (to - from) / LANES * LANES;
        for (int i = from; i < end; i += BLOCK) {
          sum += block(p, i, Math.min(BLOCK, end - i), a, scratch, own);
        }
        for (int i = end; i < to; i++) {
          sum += ScalarLoss.element(p, i, a);
        }
        return sum;
      }
    }.withTotal();
  }

  private static double block(
      LossProblem p, int from, int length, Operands a, float[] scratch, int own) {
    int exps = own;
    int logs = own + BLOCK;
    int weights = own + 2 * BLOCK;
    int posWeights = own + 3 * BLOCK;
    weights(p, from, length, a, scratch, weights, posWeights);
    Elementary.expOfMinusMagnitude(a.input, a.inputAt + from, scratch, exps, length);
    if (p.pass().gradient()) {
      gradients(p, from, length, a, scratch, exps, weights, posWeights);
    }
    if (!p.pass().value()) {
      return 0;
    }
    Elementary.logOfOnePlus(scratch, exps, scratch, logs, length);
    return values(p, from, length, a, scratch, logs, weights, posWeights);
  }

  /** Copies the weights of a block's elements, ones where there are none. */
  private static void weights(
      LossProblem p,
      int from,
      int length,
      Operands a,
      float[] scratch,
      int weights,
      int posWeights) {
    if (a.weight == null) {
      Arrays.fill(scratch, weights, weights + length, 1);
    } else {
      System.arraycopy(a.weight, a.weightAt + from, scratch, weights, length);
    }
    if (a.posWeight == null) {
      Arrays.fill(scratch, posWeights, posWeights + length, 1);
    } else {
      for (int i = 0; i < length; i++) {
        scratch[posWeights + i] = a.posWeight[a.posWeightAt + (from + i) % p.columns()];
      }
    }
  }

  private static float values(
      LossProblem p,
      int from,
      int length,
      Operands a,
      float[] scratch,
      int logs,
      int weights,
      int posWeights) {
    FloatVector one = FloatVector.broadcast(F, 1f);
    FloatVector sum = FloatVector.zero(F);
    for (int i = 0; i < length; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, a.input, a.inputAt + from + i);
      FloatVector target = FloatVector.fromArray(F, a.target, a.targetAt + from + i);
      FloatVector negative = one.sub(target);
      FloatVector both =
          FloatVector.fromArray(F, scratch, posWeights + i).mul(target).add(negative);
      // log(1 + exp(−|x|)) + max(−x, 0)
      FloatVector minusLogSigmoid =
          FloatVector.fromArray(F, scratch, logs + i).add(x.neg().max(0f));
      FloatVector term =
          negative
              .mul(x)
              .add(both.mul(minusLogSigmoid))
              .mul(FloatVector.fromArray(F, scratch, weights + i));
      sum = sum.add(term);
      if (!p.reduced()) {
        term.intoArray(a.output, a.outputAt + from + i);
      }
    }
    return LaneSum.of(sum);
  }

  private static void gradients(
      LossProblem p,
      int from,
      int length,
      Operands a,
      float[] scratch,
      int exps,
      int weights,
      int posWeights) {
    FloatVector one = FloatVector.broadcast(F, 1f);
    float scale = (float) a.scale;
    for (int i = 0; i < length; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, a.input, a.inputAt + from + i);
      FloatVector target = FloatVector.fromArray(F, a.target, a.targetAt + from + i);
      FloatVector exp = FloatVector.fromArray(F, scratch, exps + i);
      VectorMask<Float> notNegative = x.compare(VectorOperators.GE, 0f);
      FloatVector sigmoid = exp.blend(1f, notNegative).div(exp.add(1f));
      FloatVector positive = FloatVector.fromArray(F, scratch, posWeights + i).mul(target);
      FloatVector slope =
          positive
              .add(one.sub(target))
              .mul(sigmoid)
              .sub(positive)
              .mul(FloatVector.fromArray(F, scratch, weights + i));
      if (p.reduced()) {
        slope.mul(scale).intoArray(a.gradInput, a.gradInputAt + from + i);
      } else {
        slope
            .mul(FloatVector.fromArray(F, a.gradOutput, a.gradOutputAt + from + i))
            .intoArray(a.gradInput, a.gradInputAt + from + i);
      }
    }
  }
}
