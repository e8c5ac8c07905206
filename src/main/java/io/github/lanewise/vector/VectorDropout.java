package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.I;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.DropoutProblem;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;
import io.github.lanewise.scalar.ScalarDropout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Dropout with the same random bits as {@link DropoutProblem#bits}, a vector of them at a time. */
final class VectorDropout extends VectorTwin<DropoutProblem> {
  private static final IntVector LANE = IntVector.broadcast(I, 0).addIndex(1);

  @Override
  public Kernel[] kernels(DropoutProblem p) {
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.size())) {
        @Override
        protected void run(int from, int to, Operands a, float[] scratch, int own) {
          int end = dropout(p.threshold(), p.scale(), from, to, a);
          ScalarDropout.dropout(p, end, to, a);
        }
      }
    };
  }

  private static int dropout(int threshold, float scale, int from, int to, Operands a) {
    int low = (int) a.seed;
    int high = (int) (a.seed >>> 32);
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector.fromArray(F, a.input, a.inputAt + i)
          .mul(factor(i, low, high, threshold, scale))
          .intoArray(a.output, a.outputAt + i);
    }
    return i;
  }

  private static FloatVector factor(int i, int low, int high, int threshold, float scale) {
    IntVector bits = mix(mix(LANE.add(i).lanewise(VectorOperators.XOR, low)).add(high));
    VectorMask<Integer> dropped =
        bits.lanewise(VectorOperators.LSHR, 8).compare(VectorOperators.LT, threshold);
    return FloatVector.broadcast(F, scale).blend(0f, dropped.cast(F));
  }

  private static IntVector mix(IntVector x) {
    x = shiftedXor(x, 16).mul(DropoutProblem.MULTIPLIER_1);
    x = shiftedXor(x, 15).mul(DropoutProblem.MULTIPLIER_2);
    return shiftedXor(x, 15);
  }

  private static IntVector shiftedXor(IntVector x, int by) {
    return x.lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, by));
  }
}
