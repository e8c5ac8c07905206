package io.github.lanewise.scalar;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.DropoutProblem;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;

/** Dropout: the random bits of an element follow from the seed and its index alone. */
public final class ScalarDropout extends ScalarTwin<DropoutProblem> {
  @Override
  public Kernel[] kernels(DropoutProblem p) {
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.size())) {
        @Override
        protected void run(int from, int to, Operands a, float[] scratch, int own) {
          dropout(p, from, to, a);
        }
      }
    };
  }

  /** Elements {@code from} to {@code to - 1}; the vector twin leaves those that fill no vector. */
  public static void dropout(DropoutProblem p, int from, int to, Operands a) {
    int low = (int) a.seed;
    int high = (int) (a.seed >>> 32);
    for (int i = from; i < to; i++) {
      float factor = DropoutProblem.bits(i, low, high) < p.threshold() ? 0 : p.scale();
      a.output[a.outputAt + i] = a.input[a.inputAt + i] * factor;
    }
  }
}
