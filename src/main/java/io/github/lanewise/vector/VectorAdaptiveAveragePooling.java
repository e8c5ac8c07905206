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
 * Adaptive average pooling to planes that are not larger. For each row of the output, rows of the
 * input are added in lanes; the windows take their columns from the line of sums.
 */
final class VectorAdaptiveAveragePooling implements Implementation<PoolingProblem> {
  private static final int RUN = Math.max(16, LANES);

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
    private final int line;
    private final int band;
    private final int longest;

    Planes(PoolingProblem p) {
      super(p.planes(), (long) p.inputPlane() + p.outputPlane());
      this.p = p;
      rows = (Adaptive) p.rows();
      columns = (Adaptive) p.columns();
      longest = columns.size() / columns.windows() + 2;
      line = columns.size() + RUN;
      band = Math.clamp(1024 / columns.size(), 1, rows.windows());
    }

    @Override
    public long taskScratch() {
      return RUN + Math.max((long) band * line, 0) + 2 * RUN;
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      planes(plane, plane + 1, a, scratch, own);
    }

    @Override
    protected void planes(int first, int end, Operands a, float[] scratch, int own) {
      if (columns.windows() == 1) {
        runs(first * rows.windows(), end * rows.windows(), a, scratch, own);
        return;
      }
      for (int plane = first; plane < end; plane++) {
        for (int row = 0; row < rows.windows(); row += band) {
          rows(plane, row, Math.min(row + band, rows.windows()), a, scratch, own);
        }
      }
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

    private void rows(int plane, int from, int to, Operands a, float[] scratch, int own) {
      int in = a.inputAt + plane * p.inputPlane();
      int out = a.outputAt + plane * p.outputPlane();
      int width = columns.size();
      int perRow = columns.windows();
      int lines = own + RUN;
      for (int row = from; row < to; row++) {
        int first = in + rows.first(row) * width;
        int end = in + rows.end(row) * width;
        columns(a.input, first, end, width, scratch, lines + (row - from) * line);
      }
      for (int row = from; row < to; row++) {
        int at = lines + (row - from) * line;
        if (longest <= RUN) {
          windows(scratch, at, rows.count(row), a.output, out + row * perRow);
        } else {
          longWindows(scratch, at, own, rows.count(row), a.output, out + row * perRow);
        }
      }
    }

    private void windows(float[] sums, int at, long height, float[] output, int out) {
      int perRow = columns.windows();
      for (int column = 0; column < perRow; column++) {
        int first = columns.first(column);
        int n = columns.end(column) - first;
        output[out + column] = sumOfRun(sums, at + first, n) / (height * n);
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

  private static void columns(
      float[] input, int first, int end, int width, float[] sums, int at) {
    if (width < LANES && end - width + LANES > input.length) {
      for (int w = 0; w < width; w++) {
        float sum = 0;
        for (int i = first + w; i < end; i += width) {
          sum += input[i];
        }
        sums[at + w] = sum;
      }
      return;
    }
    int vectors = (width - 1) / LANES + 1;
    int count = (end - first) / width;
    for (int v = 0; v < vectors; v += 4) {
      int x1 = AdaptiveRows.start(v, width);
      int x2 = AdaptiveRows.start(Math.min(v + 1, vectors - 1), width);
      int x3 = AdaptiveRows.start(Math.min(v + 2, vectors - 1), width);
      int x4 = AdaptiveRows.start(Math.min(v + 3, vectors - 1), width);
      FloatVector sum1 = FloatVector.zero(F);
      FloatVector sum2 = sum1;
      FloatVector sum3 = sum1;
      FloatVector sum4 = sum1;
      for (int h = 0; h < count; h++) {
        int i = first + h * width;
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

  /** The sum of a run, the same at each vector width. */
  private static float sum(float[] input, int first, int end, float[] scratch, int at) {
    int pairs = (end - first) / (2 * RUN);
    int rest = (end - first) % (2 * RUN);
    float[] tail = input;
    int tailAt = end - rest;
    if (tailAt + 2 * RUN > input.length) {
      tail = scratch;
      tailAt = at + RUN;
      System.arraycopy(input, end - rest, scratch, tailAt, rest);
    }
    FloatVector sum = FloatVector.zero(F);
    for (int x = 0; x < RUN; x += LANES) {
      IntVector left = IOTA.sub(rest - x);
      VectorMask<Float> beyond = left.compare(VectorOperators.GE, 0).cast(F);
      VectorMask<Float> beyond2 = left.compare(VectorOperators.GE, -RUN).cast(F);
      sum = FloatVector.fromArray(F, tail, tailAt + x).blend(0f, beyond);
      FloatVector sum2 = FloatVector.fromArray(F, tail, tailAt + RUN + x).blend(0f, beyond2);
      for (int i = 0; i < pairs; i++) {
        int from = first + x + i * 2 * RUN;
        sum = sum.add(FloatVector.fromArray(F, input, from));
        sum2 = sum2.add(FloatVector.fromArray(F, input, from + RUN));
      }
      sum = sum.add(sum2);
      if (LANES < RUN) {
        sum.intoArray(scratch, at + x);
      }
    }
    return LANES < RUN ? sumOfRun(scratch, at, RUN) : LaneSum.of(sum);
  }

  /** The same of at most {@value #RUN} elements. */
  private static float sumOfRun(float[] x, int at, int n) {
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
    return LaneSum.of(sum);
  }
}
