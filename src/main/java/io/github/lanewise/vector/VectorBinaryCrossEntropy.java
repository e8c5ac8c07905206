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
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Binary cross-entropy with logits, block by block, in several loops over each, so that none has
 * more vector operations than C2 inlines. Elements that fill no vector are the scalar twin's.
 */
final class VectorBinaryCrossEntropy implements Implementation<LossProblem> {
  private static final int BLOCK = 1024;

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public boolean accepts(LossProblem p) {
    return p.kind() == LossProblem.Kind.BCE_WITH_LOGITS;
  }

  @Override
  public Kernel[] kernels(LossProblem p) {
    return new SumKernel(Chunks.of(p.size())) {
      @Override
      public long taskScratch() {
        return 3L * BLOCK;
      }

      @Override
      protected double sum(int from, int to, Operands a, float[] scratch, int own) {
        double sum = 0;
        int end = from + (to - from) / LANES * LANES;
        int most = Math.min(BLOCK, end - from);
        if (a.weight == null) {
          Arrays.fill(scratch, own + BLOCK, own + BLOCK + most, 1);
        }
        if (a.posWeight == null) {
          Arrays.fill(scratch, own + 2 * BLOCK, own + 2 * BLOCK + most, 1);
        }
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
    int weights = own + BLOCK;
    int posWeights = own + 2 * BLOCK;
    if (a.weight != null) {
      System.arraycopy(a.weight, a.weightAt + from, scratch, weights, length);
    }
    if (a.posWeight != null) {
      repeat(a.posWeight, a.posWeightAt, p.columns(), from, scratch, posWeights, length);
    }
    Elementary.expOfMinusMagnitude(a.input, a.inputAt + from, scratch, exps, length);
    if (p.pass().gradient()) {
      gradients(p, from, length, a, scratch, exps, weights, posWeights);
    }
    return p.pass().value() ? values(p, from, length, a, scratch, exps, weights, posWeights) : 0;
  }

  /** {@code to[i] = row[(from + i) % columns]}. */
  private static void repeat(
      float[] row, int at, int columns, int from, float[] to, int toAt, int length) {
    int first = from % columns;
    int done = Math.min(length, columns - first);
    System.arraycopy(row, at + first, to, toAt, done);
    if (done < length) {
      int rest = Math.min(length - done, first);
      System.arraycopy(row, at, to, toAt + done, rest);
      done += rest;
    }
    while (done < length) { // whole rows by now: as many again
      int more = Math.min(length - done, done);
      System.arraycopy(to, toAt, to, toAt + done, more);
      done += more;
    }
  }

  private static float values(
      LossProblem p,
      int from,
      int length,
      Operands a,
      float[] scratch,
      int exps,
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
      FloatVector log = Elementary.logOfOnePlus(FloatVector.fromArray(F, scratch, exps + i));
      FloatVector minusLogSigmoid = log.add(x.neg().max(0f));
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
