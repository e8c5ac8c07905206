package io.github.lanewise.vector;

import static io.github.lanewise.vector.SlidingRows.IOTA;
import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PlaneKernel;
import io.github.lanewise.internal.PoolingAxis.Adaptive;
import io.github.lanewise.internal.PoolingProblem;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Adaptive average pooling to planes that are not larger. For each row of the output, the rows of
 * the input that its windows see are added in lanes; the windows add up their columns of this line.
 *
 * <p>Columns are added in {@value #FIXED_RUN} lanes, in as many vectors as it takes, so that the
 * order is the same at each vector width.
 */
final class VectorAdaptiveAveragePooling implements Implementation<PoolingProblem> {
  private static final int FIXED_RUN = 16;

  /** Most planes that are taken together. */
  private static final int PLANES = 64;

  /** Elements of planes that stay in the first cache: narrow vectors go over them several times. */
  private static final int CACHED = 1 << 12;

  /** Lanes of a sum. */
  private static final int RUN = Math.max(FIXED_RUN, LANES);

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

    /** Floats of scratch memory for a line, and what is loaded behind it. */
    private final int line;

    /** Rows of the output whose lines are there before their windows are taken. */
    private final int band;

    /**
     * Twice {@link #RUN}, as a variable: C2 would unroll a loop by a constant, which takes longer
     * for the few steps of a small plane.
     */
    private final int step;

    /** Whether a window may have more columns than a sum has lanes. */
    private final boolean isLong;

    Planes(PoolingProblem p) {
      super(p.planes(), (long) p.inputPlane() + p.outputPlane());
      this.p = p;
      rows = (Adaptive) p.rows();
      columns = (Adaptive) p.columns();
      line = columns.size() + RUN;
      step = 2 * RUN;
      band = AdaptiveRows.band(rows, columns);
      isLong = columns.size() / columns.windows() + 2 > RUN;
    }

    @Override
    public long taskScratch() {
      return columns.windows() == 1 ? PLANES * RUN : 3 * RUN + (long) band * line;
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      planes(plane, plane + 1, a, scratch, own);
    }

    @Override
    protected void planes(int first, int end, Operands a, float[] scratch, int own) {
      if (columns.windows() == 1) {
        int whole = rows.windows() == 1 ? wholePlanes(first, end, a, scratch, own) : first;
        runs(whole * rows.windows(), end * rows.windows(), a, scratch, own);
        return;
      }
      for (int plane = first; plane < end; plane++) {
        for (int row = 0; row < rows.windows(); row += band) {
          rows(plane, row, Math.min(row + band, rows.windows()), a, scratch, own);
        }
      }
    }

    /**
     * Outputs whose windows are whole planes: all have the same masks, which C2 then keeps.
     *
     * @return the first plane that is left, since vectors would reach beyond the array
     */
    private int wholePlanes(int from, int to, Operands a, float[] scratch, int own) {
      int n = p.inputPlane();
      int inside = a.input.length - a.inputAt - (n - n % (2 * RUN) + 2 * RUN);
      int end = inside < 0 ? from : Math.clamp(inside / n + 1, from, to);
      int atOnce = Math.clamp(CACHED / n, 1, PLANES);
      for (int first = from; first < end; first += atOnce) {
        int count = Math.min(atOnce, end - first);
        int in = a.inputAt + first * n;
        for (int x = 0; x < RUN; x += LANES) {
          lanes(a.input, in, n, count, step, x, scratch, own);
        }
        int out = a.outputAt + first;
        for (int i = 0; i < count; i++) {
          a.output[out + i] = total(scratch, own + i * RUN) / n;
        }
      }
      return end;
    }

    /** Outputs whose windows are runs of the input. */
    private void runs(int from, int to, Operands a, float[] scratch, int own) {
      float[] input = a.input;
      float[] output = a.output;
      int width = columns.size();
      int perPlane = rows.windows();
      int in = a.inputAt + from / perPlane * p.inputPlane();
      int row = 0;
      for (int i = from; i < to; i++) {
        int first = in + rows.first(row) * width;
        int end = in + rows.end(row) * width;
        output[a.outputAt + i] = sum(input, first, end, scratch, own) / (end - first);
        row++;
        if (row == perPlane) {
          row = 0;
          in += p.inputPlane();
        }
      }
    }

    /** Some output rows of a plane. */
    private void rows(int plane, int from, int to, Operands a, float[] scratch, int own) {
      int in = a.inputAt + plane * p.inputPlane();
      int out = a.outputAt + plane * p.outputPlane();
      int width = columns.size();
      int perRow = columns.windows();
      int lines = own + 3 * RUN;
      for (int row = from; row < to; row++) {
        int first = in + rows.first(row) * width;
        int end = in + rows.end(row) * width;
        int at = lines + (row - from) * line;
        if (AdaptiveRows.isInside(end - width, columns, a.input)) {
          columns(a.input, first, end, width, scratch, at);
        } else {
          scalarColumns(a.input, first, end, width, scratch, at);
        }
      }
      for (int row = from; row < to; row++) {
        int at = lines + (row - from) * line;
        if (isLong) {
          longWindows(scratch, at, own, rows.count(row), a.output, out + row * perRow);
        } else {
          windows(scratch, at, own, rows.count(row), a.output, out + row * perRow);
        }
      }
    }

    // two methods: in one, C2 took up to 1.6 times as long for short windows once it saw long ones

    private void windows(float[] sums, int at, int free, long height, float[] output, int out) {
      int perRow = columns.windows();
      for (int column = 0; column < perRow; column++) {
        int first = columns.first(column);
        int n = columns.end(column) - first;
        output[out + column] = sumOfRun(sums, at + first, n, free) / (height * n);
      }
    }

    private void longWindows(float[] sums, int at, int free, long height, float[] output, int out) {
      int perRow = columns.windows();
      for (int column = 0; column < perRow; column++) {
        int first = columns.first(column);
        int end = columns.end(column);
        output[out + column] =
            sum(sums, at + first, at + end, sums, free) / (height * (end - first));
      }
    }
  }

  /** The sums of the columns over the rows that lie between two indices. */
  private static void columns(float[] input, int first, int end, int width, float[] sums, int at) {
    int last = (width - 1) / LANES;
    for (int v = 0; v <= last; v += 4) {
      int x1 = AdaptiveRows.start(v, width);
      int x2 = AdaptiveRows.start(Math.min(v + 1, last), width);
      int x3 = AdaptiveRows.start(Math.min(v + 2, last), width);
      int x4 = AdaptiveRows.start(Math.min(v + 3, last), width);
      FloatVector sum1 = FloatVector.zero(F);
      FloatVector sum2 = sum1;
      FloatVector sum3 = sum1;
      FloatVector sum4 = sum1;
      // not counted: C2 would unroll it, and memory that is read in several places comes slower
      for (int i = first; i < end; i += width) {
        sum1 = sum1.add(FloatVector.fromArray(F, input, i + x1));
        sum2 = sum2.add(FloatVector.fromArray(F, input, i + x2));
        sum3 = sum3.add(FloatVector.fromArray(F, input, i + x3));
        sum4 = sum4.add(FloatVector.fromArray(F, input, i + x4));
      }
      sum1.intoArray(sums, at + x1);
      sum2.intoArray(sums, at + x2);
      sum3.intoArray(sums, at + x3);
      sum4.intoArray(sums, at + x4);
    }
  }

  private static void scalarColumns(
      float[] input, int first, int end, int width, float[] sums, int at) {
    for (int w = 0; w < width; w++) {
      float sum = 0;
      for (int i = first + w; i < end; i += width) {
        sum += input[i];
      }
      sums[at + w] = sum;
    }
  }

  /**
   * Sums of runs that follow each other, all of n elements, in some of their lanes and in the order
   * of {@link #sum}.
   *
   * @param step twice {@link #RUN}
   * @param x the first of the lanes
   */
  private static void lanes(
      float[] input, int at, int n, int count, int step, int x, float[] sums, int sumsAt) {
    int rest = n % (2 * RUN);
    IntVector left = IOTA.sub(rest - x);
    VectorMask<Float> beyond = left.compare(VectorOperators.GE, 0).cast(F);
    VectorMask<Float> beyond2 = left.compare(VectorOperators.GE, -RUN).cast(F);
    for (int run = 0; run < count; run++) {
      int first = at + run * n + x;
      int tail = first + n - rest;
      FloatVector sum = FloatVector.fromArray(F, input, tail).blend(0f, beyond);
      FloatVector sum2 = FloatVector.fromArray(F, input, tail + RUN).blend(0f, beyond2);
      for (int i = first; i < tail; i += step) {
        sum = sum.add(FloatVector.fromArray(F, input, i));
        sum2 = sum2.add(FloatVector.fromArray(F, input, i + RUN));
      }
      sum.add(sum2).intoArray(sums, sumsAt + run * RUN + x);
    }
  }

  /**
   * The sum of a run, the same at each vector width.
   *
   * @param at where three runs may be written to scratch
   */
  private static float sum(float[] input, int first, int end, float[] scratch, int at) {
    int pairs = (end - first) / (2 * RUN);
    int rest = (end - first) % (2 * RUN);
    float[] tail = input;
    int tailAt = end - rest;
    if (tailAt > input.length - 2 * RUN) {
      tail = scratch;
      tailAt = at + RUN;
      System.arraycopy(input, end - rest, scratch, tailAt, rest);
    }
    for (int x = 0; x < RUN; x += LANES) {
      IntVector left = IOTA.sub(rest - x);
      VectorMask<Float> beyond = left.compare(VectorOperators.GE, 0).cast(F);
      VectorMask<Float> beyond2 = left.compare(VectorOperators.GE, -RUN).cast(F);
      FloatVector sum = FloatVector.fromArray(F, tail, tailAt + x).blend(0f, beyond);
      FloatVector sum2 = FloatVector.fromArray(F, tail, tailAt + RUN + x).blend(0f, beyond2);
      for (int i = 0; i < pairs; i++) {
        int from = first + x + i * 2 * RUN;
        sum = sum.add(FloatVector.fromArray(F, input, from));
        sum2 = sum2.add(FloatVector.fromArray(F, input, from + RUN));
      }
      sum.add(sum2).intoArray(scratch, at + x);
    }
    return total(scratch, at);
  }

  /** The sum of a run's lanes, which it writes over. */
  private static float total(float[] scratch, int at) {
    if (LANES < RUN) {
      FloatVector sum = FloatVector.fromArray(F, scratch, at);
      sum = sum.add(FloatVector.fromArray(F, scratch, at + RUN / 2));
      if (LANES <= RUN / 4) {
        FloatVector sum2 = FloatVector.fromArray(F, scratch, at + RUN / 4);
        sum = sum.add(sum2.add(FloatVector.fromArray(F, scratch, at + 3 * (RUN / 4))));
      }
      sum.intoArray(scratch, at);
    }
    return LaneSum.of(scratch, at);
  }

  /**
   * The same of as many elements as there are lanes, or fewer; others are read, too.
   *
   * @param free where a vector may be written to x
   */
  private static float sumOfRun(float[] x, int at, int n, int free) {
    IntVector left = IOTA.sub(n);
    VectorMask<Float> beyond = left.compare(VectorOperators.GE, 0).cast(F);
    FloatVector sum = FloatVector.fromArray(F, x, at).blend(0f, beyond);
    if (LANES <= RUN / 2) {
      beyond = left.compare(VectorOperators.GE, -RUN / 2).cast(F);
      sum = sum.add(FloatVector.fromArray(F, x, at + RUN / 2).blend(0f, beyond));
    }
    if (LANES <= RUN / 4) {
      beyond = left.compare(VectorOperators.GE, -RUN / 4).cast(F);
      FloatVector sum2 = FloatVector.fromArray(F, x, at + RUN / 4).blend(0f, beyond);
      beyond = left.compare(VectorOperators.GE, -3 * RUN / 4).cast(F);
      sum2 = sum2.add(FloatVector.fromArray(F, x, at + 3 * (RUN / 4)).blend(0f, beyond));
      sum = sum.add(sum2);
    }
    sum.intoArray(x, free);
    return LaneSum.of(x, free);
  }
}
