package io.github.lanewise.scalar;

import io.github.lanewise.internal.ChannelProblem;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;

/** {@code gradBias[c] = Σ gradOutput[n][c][…]}. */
final class ScalarChannelSum extends ScalarTwin<ChannelProblem> {
  @Override
  public Kernel[] kernels(ChannelProblem p) {
    return new Kernel[] {
      new Kernel() {
        @Override
        public int tasks() {
          return p.channels();
        }

        @Override
        public void run(int channel, Operands a, float[] scratch, int shared, int own) {
          double sum = 0; // float sums per plane, added in double: exact enough for any batch
          for (int image = 0; image < p.batch(); image++) {
            int at = a.gradOutputAt + (image * p.channels() + channel) * p.plane();
            float line = 0;
            for (int i = at; i < at + p.plane(); i++) {
              line += a.gradOutput[i];
            }
            sum += line;
          }
          a.gradBias[a.gradBiasAt + channel] = (float) sum;
        }
      }
    };
  }
}
