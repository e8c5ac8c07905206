package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PlaneKernel;
import io.github.lanewise.internal.PoolingAxis.Adaptive;
import io.github.lanewise.internal.PoolingProblem;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The gradient of adaptive average pooling to planes that are not larger. What the windows of an
 * output row give to each input row they see is a line, which is stored to those rows. A row that two
 * output rows see has the sum of both lines.
 */
final class VectorAdaptiveAveragePoolingBackward implements Implementation<PoolingProblem> {
  @Override
  public String name() {
    return "vector adaptive";
  }

  @Override
  public boolean accepts(PoolingProblem p) {
    return AdaptiveRows.accepts(p);
  }

  @Override
  public Kernel[] kernels(PoolingProblem p) {
    return new Kernel[] {new Planes(p)};
  }

  private static final class Planes extends PlaneKernel {
    private final PoolingProblem p;
    private final Adaptive rows;
    private final Adaptive columns;

    /** Floats of scratch memory for a line; whole vectors are stored. */
    private final int line;

    Planes(PoolingProblem p) {
      super(p.planes(), (long) p.inputPlane() + p.outputPlane());
      this.p = p;
      rows = (Adaptive) p.rows();
      columns = (Adaptive) p.columns();
      line = columns.size() + LANES;
    }

    @Override
    public long taskScratch() {
      return columns.windows() == 1 ? 0 : 2L * line;
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      int in = a.gradInputAt + plane * p.inputPlane();
      int out = a.gradOutputAt + plane * p.outputPlane();
      int width = columns.size();
      int perRow = columns.windows();
      if (perRow == 1) {
        runs(plane, a);
        return;
      }
      int written = 0;
      int above = own + line;
      int at = own;
      for (int row = 0; row < rows.windows(); row++) {
        int first = rows.first(row);
        int end = rows.end(row);
        line(row, a.gradOutput, out + row * perRow, scratch, at);
        if (first < written) {
          // two windows
          add(scratch, above, at, width, scratch, above);
          System.arraycopy(scratch, above, a.gradInput, in + first * width, width);
          first++;
        }
        int next = row + 1 == rows.windows() ? end : rows.first(row + 1);
        store(scratch, at, width, a.gradInput, in + first * width, in + next * width);
        written = end;
        int other = above;
        above = at;
        at = other;
      }
    }

    private void runs(int plane, Operands a) {
      int in = a.gradInputAt + plane * p.inputPlane();
      int out = a.gradOutputAt + plane * p.outputPlane();
      int width = columns.size();
      int written = 0;
      float above = 0;
      for (int row = 0; row < rows.windows(); row++) {
        int first = rows.first(row);
        int end = rows.end(row);
        float share = a.gradOutput[out + row] / ((long) (end - first) * width);
        if (first < written) {
          fill(a.gradInput, in + first * width, width, above + share);
          first++;
        }
        int next = row + 1 == rows.windows() ? end : rows.first(row + 1);
        fill(a.gradInput, in + first * width, (next - first) * width, share);
        written = end;
        above = share;
      }
    }

    private void line(int row, float[] gradOutput, int out, float[] line, int at) {
      int perRow = columns.windows();
      long height = rows.count(row);
      int written = 0;
      float before = 0;
      for (int column = 0; column < perRow; column++) {
        int first = columns.first(column);
        int end = columns.end(column);
        float share = gradOutput[out + column] / (height * (end - first));
        FloatVector shares = FloatVector.broadcast(F, share);
        for (int w = first; w < end; w += LANES) {
          shares.intoArray(line, at + w);
        }
        if (first < written) {
          line[at + first] = before + share;
        }
        before = share;
        written = end;
      }
    }
  }

  private static void add(float[] lines, int above, int at, int width, float[] to, int toAt) {
    int vectors = (width - 1) / LANES + 1;
    for (int v = 0; v < vectors; v++) {
      int x = v * LANES;
      FloatVector.fromArray(F, lines, above + x)
          .add(FloatVector.fromArray(F, lines, at + x))
          .intoArray(to, toAt + x);
    }
  }

  private static void store(float[] line, int at, int width, float[] to, int first, int end) {
    for (int h = first; h < end; h += width) {
      System.arraycopy(line, at, to, h, width);
    }
  }

  private static void fill(float[] to, int at, int n, float value) {
    Arrays.fill(to, at, at + n, value);
  }
}
