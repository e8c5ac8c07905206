package io.github.lanewise.vector;

import static io.github.lanewise.vector.Strided.HIGH;
import static io.github.lanewise.vector.Strided.LAST_0;
import static io.github.lanewise.vector.Strided.LAST_1;
import static io.github.lanewise.vector.Strided.LAST_2;
import static io.github.lanewise.vector.Strided.LOW;
import static io.github.lanewise.vector.Strided.MERGE_0;
import static io.github.lanewise.vector.Strided.MERGE_1;
import static io.github.lanewise.vector.Strided.MERGE_2;
import static io.github.lanewise.vector.VectorWidth.F;
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
import jdk.incubator.vector.VectorMask;

/**
 * Average pooling's gradient, gathered: an input element sums the shares {@code gradOutput /
 * divisor} of the windows that see it. Elements {@code j, j + stride, j + 2·stride, …} of a row see
 * neighbouring windows, at distances that depend on {@code j} alone; {@code stride} such vectors,
 * interleaved, are a piece of the row.
 */
final class VectorAveragePoolingBackward implements Implementation<PoolingProblem> {
  private static final int MOST_TAPS = 4096;
  private static final int MOST_SCRATCH = 1 << 24;

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public boolean accepts(PoolingProblem p) {
    return p.rows() instanceof Sliding rows
        && p.columns() instanceof Sliding columns
        && columns.stride() <= 3
        && (long) rows.kernel() * columns.kernel() <= MOST_TAPS
        && rows.windows() * (columns.size() + 2L * columns.kernel() + 4L * LANES) <= MOST_SCRATCH;
  }

  @Override
  public Kernel[] kernels(PoolingProblem p) {
    return new Kernel[] {new Planes(p)};
  }

  private static final class Planes extends PlaneKernel {
    private final PoolingProblem p;
    private final Sliding rows;
    private final Sliding columns;

    /** By {@code j}, in rising order: how far the windows are from window {@code i}. */
    private final int[][] distances;

    // windows without padding to the left or right: in a row, they have one divisor
    private final int first;
    private final int end;

    // a row of shares with zeros on both sides, for windows that do not exist
    private final int before;
    private final int pitch;

    Planes(PoolingProblem p) {
      super(p.planes(), (long) p.inputPlane() + p.outputPlane());
      this.p = p;
      rows = (Sliding) p.rows();
      columns = (Sliding) p.columns();
      first = columns.interiorFirst();
      end = columns.interiorEnd();
      int stride = columns.stride();
      distances = new int[stride][];
      int least = 0;
      int most = 0;
      for (int j = 0; j < stride; j++) {
        int reach = j + columns.padding();
        int count = 0;
        int[] all = new int[columns.kernel()];
        for (int kw = columns.kernel() - 1; kw >= 0; kw--) {
          if ((reach - kw) % stride == 0) {
            all[count++] = (reach - kw) / stride;
          }
        }
        distances[j] = Arrays.copyOf(all, count);
        if (count > 0) {
          least = Math.min(least, distances[j][0]);
          most = Math.max(most, distances[j][count - 1]);
        }
      }
      before = -least;
      int pieces = (columns.size() + stride * LANES - 1) / (stride * LANES);
      pitch = before + Math.max(pieces * LANES + most, columns.windows());
    }

    @Override
    public long taskScratch() {
      return (long) rows.windows() * pitch + p.inputPlane() + LANES;
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      int from = a.gradOutputAt + plane * p.outputPlane();
      int to = a.gradInputAt + plane * p.inputPlane();
      int at = own + before;
      Arrays.fill(scratch, own, own + rows.windows() * pitch, 0);
      for (int row = 0; row < rows.windows(); row++) {
        shares(row, a.gradOutput, from + row * columns.windows(), scratch, at + row * pitch);
      }
      if (Tail.beyond(a.gradInput, to + p.inputPlane()) == 0) {
        gather(scratch, at, a.gradInput, to);
      } else { // vectors would reach beyond the array
        int result = own + rows.windows() * pitch;
        gather(scratch, at, scratch, result);
        System.arraycopy(scratch, result, a.gradInput, to, p.inputPlane());
      }
    }

    private void gather(float[] scratch, int at, float[] gradInput, int to) {
      if (columns.stride() == 1) {
        one(scratch, at, gradInput, to);
      } else if (columns.stride() == 2) {
        two(scratch, at, gradInput, to);
      } else {
        three(scratch, at, gradInput, to);
      }
    }

