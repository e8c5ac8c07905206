package io.github.lanewise.scalar;

import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PlaneKernel;
import io.github.lanewise.internal.PoolingAxis;
import io.github.lanewise.internal.PoolingProblem;

/** The scalar twin of max pooling, sliding or adaptive. */
public final class ScalarMaxPooling extends ScalarTwin<PoolingProblem> {
  @Override
  public Kernel[] kernels(PoolingProblem p) {
    return new Kernel[] {
      new PlaneKernel(p.planes(), p.inputPlane() + 2L * p.outputPlane()) {
        @Override
        protected void plane(int plane, Operands a, float[] scratch, int own) {
          for (int row = 0; row < p.rows().windows(); row++) {
            windows(p, plane, row, 0, p.columns().windows(), a);
          }
        }
      }
    };
  }

  /** Computes the windows {@code [from, to)} of an output row. */
  public static void windows(PoolingProblem p, int plane, int row, int from, int to, Operands a) {
    PoolingAxis columns = p.columns();
    int width = columns.size();
    int in = a.inputAt + plane * p.inputPlane();
    int out = plane * p.outputPlane() + row * columns.windows();
    int h0 = p.rows().first(row);
    int h1 = p.rows().end(row);
    int stepH = p.rows().step();
    int stepW = columns.step();
    for (int column = from; column < to; column++) {
      int w0 = columns.first(column);
      int w1 = columns.end(column);
      float best = Float.NEGATIVE_INFINITY;
      int bestAt = h0 * width + w0; // the answer where all are -inf
      for (int h = h0; h < h1; h += stepH) {
        for (int w = w0; w < w1; w += stepW) {
          float value = a.input[in + h * width + w];
          if (value > best || value != value) { // PyTorch: the first maximum, but the last NaN
            best = value;
            bestAt = h * width + w;
          }
        }
      }
      a.output[a.outputAt + out + column] = best;
      if (a.indices != null) {
        a.indices[a.indicesAt + out + column] = bestAt;
      }
    }
  }
}
