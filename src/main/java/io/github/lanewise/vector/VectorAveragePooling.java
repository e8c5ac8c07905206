package io.github.lanewise.vector;

import static io.github.lanewise.vector.Strided.EVEN;
import static io.github.lanewise.vector.Strided.ODD;
import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PlaneKernel;
import io.github.lanewise.internal.PoolingProblem;
import io.github.lanewise.scalar.ScalarAveragePooling;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Average pooling with neighbouring outputs of a row in lanes. Windows with padding to the left or
 * right are left to the scalar twin, which adds in the same order.
 */
final class VectorAveragePooling implements Implementation<PoolingProblem> {
  @Override
  public String name() {
    return "vector";
  }

  @Override
  public boolean accepts(PoolingProblem p) {
    return SlidingRows.accepts(p);
  }

  @Override
  public Kernel[] kernels(PoolingProblem p) {
    return new Kernel[] {new Planes(p)};
  }

  private static final class Planes extends PlaneKernel {
    private final PoolingProblem p;
    private final SlidingRows windows;

    Planes(PoolingProblem p) {
      super(p.planes(), (long) p.inputPlane() + p.outputPlane());
      this.p = p;
      windows = new SlidingRows(p);
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      SlidingRows w = windows;
      int in = a.inputAt + plane * p.inputPlane();
      int out = a.outputAt + plane * p.outputPlane();
      int columns = p.columns().windows();
      int inside = Math.min(w.rowsInside(a.input, in), w.rowsStored(a.output.length - out));
      if (w.isTiling(2)) {
        pairs(p, w, a.input, in, inside, a.output, out);
      } else {
        any(p, w, a.input, in, inside, a.output, out);
      }
      for (int row = 0; w.first > 0 && row < inside; row++) {
        ScalarAveragePooling.windows(p, plane, row, 0, w.first, a);
      }
      for (int row = 0; w.end < columns && row < inside; row++) {
        ScalarAveragePooling.windows(p, plane, row, w.end, columns, a);
      }
      for (int row = inside; row < p.rows().windows(); row++) {
        ScalarAveragePooling.windows(p, plane, row, 0, columns, a);
      }
    }
  }

  /**
   * The windows without padding to the left or right, in the first {@code rows} rows of a plane.
   */
  private static void any(
      PoolingProblem p, SlidingRows w, float[] input, int in, int rows, float[] output, int out) {
    for (int row = 0; row < rows; row++) {
      int start = in + w.start(row);
      int from = w.firstTap(row);
      int to = w.endTap(row);
      float divisor = p.divisor(row, w.first);
      for (int x = w.first; x < w.end; x += LANES) {
        FloatVector sum = FloatVector.zero(F);
        for (int tap = from; tap < to; tap++) {
          int at = start + x * w.stride + w.taps[tap];
          sum = sum.add(Strided.load(input, at, w.stride, w.gather));
        }
        Tail.store(sum.div(divisor), output, out + row * w.perRow + x, w.end - x);
      }
    }
  }

  /** The same for kernels of width 2 with stride 2. */
  private static void pairs(
      PoolingProblem p, SlidingRows w, float[] input, int in, int rows, float[] output, int out) {
    for (int row = 0; row < rows; row++) {
      int start = in + w.start(row);
      int from = w.firstTap(row);
      int to = w.endTap(row);
      float divisor = p.divisor(row, w.first);
      for (int x = w.first; x < w.end; x += LANES) {
        FloatVector sum = FloatVector.zero(F);
        for (int tap = from; tap < to; tap += 2) {
          int at = start + x * 2 + w.taps[tap];
          IntVector first = FloatVector.fromArray(F, input, at).reinterpretAsInts();
          IntVector second = FloatVector.fromArray(F, input, at + LANES).reinterpretAsInts();
          sum = sum.add(EVEN.selectFrom(first, second).reinterpretAsFloats());
          sum = sum.add(ODD.selectFrom(first, second).reinterpretAsFloats());
        }
        Tail.store(sum.div(divisor), output, out + row * w.perRow + x, w.end - x);
      }
    }
  }
}
