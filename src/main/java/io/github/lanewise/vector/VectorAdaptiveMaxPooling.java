package io.github.lanewise.vector;

import static io.github.lanewise.vector.SlidingRows.IOTA;
import static io.github.lanewise.vector.Strided.HIGH;
import static io.github.lanewise.vector.Strided.LOW;
import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PlaneKernel;
import io.github.lanewise.internal.PoolingAxis.Adaptive;
import io.github.lanewise.internal.PoolingProblem;
import io.github.lanewise.scalar.ScalarMaxPooling;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Adaptive max pooling to planes that are not larger. For each row of the output, columns of the
 * input are compared in lanes, over all rows of the windows; each column's maximum, and where it is,
 * become one long, and the windows take the largest of these.
 *
 * <p>Where the output has one column, a window is a run of the input, and is taken as rows of two
 * vectors.
 */
final class VectorAdaptiveMaxPooling implements Implementation<PoolingProblem> {
  private static final int BAND = 1024;

  private static final int LONGS = LANES / 2;

  /** 0, 1, 2, … */
  private static final LongVector LONG_IOTA =
      LongVector.broadcast(VectorSpecies.of(long.class, F.vectorShape()), 0).addIndex(1);

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

    /** Floats of scratch memory for a row's longs, and for its maxima and where they are. */
    private final int line;

    /** Rows of the output whose columns are done before their windows. */
    private final int band;

    Planes(PoolingProblem p) {
      super(p.planes(), p.inputPlane() + 2L * p.outputPlane());
      this.p = p;
      rows = (Adaptive) p.rows();
      columns = (Adaptive) p.columns();
      line = Math.max(8 * LANES, 2 * columns.size() + 4 * LANES);
      band = Math.clamp(BAND / columns.size(), 1, rows.windows());
    }

    @Override
    public long taskScratch() {
      return (band + 1L) * line;
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      if (columns.windows() == 1) {
        runs(plane, a);
        return;
      }
      int in = a.inputAt + plane * p.inputPlane();
      int width = columns.size();
      int perRow = columns.windows();
      int out = plane * p.outputPlane();
      for (int top = 0; top < rows.windows(); top += band) {
        int bottom = Math.min(top + band, rows.windows());
        boolean numbers = width >= LANES || in + rows.end(bottom - 1) * width - width + LANES <= a.input.length;
        if (numbers) {
          numbers = rowsOfColumns(top, bottom, in, a.input, scratch, own);
        }
        if (numbers) {
          for (int row = top; row < bottom; row++) {
            windows(scratch, own + (row - top + 1) * line, in, out + row * perRow, a);
          }
        } else {
          for (int row = top; row < bottom; row++) {
            ScalarMaxPooling.windows(p, plane, row, 0, perRow, a);
          }
        }
      }
    }

    private boolean rowsOfColumns(
        int top, int bottom, int in, float[] input, float[] scratch, int own) {
      int width = columns.size();
      int vectors = (width - 1) / LANES + 1;
      int together = vectors <= 2 ? 2 : 1;
      boolean numbers = true;
      for (int row = top; row < bottom; row += together) {
        int row2 = Math.min(row + together, bottom) - 1;
        int packed = own + (row - top + 1) * line;
        int packed2 = own + (row2 - top + 1) * line;
        for (int v = 0; v < vectors; v += 4) {
          int v3 = together == 2 ? 0 : v + 2;
          int x1 = AdaptiveRows.start(v, width);
          int x2 = AdaptiveRows.start(Math.min(v + 1, vectors - 1), width);
          int x3 = AdaptiveRows.start(Math.min(v3, vectors - 1), width);
          int x4 = AdaptiveRows.start(Math.min(v3 + 1, vectors - 1), width);
          numbers &=
              columns(
                  input,
                  in,
                  rows.first(row) * width,
                  rows.end(row) * width - width,
                  rows.first(row2) * width,
                  rows.end(row2) * width - width,
                  width,
                  x1,
                  x2,
                  x3,
                  x4,
                  scratch,
                  own);
          pack(scratch, own, x1, packed);
          pack(scratch, own + 2 * LANES, x2, packed);
          pack(scratch, own + 4 * LANES, x3, packed2);
          pack(scratch, own + 6 * LANES, x4, packed2);
        }
      }
      return numbers;
    }