    /** {@code shares = gradOutput / divisor} of a row. */
    private void shares(int row, float[] gradOutput, int from, float[] shares, int to) {
      for (int x = 0; x < first; x++) {
        shares[to + x] = gradOutput[from + x] / p.divisor(row, x);
      }
      if (first < end) {
        float divisor = p.divisor(row, first);
        int x = first;
        for (; x <= end - LANES; x += LANES) {
          FloatVector.fromArray(F, gradOutput, from + x).div(divisor).intoArray(shares, to + x);
        }
        if (x < end && Tail.beyond(gradOutput, from + x) == 0) {
          VectorMask<Float> rest = F.indexInRange(x, end);
          FloatVector.fromArray(F, gradOutput, from + x, rest)
              .div(divisor)
              .intoArray(shares, to + x, rest);
          x = end;
        }
        for (; x < end; x++) { // at the end of the array
          shares[to + x] = gradOutput[from + x] / divisor;
        }
      }
      for (int x = end; x < columns.windows(); x++) {
        shares[to + x] = gradOutput[from + x] / p.divisor(row, x);
      }
    }

    /** The first window row that sees an input row. */
    private int firstRow(int h) {
      int position = h + rows.padding() - rows.kernel();
      return position < 0 ? 0 : position / rows.stride() + 1;
    }

    /** One past the last window row that sees an input row. */
    private int endRow(int h) {
      return Math.min((h + rows.padding()) / rows.stride() + 1, rows.windows());
    }

    private void one(float[] shares, int at, float[] gradInput, int to) {
      int width = columns.size();
      int[] near = distances[0];
      for (int h = 0; h < rows.size(); h++) {
        int first = at + firstRow(h) * pitch;
        int end = at + endRow(h) * pitch;
        for (int x = 0; x < width; x += LANES) {
          FloatVector sum = FloatVector.zero(F);
          for (int row = first; row < end; row += pitch) {
            for (int d = 0; d < near.length; d++) {
              sum = sum.add(FloatVector.fromArray(F, shares, row + x + near[d]));
            }
          }
          store(sum, gradInput, to + h * width, x, width);
        }
      }
    }

    private void two(float[] shares, int at, float[] gradInput, int to) {
      int width = columns.size();
      int[] near0 = distances[0];
      int[] near1 = distances[1];
      for (int h = 0; h < rows.size(); h++) {
        int first = at + firstRow(h) * pitch;
        int end = at + endRow(h) * pitch;
        for (int x = 0; 2 * x < width; x += LANES) {
          FloatVector sum0 = FloatVector.zero(F);
          FloatVector sum1 = FloatVector.zero(F);
          for (int row = first; row < end; row += pitch) {
            for (int d = 0; d < near0.length; d++) {
              sum0 = sum0.add(FloatVector.fromArray(F, shares, row + x + near0[d]));
            }
            for (int d = 0; d < near1.length; d++) {
              sum1 = sum1.add(FloatVector.fromArray(F, shares, row + x + near1[d]));
            }
          }
          IntVector even = sum0.reinterpretAsInts();
          IntVector odd = sum1.reinterpretAsInts();
          int line = to + h * width;
          store(LOW.selectFrom(even, odd).reinterpretAsFloats(), gradInput, line, 2 * x, width);
          store(
              HIGH.selectFrom(even, odd).reinterpretAsFloats(),
              gradInput,
              line,
              2 * x + LANES,
              width);
        }
      }
    }

    private void three(float[] shares, int at, float[] gradInput, int to) {
      int width = columns.size();
      int[] near0 = distances[0];
      int[] near1 = distances[1];
      int[] near2 = distances[2];
      for (int h = 0; h < rows.size(); h++) {
        int first = at + firstRow(h) * pitch;
        int end = at + endRow(h) * pitch;
        for (int x = 0; 3 * x < width; x += LANES) {
          FloatVector sum0 = FloatVector.zero(F);
          FloatVector sum1 = FloatVector.zero(F);
          FloatVector sum2 = FloatVector.zero(F);
          for (int row = first; row < end; row += pitch) {
            for (int d = 0; d < near0.length; d++) {
              sum0 = sum0.add(FloatVector.fromArray(F, shares, row + x + near0[d]));
            }
            for (int d = 0; d < near1.length; d++) {
              sum1 = sum1.add(FloatVector.fromArray(F, shares, row + x + near1[d]));
            }
            for (int d = 0; d < near2.length; d++) {
              sum2 = sum2.add(FloatVector.fromArray(F, shares, row + x + near2[d]));
            }
          }
          IntVector a = sum0.reinterpretAsInts();
          IntVector b = sum1.reinterpretAsInts();
          IntVector c = sum2.reinterpretAsInts();
          int line = to + h * width;
          FloatVector v = LAST_0.selectFrom(MERGE_0.selectFrom(a, b), c).reinterpretAsFloats();
          store(v, gradInput, line, 3 * x, width);
          v = LAST_1.selectFrom(MERGE_1.selectFrom(a, b), c).reinterpretAsFloats();
          store(v, gradInput, line, 3 * x + LANES, width);
          v = LAST_2.selectFrom(MERGE_2.selectFrom(a, b), c).reinterpretAsFloats();
          store(v, gradInput, line, 3 * x + 2 * LANES, width);
        }
      }
    }
  }

  /** Stores what of a vector lies before the row's {@code end}. */
  private static void store(FloatVector v, float[] gradInput, int row, int w, int end) {
    if (w < end) {
      Tail.store(v, gradInput, row + w, end - w);
    }
  }
}
