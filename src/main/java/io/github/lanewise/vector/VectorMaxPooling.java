package io.github.lanewise.vector;

import static io.github.lanewise.vector.SlidingRows.IOTA;
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

/** Max pooling with neighbouring outputs of a row in lanes. */
final class VectorMaxPooling implements Implementation<PoolingProblem> {
  /** -∞, which stands where padding is. */
  private static final int NONE = Float.floatToRawIntBits(Float.NEGATIVE_INFINITY);

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

  private static final class Planes extends PlaneKernel implements SlidingRows.Windows {
    private final PoolingProblem p;
    private final SlidingRows w;

    Planes(PoolingProblem p) {
      super(p.planes(), p.inputPlane() + 2L * p.outputPlane());
      this.p = p;
      w = new SlidingRows(p);
    }

    @Override
    protected void planes(int first, int end, Operands a, float[] scratch, int own) {
      int room = a.output.length - a.outputAt;
      if (a.indices != null) {
        room = Math.min(room, a.indices.length - a.indicesAt);
      }
      w.go(first, end, a.inputAt, a.input.length, room, a, this);
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      planes(plane, plane + 1, a, scratch, own);
    }

    @Override
    public void vectors(
        int plane, int planeEnd, int row, int rowEnd, int from, int to, Operands a) {
      for (int i = plane; i < planeEnd; i++) {
        if (w.isPairs) {
          pairs(w, i, row, rowEnd, from, to, a);
        } else if (w.isTiling(3) && w.taps.length == 3) {
          triples(w, i, row, rowEnd, from, to, a);
        } else {
          any(w, i, row, rowEnd, from, to, a);
        }
      }
    }

    @Override
    public void scalars(int plane, int row, int from, int to, Operands a) {
      ScalarMaxPooling.windows(p, plane, row, from, to, a);
    }
  }

  /*
   * The loops below start from -∞ instead of the first position, so that what they call runs each
   * time: C2 does not inline calls that were rare so far, and a vector that leaves a method is an
   * object. Where there is padding, they put -∞ too, which never replaces anything.
   */

  /**
   * The windows {@code [first, end)} of some rows of a plane. A window's positions are taken in two
   * halves at a time, since each comparison waits for the one before; of an odd number, the middle
   * one is taken in both.
   */
  private static void any(
      SlidingRows w, int plane, int row, int rowEnd, int first, int end, Operands a) {
    int in = a.inputAt + plane * w.inPlane;
    int out = plane * w.outPlane;
    for (; row < rowEnd; row++) {
      int start = w.start(row);
      int from = w.firstTap(row);
      int to = w.endTap(row);
      int middle = (from + to) / 2;
      for (int next = first; next < end; next += LANES) {
        int x = SlidingRows.vector(next, first, end);
        boolean edge = w.hasPadding(x);
        int left = x * w.stride - w.padding;
        int at = start + x * w.stride;
        IntVector lanes = IntVector.fromArray(I, w.gather, 0);
        FloatVector best = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        FloatVector best2 = best;
        IntVector index = IntVector.fromArray(I, w.skipped, Math.min(x, w.first)).add(w.taps[from]);
        IntVector index2 = IntVector.broadcast(I, w.taps[middle]);
        for (int i = 0; i < to - middle; i++) {
          int tap = w.taps[from + i];
          FloatVector value = Strided.load(a.input, in + at + tap, w.stride, w.gather);
          if (edge) {
            int column = left + w.tapColumns[from + i];
            value =
                value.blend(
                    Float.NEGATIVE_INFINITY,
                    lanes.add(column).compare(VectorOperators.UGE, w.width).cast(F));
          }
          VectorMask<Float> better = better(value, best);
          best = best.blend(value, better);
          index = index.blend(tap, better.cast(I));
          tap = w.taps[middle + i];
          value = Strided.load(a.input, in + at + tap, w.stride, w.gather);
          if (edge) {
            int column = left + w.tapColumns[middle + i];
            value =
                value.blend(
                    Float.NEGATIVE_INFINITY,
                    lanes.add(column).compare(VectorOperators.UGE, w.width).cast(F));
          }
          better = better(value, best2);
          best2 = best2.blend(value, better);
          index2 = index2.blend(tap, better.cast(I));
        }
        VectorMask<Float> better = better(best2, best);
        best = best.blend(best2, better);
        index = index.blend(index2, better.cast(I)).add(lanes);
        int result = out + row * w.perRow + x;
        Tail.store(best, a.output, a.outputAt + result, end - x);
        if (a.indices != null) {
          Tail.store(index.add(at), a.indices, a.indicesAt + result, end - x);
        }
      }
    }
  }

