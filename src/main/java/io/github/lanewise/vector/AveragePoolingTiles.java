package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.I;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PlaneKernel;
import io.github.lanewise.internal.PoolingAxis.Sliding;
import io.github.lanewise.internal.PoolingProblem;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Average pooling's gradient where windows lie side by side: an input element has the share of its
 * one window. A vector of shares, each lane two or three times, is a piece of a row.
 */
final class AveragePoolingTiles implements Implementation<PoolingProblem> {
  @Override
  public String name() {
    return "vector tiles";
  }

  @Override
  public boolean accepts(PoolingProblem p) {
    return SlidingRows.accepts(p)
        && p.rows() instanceof Sliding rows
        && p.columns() instanceof Sliding columns
        && rows.kernel() == rows.stride()
        && columns.kernel() == columns.stride()
        && (columns.stride() == 2 || columns.stride() == 3);
  }

  @Override
  public Kernel[] kernels(PoolingProblem p) {
    return new Kernel[] {new Planes(p)};
  }

  private static final class Planes extends PlaneKernel implements SlidingRows.Windows {
    private final PoolingProblem p;
    private final SlidingRows w;
    private final Sliding rows;
    private final Sliding columns;

    Planes(PoolingProblem p) {
      super(p.planes(), (long) p.inputPlane() + p.outputPlane());
      this.p = p;
      w = new SlidingRows(p);
      rows = (Sliding) p.rows();
      columns = (Sliding) p.columns();
    }

    @Override
    protected void planes(int first, int end, Operands a, float[] scratch, int own) {
      int room = a.gradOutput.length - a.gradOutputAt;
      w.go(first, end, a.gradInputAt, a.gradInput.length, room, a, this);
      int covered = rows.end(rows.windows() - 1) * w.width;
      for (int plane = first; plane < end && covered < w.inPlane; plane++) {
        int to = a.gradInputAt + plane * w.inPlane;
        Arrays.fill(a.gradInput, to + covered, to + w.inPlane, 0);
      }
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      planes(plane, plane + 1, a, scratch, own);
    }

    /**
     * Stores whole vectors, also where they reach beyond a row: what comes there is stored later.
     * Where they do not, the rows of a window are stored together.
     */
    @Override
    public void vectors(
        int plane, int planeEnd, int row, int rowEnd, int from, int to, Operands a) {
      float[] gradOutput = a.gradOutput;
      float[] gradInput = a.gradInput;
      int stride = w.stride;
      int padding = w.padding;
      int width = w.width;
      int limit = a.gradInputAt + planeEnd * w.inPlane;
      int last = SlidingRows.vector(to, from, to);
      int reach = Math.max(0, last * stride - padding) + stride * LANES;
      boolean hasRest = w.perRow * stride - padding < width;
      int more = reach > width ? width : w.inPlane;
      for (int i = plane; i < planeEnd; i++) {
        int large = a.gradInputAt + i * w.inPlane;
        for (int y = row; y < rowEnd; y++) {
          int small = a.gradOutputAt + i * w.outPlane + y * w.perRow;
          float factor = w.divisorFactor(y);
          int end = large + w.lineEnd(y);
          int line = large + w.line(y);
          for (; line < end; line += more) {
            int lineEnd = Math.min(line + more, end);
            if (line + reach > limit) {
              inside(factor, gradOutput, small, from, to, gradInput, line);
              continue;
            }
            if (stride == 2) {
              pairs(factor, gradOutput, small, from, to, gradInput, line, lineEnd);
            } else {
              triples(factor, gradOutput, small, from, to, gradInput, line, lineEnd);
            }
          }
          if (hasRest && to == w.perRow) {
            clearRest(gradInput, y, large);
          }
        }
      }
    }

    // two methods: in one for both strides, C2 boxed vectors in some JVMs

