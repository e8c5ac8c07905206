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
 * output row give to each input row they see is a line, which is stored to those rows. A row that
 * two output rows see has the sum of both lines.
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

    /** Floats of scratch memory for a line, which is stored in whole vectors. */
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
      return p.outputPlane() == 1 ? 0 : (long) Math.min(rows.windows(), 2) * line;
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      int in = a.gradInputAt + plane * p.inputPlane();
      int out = a.gradOutputAt + plane * p.outputPlane();
      if (p.outputPlane() == 1) {
        float share = a.gradOutput[out] / p.divisor(0, 0);
        Arrays.fill(a.gradInput, in, in + p.inputPlane(), share);
        return;
      }
      int width = columns.size();
      int written = 0;
      int at = own;
      int above = own + line;
      for (int row = 0; row < rows.windows(); row++) {
        int h = rows.first(row);
        int end = rows.end(row);
        line(row, a.gradOutput, out + row * columns.windows(), scratch, at);
        if (h < written) { // the windows above see this row, too, and have stored it
          add(scratch, at, above, width);
          System.arraycopy(scratch, above, a.gradInput, in + h * width, width);
          h++;
        }
        for (; h < end; h++) {
          System.arraycopy(scratch, at, a.gradInput, in + h * width, width);
        }
        written = end;
        int other = above;
        above = at;
        at = other;
      }
    }

    /** What the windows of an output row give to each input row they see. */
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
        if (first < written) { // a column that the window before sees, too
          line[at + first] = before + share;
        }
        before = share;
        written = end;
      }
    }
  }

  /** Adds a line to another, in whole vectors. */
  private static void add(float[] lines, int at, int to, int width) {
    int vectors = (width - 1) / LANES + 1;
    for (int v = 0; v < vectors; v++) {
      int x = v * LANES;
      FloatVector.fromArray(F, lines, to + x)
          .add(FloatVector.fromArray(F, lines, at + x))
          .intoArray(lines, to + x);
    }
  }
}
