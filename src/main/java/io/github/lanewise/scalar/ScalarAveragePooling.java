package io.github.lanewise.scalar;

import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PlaneKernel;
import io.github.lanewise.internal.PoolingAxis;
import io.github.lanewise.internal.PoolingProblem;
import java.util.Arrays;

/** The scalar twins of average pooling, sliding or adaptive, and of its gradient. */
public final class ScalarAveragePooling {
  private ScalarAveragePooling() {}

  /** {@code output = (Σ window) / divisor}. */
  static final class Forward extends ScalarTwin<PoolingProblem> {
    @Override
    public Kernel[] kernels(PoolingProblem p) {
      return new Kernel[] {
        new PlaneKernel(p.planes(), (long) p.inputPlane() + p.outputPlane()) {
          @Override
          protected void plane(int plane, Operands a, float[] scratch, int own) {
            for (int row = 0; row < p.rows().windows(); row++) {
              windows(p, plane, row, 0, p.columns().windows(), a);
            }
          }
        }
      };
    }
  }

  /** Computes the windows {@code [from, to)} of an output row. */
  public static void windows(PoolingProblem p, int plane, int row, int from, int to, Operands a) {
    PoolingAxis columns = p.columns();
    int in = a.inputAt + plane * p.inputPlane();
    int out = a.outputAt + plane * p.outputPlane() + row * columns.windows();
    int h0 = p.rows().first(row);
    int h1 = p.rows().end(row);
    for (int column = from; column < to; column++) {
      int w0 = columns.first(column);
      int w1 = columns.end(column);
      float sum = 0;
      for (int h = h0; h < h1; h++) {
        for (int w = w0; w < w1; w++) {
          sum += a.input[in + h * columns.size() + w];
        }
      }
      // a division, not a product with the reciprocal: an average of equal values is that value
      a.output[out + column] = sum / p.divisor(row, column);
    }
  }

  /** {@code gradInput = Σ gradOutput / divisor} over the windows that see the element. */
  static final class Backward extends ScalarTwin<PoolingProblem> {
    @Override
    public Kernel[] kernels(PoolingProblem p) {
      return new Kernel[] {
        new PlaneKernel(p.planes(), (long) p.inputPlane() + p.outputPlane()) {
          @Override
          protected void plane(int plane, Operands a, float[] scratch, int own) {
            backward(p, plane, a);
          }
        }
      };
    }
  }

  private static void backward(PoolingProblem p, int plane, Operands a) {
    PoolingAxis rows = p.rows();
    PoolingAxis columns = p.columns();
    int in = a.gradInputAt + plane * p.inputPlane();
    int out = a.gradOutputAt + plane * p.outputPlane();
    Arrays.fill(a.gradInput, in, in + p.inputPlane(), 0);
    for (int row = 0; row < rows.windows(); row++) {
      int h0 = rows.first(row);
      int h1 = rows.end(row);
      for (int column = 0; column < columns.windows(); column++) {
        float share = a.gradOutput[out + row * columns.windows() + column] / p.divisor(row, column);
        int w0 = columns.first(column);
        int w1 = columns.end(column);
        for (int h = h0; h < h1; h++) {
          for (int w = w0; w < w1; w++) {
            a.gradInput[in + h * columns.size() + w] += share;
          }
        }
      }
    }
  }
}
