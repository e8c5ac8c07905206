package io.github.lanewise.vector;

import static io.github.lanewise.vector.Strided.EVEN;
import static io.github.lanewise.vector.Strided.ODD;
import static io.github.lanewise.vector.Strided.REST_0;
import static io.github.lanewise.vector.Strided.REST_1;
import static io.github.lanewise.vector.Strided.REST_2;
import static io.github.lanewise.vector.Strided.THIRD_0;
import static io.github.lanewise.vector.Strided.THIRD_1;
import static io.github.lanewise.vector.Strided.THIRD_2;
import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.I;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PlaneKernel;
import io.github.lanewise.internal.PoolingProblem;
import io.github.lanewise.scalar.ScalarMaxPooling;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Max pooling with neighbouring outputs of a row in lanes. Windows with padding to the left or
 * right are left to the scalar twin.
 */
final class VectorMaxPooling implements Implementation<PoolingProblem> {
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
      super(p.planes(), p.inputPlane() + 2L * p.outputPlane());
      this.p = p;
      windows = new SlidingRows(p);
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      SlidingRows w = windows;
      int in = a.inputAt + plane * p.inputPlane();
      int out = plane * p.outputPlane();
      int rows = p.rows().windows();
      int columns = p.columns().windows();
      int inside =
          Math.min(w.rowsInside(a.input, in), w.rowsStored(a.output.length - a.outputAt - out));
      if (a.indices != null) {
        inside = Math.min(inside, w.rowsStored(a.indices.length - a.indicesAt - out));
      }
      if (w.isTiling(2)) {
        pairs(w, in, inside, out, a);
      } else if (w.isTiling(3)) {
        triples(w, in, inside, out, a);
      } else {
        any(w, in, inside, out, a);
      }
      for (int row = 0; w.first > 0 && row < inside; row++) {
        ScalarMaxPooling.windows(p, plane, row, 0, w.first, a);
      }
      for (int row = 0; w.end < columns && row < inside; row++) {
        ScalarMaxPooling.windows(p, plane, row, w.end, columns, a);
      }
      for (int row = inside; row < rows; row++) {
        ScalarMaxPooling.windows(p, plane, row, 0, columns, a);
      }
    }
  }

  /*
   * The loops below start from -∞ instead of the first position, so that what they call runs each
   * time: C2 does not inline calls that were rare so far, and a vector that leaves a method is an
   * object.
   */

  /**
   * The windows without padding to the left or right, in the first {@code rows} rows of a plane
   * that is {@code in} the input and goes {@code out}. A window's positions are taken in two halves
   * at a time, since each comparison waits for the one before; of an odd number, the middle one is
   * taken in both.
   */
  private static void any(SlidingRows w, int in, int rows, int out, Operands a) {
    for (int row = 0; row < rows; row++) {
      int start = w.start(row);
      int from = w.firstTap(row);
      int to = w.endTap(row);
      int middle = (from + to) / 2;
      for (int x = w.first; x < w.end; x += LANES) {
        int at = start + x * w.stride;
        FloatVector best = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        FloatVector best2 = best;
        IntVector index = IntVector.broadcast(I, w.taps[from]);
        IntVector index2 = IntVector.broadcast(I, w.taps[middle]);
        for (int i = 0; i < to - middle; i++) {
          int tap = w.taps[from + i];
          FloatVector value = Strided.load(a.input, in + at + tap, w.stride, w.gather);
          VectorMask<Float> better = better(value, best);
          best = best.blend(value, better);
          index = index.blend(tap, better.cast(I));
          tap = w.taps[middle + i];
          value = Strided.load(a.input, in + at + tap, w.stride, w.gather);
          better = better(value, best2);
          best2 = best2.blend(value, better);
          index2 = index2.blend(tap, better.cast(I));
        }
        VectorMask<Float> better = better(best2, best);
        best = best.blend(best2, better);
        index = index.blend(index2, better.cast(I)).add(IntVector.fromArray(I, w.gather, 0));
        int result = out + row * w.perRow + x;
        Tail.store(best, a.output, a.outputAt + result, w.end - x);
        if (a.indices != null) {
          Tail.store(index.add(at), a.indices, a.indicesAt + result, w.end - x);
        }
      }
    }
  }

  /** The same for kernels of width 2 with stride 2. */
  private static void pairs(SlidingRows w, int in, int rows, int out, Operands a) {
    for (int row = 0; row < rows; row++) {
      int start = w.start(row);
      int from = w.firstTap(row);
      int to = w.endTap(row);
      for (int x = w.first; x < w.end; x += LANES) {
        int at = start + x * 2;
        FloatVector best = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        IntVector index = IntVector.broadcast(I, w.taps[from]);
        for (int i = from; i < to; i += 2) {
          int tap = w.taps[i];
          int line = in + at + tap;
          IntVector first = FloatVector.fromArray(F, a.input, line).reinterpretAsInts();
          IntVector second = FloatVector.fromArray(F, a.input, line + LANES).reinterpretAsInts();
          FloatVector left = EVEN.selectFrom(first, second).reinterpretAsFloats();
          FloatVector right = ODD.selectFrom(first, second).reinterpretAsFloats();
          VectorMask<Float> better = better(right, left);
          FloatVector value = left.blend(right, better);
          IntVector valueIndex = IntVector.broadcast(I, tap).blend(tap + 1, better.cast(I));
          better = better(value, best);
          best = best.blend(value, better);
          index = index.blend(valueIndex, better.cast(I));
        }
        int result = out + row * w.perRow + x;
        Tail.store(best, a.output, a.outputAt + result, w.end - x);
        if (a.indices != null) {
          Tail.store(index.add(EVEN).add(at), a.indices, a.indicesAt + result, w.end - x);
        }
      }
    }
  }

  /** The same for kernels of width 3 with stride 3. */
  private static void triples(SlidingRows w, int in, int rows, int out, Operands a) {
    for (int row = 0; row < rows; row++) {
      int start = w.start(row);
      int from = w.firstTap(row);
      int to = w.endTap(row);
      for (int x = w.first; x < w.end; x += LANES) {
        int at = start + x * 3;
        FloatVector best = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        IntVector index = IntVector.broadcast(I, w.taps[from]);
        for (int i = from; i < to; i += 3) {
          int tap = w.taps[i];
          int line = in + at + tap;
          IntVector first = FloatVector.fromArray(F, a.input, line).reinterpretAsInts();
          IntVector second = FloatVector.fromArray(F, a.input, line + LANES).reinterpretAsInts();
          IntVector third = FloatVector.fromArray(F, a.input, line + 2 * LANES).reinterpretAsInts();
          FloatVector value =
              REST_0.selectFrom(THIRD_0.selectFrom(first, second), third).reinterpretAsFloats();
          VectorMask<Float> better = better(value, best);
          best = best.blend(value, better);
          index = index.blend(tap, better.cast(I));
          value = REST_1.selectFrom(THIRD_1.selectFrom(first, second), third).reinterpretAsFloats();
          better = better(value, best);
          best = best.blend(value, better);
          index = index.blend(tap + 1, better.cast(I));
          value = REST_2.selectFrom(THIRD_2.selectFrom(first, second), third).reinterpretAsFloats();
          better = better(value, best);
          best = best.blend(value, better);
          index = index.blend(tap + 2, better.cast(I));
        }
        int result = out + row * w.perRow + x;
        Tail.store(best, a.output, a.outputAt + result, w.end - x);
        if (a.indices != null) {
          index = index.add(IntVector.fromArray(I, w.gather, 0)).add(at);
          Tail.store(index, a.indices, a.indicesAt + result, w.end - x);
        }
      }
    }
  }

  /** Whether a later value replaces the best so far: the first maximum wins, but the last NaN. */
  private static VectorMask<Float> better(FloatVector value, FloatVector best) {
    return value.compare(VectorOperators.GT, best).or(value.compare(VectorOperators.NE, value));
  }
}
