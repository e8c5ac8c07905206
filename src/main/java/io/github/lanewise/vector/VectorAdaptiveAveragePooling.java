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

    Planes(PoolingProblem p) {
      super(p.planes(), (long) p.inputPlane() + p.outputPlane());
      this.p = p;
      rows = (Adaptive) p.rows();
      columns = (Adaptive) p.columns();
    }

    @Override
    public long taskScratch() {
      return Math.max(columns.size() + LANES, 2 * RUN);
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      int in = a.inputAt + plane * p.inputPlane();
      int out = a.outputAt + plane * p.outputPlane();
      int width = columns.size();
      int perRow = columns.windows();
      for (int row = 0; row < rows.windows(); row++) {
        int first = in + rows.first(row) * width;
        int end = in + rows.end(row) * width;
        if (perRow == 1) {
          a.output[out + row] = sum(a.input, first, end, scratch, own) / p.divisor(row, 0);
        } else {
          columns(a.input, first, end, width, scratch, own);
          windows(scratch, own, rows.count(row), a.output, out + row * perRow);
        }
      }
    }

    private void windows(float[] sums, int at, long height, float[] output, int out) {
      int perRow = columns.windows();
      for (int column = 0; column < perRow; column++) {
        int first = columns.first(column);
        int end = columns.end(column);
        float sum = 0;
        for (int w = first; w < end; w++) {
          sum += sums[at + w];
        }
        output[out + column] = sum / (height * (end - first));
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
  private static float sum(float[] input, int first, int end, float[] sums, int at) {
    int rest = (end - first) % RUN;
    int lines = (end - first) / RUN;
    int whole = end - rest;
    float[] tail = input;
    int tailAt = whole;
    if (whole + RUN > input.length) {
      tail = sums;
      tailAt = at + RUN;
      System.arraycopy(input, whole, sums, tailAt, rest);
    }
    for (int x = 0; x < RUN; x += LANES) {
      FloatVector sum1 = FloatVector.zero(F);
      FloatVector sum2 = sum1;
      FloatVector sum3 = sum1;
      FloatVector sum4 = sum1;
      int quads = lines / 4;
      int i = first + x;
      for (int k = 0; k < quads; k++) {
        sum1 = sum1.add(FloatVector.fromArray(F, input, i));
        sum2 = sum2.add(FloatVector.fromArray(F, input, i + RUN));
        sum3 = sum3.add(FloatVector.fromArray(F, input, i + 2 * RUN));
        sum4 = sum4.add(FloatVector.fromArray(F, input, i + 3 * RUN));
        i += 4 * RUN;
      }
      int more = lines % 4;
      for (int k = 0; k < more; k++) {
        sum1 = sum1.add(FloatVector.fromArray(F, input, i));
        i += RUN;
      }
      VectorMask<Float> beyond = IOTA.compare(VectorOperators.GE, rest - x).cast(F);
      sum4 = sum4.add(FloatVector.fromArray(F, tail, tailAt + x).blend(0f, beyond));
      sum1.add(sum2).add(sum3.add(sum4)).intoArray(sums, at + x);
    }
    FloatVector sum = FloatVector.fromArray(F, sums, at);
    if (LANES <= RUN / 2) {
      sum = sum.add(FloatVector.fromArray(F, sums, at + RUN / 2));
    }
    if (LANES <= RUN / 4) {
      sum = sum.add(FloatVector.fromArray(F, sums, at + RUN / 4).add(FloatVector.fromArray(F, sums, at + 3 * (RUN / 4))));
    }
    return LaneSum.of(sum);
  }
}
