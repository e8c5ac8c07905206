package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.ChannelProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** {@code gradBias[c] = Σ gradOutput[n][c][…]}, a task some channels. */
final class VectorChannelSum implements Implementation<ChannelProblem> {
  /** Elements that make a task worth its hand-over. */
  private static final int GRAIN = 1 << 14;

  @Override
  public String name() {
    return "width-lanes";
  }

  @Override
  public boolean accepts(ChannelProblem problem) {
    return problem.plane() >= LANES;
  }

  @Override
  public Kernel[] kernels(ChannelProblem p) {
    long channel = (long) p.batch() * p.plane();
    int atOnce = Math.clamp(GRAIN / channel, 1, p.channels());
    int tasks = (p.channels() + atOnce - 1) / atOnce;
    return new Kernel[] {
      new Kernel() {
        @Override
        public int tasks() {
          return tasks;
        }

        @Override
        public void run(int task, Operands a, float[] scratch, int shared, int own) {
          int end = Math.min(p.channels(), (task + 1) * atOnce);
          for (int c = task * atOnce; c < end; c++) {
            double sum = 0; // sums of planes, added in double: exact enough for any batch
            for (int image = 0; image < p.batch(); image++) {
              int at = a.gradOutputAt + (image * p.channels() + c) * p.plane();
              sum += plane(a.gradOutput, at, p.plane());
            }
            a.gradBias[a.gradBiasAt + c] = (float) sum;
          }
        }
      }
    };
  }

  /** The sum of a plane, which fills a vector at least. */
  private static float plane(float[] x, int at, int size) {
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i <= size - 4 * LANES; i += 4 * LANES) {
      s0 = s0.add(FloatVector.fromArray(F, x, at + i));
      s1 = s1.add(FloatVector.fromArray(F, x, at + i + LANES));
      s2 = s2.add(FloatVector.fromArray(F, x, at + i + 2 * LANES));
      s3 = s3.add(FloatVector.fromArray(F, x, at + i + 3 * LANES));
    }
    for (; i <= size - LANES; i += LANES) {
      s0 = s0.add(FloatVector.fromArray(F, x, at + i));
    }
    if (i < size) {
      VectorMask<Float> done = F.indexInRange(0, LANES - size + i);
      s0 = s0.add(FloatVector.fromArray(F, x, at + size - LANES).blend(0f, done));
    }
    return LaneSum.of(s0.add(s1).add(s2.add(s3)));
  }
}
