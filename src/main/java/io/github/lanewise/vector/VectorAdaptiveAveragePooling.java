package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PlaneKernel;
import io.github.lanewise.internal.PoolingAxis;
import io.github.lanewise.internal.PoolingAxis.Adaptive;
import io.github.lanewise.internal.PoolingProblem;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Adaptive average pooling, and its gradient, to planes that are not larger. Rows of the input are
 * added in lanes; what is left for the columns is a row for each row of the output. Enlarging is
 * left to the scalar twin.
 */
final class VectorAdaptiveAveragePooling {
  private VectorAdaptiveAveragePooling() {}

  /** Whether planes are to be pooled to planes that are not larger. */
  static boolean isShrinking(PoolingProblem p) {
    return p.rows() instanceof Adaptive rows
        && p.columns() instanceof Adaptive columns
        && rows.windows() <= rows.size()
        && columns.windows() <= columns.size();
  }

  private abstract static class Shrinking implements Implementation<PoolingProblem> {
    @Override
    public final String name() {
      return "vector adaptive";
    }

    @Override
    public final boolean accepts(PoolingProblem p) {
      return isShrinking(p);
    }
  }

  private abstract static class Planes extends PlaneKernel {
    final PoolingProblem p;

    Planes(PoolingProblem p) {
      super(p.planes(), (long) p.inputPlane() + p.outputPlane());
      this.p = p;
    }

    @Override
    public final long taskScratch() {
      return p.columns().size();
    }
  }

  /** {@code output = (Σ window) / elements}. */
  static final class Forward extends Shrinking {
    @Override
    public Kernel[] kernels(PoolingProblem p) {
      return new Kernel[] {
        new Planes(p) {
          @Override
          protected void plane(int plane, Operands a, float[] scratch, int own) {
            int in = a.inputAt + plane * p.inputPlane();
            int out = a.outputAt + plane * p.outputPlane();
            if (p.outputPlane() == 1) {
              a.output[out] = sum(a.input, in, in + p.inputPlane()) / p.divisor(0, 0);
            } else {
              average(p, a.input, in, a.output, out, scratch, own);
            }
          }
        }
      };
    }
  }

  private static float sum(float[] input, int from, int to) {
    FloatVector sum = FloatVector.zero(F);
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      sum = sum.add(FloatVector.fromArray(F, input, i));
    }
    if (i < to) {
      sum = sum.add(FloatVector.fromArray(F, input, i, F.indexInRange(i, to)));
    }
    return LaneSum.of(sum);
  }

  private static void average(
      PoolingProblem p, float[] input, int in, float[] output, int out, float[] sums, int at) {
    PoolingAxis columns = p.columns();
    int width = columns.size();
    for (int row = 0; row < p.rows().windows(); row++) {
      int first = in + p.rows().first(row) * width;
      int end = in + p.rows().end(row) * width;
      for (int w = 0; w < width; w += LANES) {
        VectorMask<Float> inside = F.indexInRange(w, width);
        FloatVector sum = FloatVector.zero(F);
        for (int h = first; h < end; h += width) {
          sum = sum.add(FloatVector.fromArray(F, input, h + w, inside));
        }
        sum.intoArray(sums, at + w, inside);
      }
      for (int column = 0; column < columns.windows(); column++) {
        float sum = 0;
        for (int w = columns.first(column); w < columns.end(column); w++) {
          sum += sums[at + w];
        }
        output[out + row * columns.windows() + column] = sum / p.divisor(row, column);
      }
    }
  }

  /** {@code gradInput = Σ gradOutput / elements} over the windows that see the element. */
  static final class Backward extends Shrinking {
    @Override
    public Kernel[] kernels(PoolingProblem p) {
      return new Kernel[] {
        new Planes(p) {
          @Override
          protected void plane(int plane, Operands a, float[] scratch, int own) {
            int in = a.gradInputAt + plane * p.inputPlane();
            int out = a.gradOutputAt + plane * p.outputPlane();
            if (p.outputPlane() == 1) {
              float share = a.gradOutput[out] / p.divisor(0, 0);
              Arrays.fill(a.gradInput, in, in + p.inputPlane(), share);
            } else {
              spread(p, a.gradOutput, out, a.gradInput, in, scratch, own);
            }
          }
        }
      };
    }
  }

  private static void spread(
      PoolingProblem p,
      float[] gradOutput,
      int out,
      float[] gradInput,
      int in,
      float[] line,
      int at) {
    PoolingAxis rows = p.rows();
    int width = p.columns().size();
    int written = 0;
    for (int row = 0; row < rows.windows(); row++) {
      spreadRow(p, row, gradOutput, out + row * p.columns().windows(), line, at);
      int end = rows.end(row);
      for (int h = rows.first(row); h < end; h++) {
        int to = in + h * width;
        if (h < written) { // a row that the window above sees, too
          add(line, at, width, gradInput, to);
        } else {
          System.arraycopy(line, at, gradInput, to, width);
        }
      }
      written = end;
    }
  }

  /** What the windows of an output row give to each input row they see. */
  private static void spreadRow(
      PoolingProblem p, int row, float[] gradOutput, int out, float[] line, int at) {
    PoolingAxis columns = p.columns();
    int written = 0;
    for (int column = 0; column < columns.windows(); column++) {
      float share = gradOutput[out + column] / p.divisor(row, column);
      int w = columns.first(column);
      int end = columns.end(column);
      for (; w < written; w++) {
        line[at + w] += share;
      }
      for (; w < end; w++) {
        line[at + w] = share;
      }
      written = end;
    }
  }

  private static void add(float[] line, int at, int width, float[] gradInput, int to) {
    for (int w = 0; w < width; w += LANES) {
      VectorMask<Float> inside = F.indexInRange(w, width);
      FloatVector.fromArray(F, gradInput, to + w, inside)
          .add(FloatVector.fromArray(F, line, at + w, inside))
          .intoArray(gradInput, to + w, inside);
    }
  }
}