    private void runs(int plane, Operands a) {
      int in = a.inputAt + plane * p.inputPlane();
      int width = columns.size();
      int out = plane * p.outputPlane();
      for (int row = 0; row < rows.windows(); row++) {
        int first = rows.first(row) * width;
        int end = rows.end(row) * width;
        long best = end - first < LANES ? 0 : largest(a.input, in, first, end);
        if (best == 0) {
          ScalarMaxPooling.windows(p, plane, row, 0, 1, a);
        } else {
          int index = ~(int) best;
          a.output[a.outputAt + out + row] = a.input[in + index];
          if (a.indices != null) {
            a.indices[a.indicesAt + out + row] = index;
          }
        }
      }
    }

    private void windows(float[] packed, int at, int in, int out, Operands a) {
      float[] input = a.input;
      float[] output = a.output;
      int[] indices = a.indices;
      int outputAt = a.outputAt + out;
      int indicesAt = a.indicesAt + out;
      int perRow = columns.windows();
      for (int column = 0; column < perRow; column++) {
        int first = columns.first(column);
        int size = columns.end(column) - first;
        int from = at + 2 * first;
        int last = from + 2 * Math.max(size - LONGS, 0);
        LongVector best =
            FloatVector.fromArray(F, packed, from)
                .reinterpretAsLongs()
                .max(FloatVector.fromArray(F, packed, last).reinterpretAsLongs())
                .blend(Long.MIN_VALUE, LONG_IOTA.compare(VectorOperators.GE, size));
        int more = (size - 1) / LONGS - 1;
        for (int i = 0; i < more; i++) {
          from += LANES;
          best =
              best.max(FloatVector.fromArray(F, packed, from).reinterpretAsLongs());
        }
        int index = ~(int) best.reduceLanes(VectorOperators.MAX);
        output[outputAt + column] = input[in + index];
        if (indices != null) {
          indices[indicesAt + column] = index;
        }
      }
    }
  }

  private static long largest(float[] input, int in, int first, int end) {
    int width = Math.min(end - first, 4 * LANES);
    int vectors = (width - 1) / LANES;
    int x2 = AdaptiveRows.start(Math.min(1, vectors), width);
    int x3 = AdaptiveRows.start(Math.min(2, vectors), width);
    int x4 = width - LANES;
    int last = end - width;
    FloatVector best = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    IntVector index = IntVector.broadcast(VectorWidth.I, first);
    FloatVector sum = FloatVector.zero(F);
    FloatVector sum2 = sum;
    int count = (end - first - 1) / (4 * LANES) + 1;
    for (int i = 0; i < count; i++) {
      int base = Math.min(first + i * 4 * LANES, last);
      FloatVector v = FloatVector.fromArray(F, input, in + base);
      FloatVector w = FloatVector.fromArray(F, input, in + base + x2);
      sum = sum.add(v);
      sum2 = sum2.add(w);
      VectorMask<Float> better = w.compare(VectorOperators.GT, v);
      v = v.blend(w, better);
      IntVector iv = IntVector.broadcast(VectorWidth.I, base).blend(base + x2, better.cast(VectorWidth.I));
      w = FloatVector.fromArray(F, input, in + base + x3);
      FloatVector u = FloatVector.fromArray(F, input, in + base + x4);
      sum = sum.add(w);
      sum2 = sum2.add(u);
      better = u.compare(VectorOperators.GT, w);
      w = w.blend(u, better);
      IntVector iw = IntVector.broadcast(VectorWidth.I, base + x3).blend(base + x4, better.cast(VectorWidth.I));
      better = w.compare(VectorOperators.GT, v);
      v = v.blend(w, better);
      iv = iv.blend(iw, better.cast(VectorWidth.I));
      better = v.compare(VectorOperators.GT, best);
      best = best.blend(v, better);
      index = index.blend(iv, better.cast(VectorWidth.I));
    }
    sum = sum.add(sum2);
    if (sum.compare(VectorOperators.NE, sum).anyTrue()) {
      return 0;
    }
    IntVector bits = best.add(0f).reinterpretAsInts();
    IntVector key = bits.lanewise(VectorOperators.ASHR, 31);
    key = bits.lanewise(VectorOperators.XOR, key.lanewise(VectorOperators.LSHR, 1));
    index = index.add(IOTA).lanewise(VectorOperators.NOT);
    return LOW.selectFrom(index, key).reinterpretAsLongs()
      .max(HIGH.selectFrom(index, key).reinterpretAsLongs()).reduceLanes(VectorOperators.MAX);
  }

  /** Four vectors of columns; whether they hold no NaN for sure. */
  private static boolean columns(
      float[] input,
      int in,
      int first,
      int last,
      int first2,
      int last2,
      int step,
      int x1,
      int x2,
      int x3,
      int x4,
      float[] lines,
      int at) {
    FloatVector best1 = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    FloatVector best2 = best1;
    FloatVector best3 = best1;
    FloatVector best4 = best1;
    FloatVector sum = FloatVector.zero(F);
    FloatVector sum2 = sum;
    IntVector index1 = IntVector.broadcast(VectorWidth.I, first);
    IntVector index2 = index1;
    IntVector index3 = IntVector.broadcast(VectorWidth.I, first2);
    IntVector index4 = index3;
    int count = Math.max(last - first, last2 - first2) / step + 1;
    for (int i = 0; i < count; i++) {
      int base = Math.min(first + i * step, last);
      int base2 = Math.min(first2 + i * step, last2);
      FloatVector value1 = FloatVector.fromArray(F, input, in + base + x1);
      VectorMask<Float> better1 = value1.compare(VectorOperators.GT, best1);
      best1 = best1.blend(value1, better1);
      index1 = index1.blend(base, better1.cast(VectorWidth.I));
      FloatVector value2 = FloatVector.fromArray(F, input, in + base + x2);
      VectorMask<Float> better2 = value2.compare(VectorOperators.GT, best2);
      best2 = best2.blend(value2, better2);
      index2 = index2.blend(base, better2.cast(VectorWidth.I));
      FloatVector value3 = FloatVector.fromArray(F, input, in + base2 + x3);
      VectorMask<Float> better3 = value3.compare(VectorOperators.GT, best3);
      best3 = best3.blend(value3, better3);
      index3 = index3.blend(base2, better3.cast(VectorWidth.I));
      FloatVector value4 = FloatVector.fromArray(F, input, in + base2 + x4);
      VectorMask<Float> better4 = value4.compare(VectorOperators.GT, best4);
      best4 = best4.blend(value4, better4);
      index4 = index4.blend(base2, better4.cast(VectorWidth.I));
      sum = sum.add(value1).add(value2);
      sum2 = sum2.add(value3).add(value4);
    }
    best1.intoArray(lines, at + 0 * LANES);
    index1.reinterpretAsFloats().intoArray(lines, at + 1 * LANES);
    best2.intoArray(lines, at + 2 * LANES);
    index2.reinterpretAsFloats().intoArray(lines, at + 3 * LANES);
    best3.intoArray(lines, at + 4 * LANES);
    index3.reinterpretAsFloats().intoArray(lines, at + 5 * LANES);
    best4.intoArray(lines, at + 6 * LANES);
    index4.reinterpretAsFloats().intoArray(lines, at + 7 * LANES);
    sum = sum.add(sum2);
    return !sum.compare(VectorOperators.NE, sum).anyTrue();
  }

  private static void pack(float[] lines, int at, int x, int packed) {
    IntVector bits = FloatVector.fromArray(F, lines, at).add(0f).reinterpretAsInts();
    IntVector key = bits.lanewise(VectorOperators.ASHR, 31);
    key = bits.lanewise(VectorOperators.XOR, key.lanewise(VectorOperators.LSHR, 1));
    IntVector index =
        FloatVector.fromArray(F, lines, at + LANES)
            .reinterpretAsInts()
            .add(IOTA)
            .add(x)
            .lanewise(VectorOperators.NOT);
    LOW.selectFrom(index, key).reinterpretAsFloats().intoArray(lines, packed + 2 * x);
    HIGH.selectFrom(index, key).reinterpretAsFloats().intoArray(lines, packed + 2 * x + LANES);
  }
}