  /** The same for kernels of width 2 with stride 2 that have one row or two, without padding. */
  private static void pairs(
      SlidingRows w, int plane, int row, int rowEnd, int first, int end, Operands a) {
    float[] input = a.input;
    float[] output = a.output;
    int[] indices = a.indices;
    int in = a.inputAt + plane * w.inPlane;
    int lower = w.taps[w.taps.length - 2]; // of one row, that row again, which changes nothing
    int last = Math.max(first, end - LANES);
    for (; row < rowEnd; row++) {
      int start = w.start(row);
      int result = plane * w.outPlane + row * w.perRow;
      for (int next = first; next < end; next += LANES) {
        int x = Math.min(next, last);
        int at = in + start + 2 * x;
        IntVector left = FloatVector.fromArray(F, input, at).reinterpretAsInts();
        IntVector right = FloatVector.fromArray(F, input, at + LANES).reinterpretAsInts();
        FloatVector best = EVEN.selectFrom(left, right).reinterpretAsFloats();
        FloatVector value = ODD.selectFrom(left, right).reinterpretAsFloats();
        VectorMask<Float> better = better(value, best);
        best = best.blend(value, better);
        IntVector index = EVEN.blend(ODD, better.cast(I));
        left = FloatVector.fromArray(F, input, at + lower).reinterpretAsInts();
        right = FloatVector.fromArray(F, input, at + lower + LANES).reinterpretAsInts();
        FloatVector best2 = EVEN.selectFrom(left, right).reinterpretAsFloats();
        value = ODD.selectFrom(left, right).reinterpretAsFloats();
        better = better(value, best2);
        best2 = best2.blend(value, better);
        IntVector index2 = EVEN.blend(ODD, better.cast(I)).add(lower);
        better = better(best2, best);
        best = best.blend(best2, better);
        index = index.blend(index2, better.cast(I));
        Tail.store(best, output, a.outputAt + result + x, end - x);
        if (indices != null) {
          Tail.store(index.add(start + 2 * x), indices, a.indicesAt + result + x, end - x);
        }
      }
    }
  }

  /** The same for kernels of width 3 with stride 3 that have one row. */
  private static void triples(
      SlidingRows w, int plane, int row, int rowEnd, int first, int end, Operands a) {
    int in = a.inputAt + plane * w.inPlane;
    int out = plane * w.outPlane;
    for (; row < rowEnd; row++) {
      int start = w.start(row);
      for (int next = first; next < end; next += LANES) {
        int x = SlidingRows.vector(next, first, end);
        int at = start + x * 3;
        IntVector one = FloatVector.fromArray(F, a.input, in + at).reinterpretAsInts();
        IntVector two = FloatVector.fromArray(F, a.input, in + at + LANES).reinterpretAsInts();
        IntVector three =
            FloatVector.fromArray(F, a.input, in + at + 2 * LANES).reinterpretAsInts();
        if (w.hasPadding(x)) {
          int left = x * 3 - w.padding;
          one = one.blend(NONE, IOTA.add(left).compare(VectorOperators.UGE, w.width));
          two = two.blend(NONE, IOTA.add(left + LANES).compare(VectorOperators.UGE, w.width));
          three =
              three.blend(NONE, IOTA.add(left + 2 * LANES).compare(VectorOperators.UGE, w.width));
        }
        IntVector index = IntVector.fromArray(I, w.skipped, Math.min(x, w.first));
        FloatVector best =
            REST_0.selectFrom(THIRD_0.selectFrom(one, two), three).reinterpretAsFloats();
        FloatVector value =
            REST_1.selectFrom(THIRD_1.selectFrom(one, two), three).reinterpretAsFloats();
        VectorMask<Float> better = better(value, best);
        best = best.blend(value, better);
        index = index.blend(1, better.cast(I));
        value = REST_2.selectFrom(THIRD_2.selectFrom(one, two), three).reinterpretAsFloats();
        better = better(value, best);
        best = best.blend(value, better);
        index = index.blend(2, better.cast(I));
        int result = out + row * w.perRow + x;
        Tail.store(best, a.output, a.outputAt + result, end - x);
        if (a.indices != null) {
          index = index.add(IntVector.fromArray(I, w.gather, 0)).add(at);
          Tail.store(index, a.indices, a.indicesAt + result, end - x);
        }
      }
    }
  }

  /** Whether a later value replaces the best so far: the first maximum wins, but the last NaN. */
  private static VectorMask<Float> better(FloatVector value, FloatVector best) {
    return value.compare(VectorOperators.GT, best).or(value.compare(VectorOperators.NE, value));
  }
}