    /** A row of windows of 2, from {@code line} on in rows of the input up to {@code lineEnd}. */
    private void pairs(
        float factor,
        float[] from,
        int small,
        int first,
        int end,
        float[] to,
        int line,
        int lineEnd) {
      int width = w.width;
      for (int next = first; next < end; next += LANES) {
        int x = SlidingRows.vector(next, first, end);
        int owners = w.ownersAt(x);
        FloatVector divisors = FloatVector.fromArray(F, w.divisors, w.divisorsAt(x)).mul(factor);
        IntVector shares =
            FloatVector.fromArray(F, from, small + x).div(divisors).add(0).reinterpretAsInts();
        IntVector owner = IntVector.fromArray(I, w.owners, owners);
        FloatVector v0 = owner.selectFrom(shares).reinterpretAsFloats();
        owner = IntVector.fromArray(I, w.owners, owners + LANES);
        FloatVector v1 = owner.selectFrom(shares).reinterpretAsFloats();
        int column = Math.max(0, 2 * x - w.padding);
        for (int at = line + column; at < lineEnd; at += width) {
          v0.intoArray(to, at);
          v1.intoArray(to, at + LANES);
        }
      }
    }

    /** The same of windows of 3. */
    private void triples(
        float factor,
        float[] from,
        int small,
        int first,
        int end,
        float[] to,
        int line,
        int lineEnd) {
      int width = w.width;
      for (int next = first; next < end; next += LANES) {
        int x = SlidingRows.vector(next, first, end);
        int owners = w.ownersAt(x);
        FloatVector divisors = FloatVector.fromArray(F, w.divisors, w.divisorsAt(x)).mul(factor);
        IntVector shares =
            FloatVector.fromArray(F, from, small + x).div(divisors).add(0).reinterpretAsInts();
        IntVector owner = IntVector.fromArray(I, w.owners, owners);
        FloatVector v0 = owner.selectFrom(shares).reinterpretAsFloats();
        owner = IntVector.fromArray(I, w.owners, owners + LANES);
        FloatVector v1 = owner.selectFrom(shares).reinterpretAsFloats();
        owner = IntVector.fromArray(I, w.owners, owners + 2 * LANES);
        FloatVector v2 = owner.selectFrom(shares).reinterpretAsFloats();
        int column = Math.max(0, 3 * x - w.padding);
        for (int at = line + column; at < lineEnd; at += width) {
          v0.intoArray(to, at);
          v1.intoArray(to, at + LANES);
          v2.intoArray(to, at + 2 * LANES);
        }
      }
    }

    /** A row without what lies beyond it. */
    private void inside(
        float factor, float[] from, int small, int first, int end, float[] to, int line) {
      for (int next = first; next < end; next += LANES) {
        int x = SlidingRows.vector(next, first, end);
        int owners = w.ownersAt(x);
        int at = Math.max(0, x * w.stride - w.padding);
        IntVector shares = shares(from, small, x, factor).reinterpretAsInts();
        for (int j = 0; j < w.stride; j++) {
          IntVector owner = IntVector.fromArray(I, w.owners, owners + j * LANES);
          int column = at + j * LANES;
          if (column < w.width) {
            FloatVector v = owner.selectFrom(shares).reinterpretAsFloats();
            Tail.store(v, to, line + column, w.width - column);
          }
        }
      }
    }

    /** Plus 0, as the scalar twin adds to zeros: -0 becomes 0. */
    private FloatVector shares(float[] gradOutput, int small, int x, float factor) {
      FloatVector divisors = FloatVector.fromArray(F, w.divisors, w.divisorsAt(x)).mul(factor);
      return FloatVector.fromArray(F, gradOutput, small + x).div(divisors).add(0);
    }

    /** Clears what of the input's rows is in no window of a row. */
    private void clearRest(float[] gradInput, int row, int plane) {
      int covered = w.perRow * w.stride - w.padding;
      for (int h = rows.first(row); covered < w.width && h < rows.end(row); h++) {
        Arrays.fill(gradInput, plane + h * w.width + covered, plane + (h + 1) * w.width, 0);
      }
    }

    @Override
    public void scalars(int plane, int row, int from, int to, Operands a) {
      int small = a.gradOutputAt + plane * w.outPlane + row * w.perRow;
      for (int h = rows.first(row); h < rows.end(row); h++) {
        int line = a.gradInputAt + plane * w.inPlane + h * w.width;
        for (int x = from; x < to; x++) {
          float share = a.gradOutput[small + x] / p.divisor(row, x) + 0;
          for (int column = columns.first(x); column < columns.end(x); column++) {
            a.gradInput[line + column] = share;
          }
        }
      }
      if (to == w.perRow) {
        clearRest(a.gradInput, row, a.gradInputAt + plane * w.inPlane);
      }
    }
  }
}
