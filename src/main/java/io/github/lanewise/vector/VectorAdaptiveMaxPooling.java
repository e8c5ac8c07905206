package io.github.lanewise.vector;

import static io.github.lanewise.vector.SlidingRows.IOTA;
import static io.github.lanewise.vector.Strided.HIGH;
import static io.github.lanewise.vector.Strided.LOW;
import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.I;
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

/**
 * Adaptive max pooling to planes that are not larger. For each row of the output, the rows of the
 * input that its windows see are compared in lanes; what each column has as its maximum, and where,
 * becomes one long. A window takes the largest of its columns' longs.
 *
 * <p>A long has the value's bits above, so that longs compare as values do, −0 as 0, and the index
 * below, inverted: of equal values the first in row-major order is the largest long. The result is
 * then read where the index says, and has the bits it has there.
 *
 * <p>NaN is larger than nothing here, so rows with one are left to the scalar twin. They are told
 * by the sum of their elements; infinities of both signs make it NaN, too, and cost only time.
 */
final class VectorAdaptiveMaxPooling implements Implementation<PoolingProblem> {
  /** Longer rows would need much scratch memory, and are rare. */
  private static final int MAX_WIDTH = 1 << 20;

  private static final int LONGS = LANES / 2;

  @Override
  public String name() {
    return "vector adaptive";
  }

  @Override
  public boolean accepts(PoolingProblem p) {
    return AdaptiveRows.accepts(p) && p.columns().size() <= MAX_WIDTH;
  }

  @Override
  public Kernel[] kernels(PoolingProblem p) {
    return new Kernel[] {new Planes(p)};
  }

  private static final class Planes extends PlaneKernel {
    private final PoolingProblem p;
    private final Adaptive rows;
    private final Adaptive columns;

    /** Floats of scratch memory for the longs of a row. */
    private final int line;

    /** Rows of the output whose longs are there before their windows are taken. */
    private final int band;

    Planes(PoolingProblem p) {
      super(p.planes(), p.inputPlane() + 2L * p.outputPlane());
      this.p = p;
      rows = (Adaptive) p.rows();
      columns = (Adaptive) p.columns();
      line = 2 * Math.max(columns.size(), LANES) + LANES;
      band = AdaptiveRows.band(rows, columns);
    }

    @Override
    public long taskScratch() {
      return columns.windows() == 1 ? 0 : 8 * LANES + band * line;
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      planes(plane, plane + 1, a, scratch, own);
    }

    @Override
    protected void planes(int first, int end, Operands a, float[] scratch, int own) {
      for (int plane = first; plane < end; plane++) {
        if (columns.windows() == 1) {
          runs(plane, a);
        } else {
          for (int row = 0; row < rows.windows(); row += band) {
            rows(plane, row, Math.min(row + band, rows.windows()), a, scratch, own);
          }
        }
      }
    }

    /** A plane of windows that are runs of the input. */
    private void runs(int plane, Operands a) {
      int in = a.inputAt + plane * p.inputPlane();
      int out = plane * p.outputPlane();
      int width = columns.size();
      for (int row = 0; row < rows.windows(); row++) {
        int first = rows.first(row) * width;
        int end = rows.end(row) * width;
        int index = end - first < LANES ? -1 : largest(a.input, in, first, end);
        if (index < 0) {
          ScalarMaxPooling.windows(p, plane, row, 0, 1, a);
        } else {
          a.output[a.outputAt + out + row] = a.input[in + index];
          if (a.indices != null) {
            a.indices[a.indicesAt + out + row] = index;
          }
        }
      }
    }

    private void rows(int plane, int from, int to, Operands a, float[] scratch, int own) {
      int in = a.inputAt + plane * p.inputPlane();
      int out = plane * p.outputPlane();
      int perRow = columns.windows();
      int longs = own + 8 * LANES;
      if (AdaptiveRows.isInside(in + (rows.end(to - 1) - 1) * columns.size(), columns, a.input)
          && columns(a.input, in, from, to, scratch, own, longs)) {
        for (int row = from; row < to; row++) {
          windows(scratch, longs + (row - from) * line, in, out + row * perRow, a);
        }
      } else {
        for (int row = from; row < to; row++) {
          ScalarMaxPooling.windows(p, plane, row, 0, perRow, a);
        }
      }
    }

    /**
     * The longs of some rows; false if there may be a NaN. Four vectors are taken at a time, of
     * short rows those of two output rows.
     */
    private boolean columns(
        float[] input, int in, int from, int to, float[] scratch, int own, int longs) {
      int width = columns.size();
      int last = (width - 1) / LANES;
      int together = last < 2 ? 2 : 1;
      boolean numbers = true;
      for (int row = from; row < to; row += together) {
        int row2 = Math.min(row + together, to) - 1;
        int at = longs + (row - from) * line;
        int at2 = longs + (row2 - from) * line;
        for (int v = 0; v <= last; v += 4) {
          int v3 = together == 2 ? 0 : v + 2;
          int x1 = AdaptiveRows.start(v, width);
          int x2 = AdaptiveRows.start(Math.min(v + 1, last), width);
          int x3 = AdaptiveRows.start(Math.min(v3, last), width);
          int x4 = AdaptiveRows.start(Math.min(v3 + 1, last), width);
          numbers &=
              VectorAdaptiveMaxPooling.columns(
                  input,
                  in,
                  rows.first(row) * width,
                  (rows.end(row) - 1) * width,
                  rows.first(row2) * width,
                  (rows.end(row2) - 1) * width,
                  width,
                  x1,
                  x2,
                  x3,
                  x4,
                  scratch,
                  own);
          pack(scratch, own, x1, at);
          pack(scratch, own + 2 * LANES, x2, at);
          pack(scratch, own + 4 * LANES, x3, at2);
          pack(scratch, own + 6 * LANES, x4, at2);
        }
      }
      return numbers;
    }

    /** The windows of an output row: each the largest of its longs. */
    private void windows(float[] longs, int at, int in, int out, Operands a) {
      float[] input = a.input;
      float[] output = a.output;
      int[] indices = a.indices;
      int perRow = columns.windows();
      for (int column = 0; column < perRow; column++) {
        int first = columns.first(column);
        int size = columns.end(column) - first;
        int from = at + 2 * first;
        int last = from + 2 * Math.max(size - LONGS, 0);
        LongVector best =
            FloatVector.fromArray(F, longs, from)
                .reinterpretAsLongs()
                .max(FloatVector.fromArray(F, longs, last).reinterpretAsLongs())
                .reinterpretAsInts()
                .blend(Integer.MIN_VALUE, IOTA.compare(VectorOperators.GE, 2 * size))
                .reinterpretAsLongs();
        int between = (size - 1) / LONGS;
        for (int i = 1; i < between; i++) {
          best = best.max(FloatVector.fromArray(F, longs, from + i * LANES).reinterpretAsLongs());
        }
        // without AVX-512, C2 makes an object of longs to reduce them
        long largest =
            LONGS > 4
                ? best.reduceLanes(VectorOperators.MAX) // in any order the same
                : Math.max(
                    Math.max(best.lane(0), best.lane(1)),
                    Math.max(best.lane(LONGS - 2), best.lane(LONGS - 1)));
        int index = ~(int) largest;
        output[a.outputAt + out + column] = input[in + index];
        if (indices != null) {
          indices[a.indicesAt + out + column] = index;
        }
      }
    }
  }

  /**
   * Four vectors of columns over the rows of their windows: two over rows that begin at {@code
   * first}, …, {@code last} of the plane, and two over those from {@code first2} to {@code last2}.
   * A row that is taken twice changes nothing. Stores each vector's maxima, then where their rows
   * begin.
   *
   * @return whether all values are numbers
   */
  private static boolean columns(
      float[] input,
      int in,
      int first,
      int last,
      int first2,
      int last2,
      int width,
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
    IntVector row1 = IntVector.broadcast(I, first);
    IntVector row2 = row1;
    IntVector row3 = IntVector.broadcast(I, first2);
    IntVector row4 = row3;
    FloatVector sum = FloatVector.zero(F);
    FloatVector sum2 = sum;
    int reach = Math.max(last - first, last2 - first2);
    for (int i = 0; i <= reach; i += width) {
      int row = Math.min(first + i, last);
      FloatVector value1 = FloatVector.fromArray(F, input, in + row + x1);
      VectorMask<Float> better1 = value1.compare(VectorOperators.GT, best1);
      best1 = best1.blend(value1, better1);
      row1 = row1.blend(row, better1.cast(I));
      FloatVector value2 = FloatVector.fromArray(F, input, in + row + x2);
      VectorMask<Float> better2 = value2.compare(VectorOperators.GT, best2);
      best2 = best2.blend(value2, better2);
      row2 = row2.blend(row, better2.cast(I));
      row = Math.min(first2 + i, last2);
      FloatVector value3 = FloatVector.fromArray(F, input, in + row + x3);
      VectorMask<Float> better3 = value3.compare(VectorOperators.GT, best3);
      best3 = best3.blend(value3, better3);
      row3 = row3.blend(row, better3.cast(I));
      FloatVector value4 = FloatVector.fromArray(F, input, in + row + x4);
      VectorMask<Float> better4 = value4.compare(VectorOperators.GT, best4);
      best4 = best4.blend(value4, better4);
      row4 = row4.blend(row, better4.cast(I));
      sum = sum.add(value1).add(value2);
      sum2 = sum2.add(value3).add(value4);
    }
    best1.intoArray(lines, at);
    row1.reinterpretAsFloats().intoArray(lines, at + LANES);
    best2.intoArray(lines, at + 2 * LANES);
    row2.reinterpretAsFloats().intoArray(lines, at + 3 * LANES);
    best3.intoArray(lines, at + 4 * LANES);
    row3.reinterpretAsFloats().intoArray(lines, at + 5 * LANES);
    best4.intoArray(lines, at + 6 * LANES);
    row4.reinterpretAsFloats().intoArray(lines, at + 7 * LANES);
    sum = sum.add(sum2);
    return !sum.compare(VectorOperators.NE, sum).anyTrue();
  }

  /** Makes longs of the maxima of the columns from {@code x} on. */
  private static void pack(float[] scratch, int at, int x, int longs) {
    IntVector bits = FloatVector.fromArray(F, scratch, at).add(0f).reinterpretAsInts();
    IntVector sign = bits.lanewise(VectorOperators.ASHR, 31);
    IntVector high = bits.lanewise(VectorOperators.XOR, sign.lanewise(VectorOperators.LSHR, 1));
    IntVector low =
        FloatVector.fromArray(F, scratch, at + LANES)
            .reinterpretAsInts()
            .add(IOTA)
            .add(x)
            .lanewise(VectorOperators.NOT);
    LOW.selectFrom(low, high).reinterpretAsFloats().intoArray(scratch, longs + 2 * x);
    HIGH.selectFrom(low, high).reinterpretAsFloats().intoArray(scratch, longs + 2 * x + LANES);
  }

  /**
   * Where the largest element of a run is, that fills a vector at least. Four vectors are compared
   * with each other, then with the best so far, which is one comparison to wait for instead of
   * four.
   *
   * @return the index in the plane; −1 if there may be a NaN
   */
  private static int largest(float[] input, int in, int first, int end) {
    int step = Math.min(end - first, 4 * LANES);
    int vectors = (step - 1) / LANES;
    int x2 = AdaptiveRows.start(Math.min(1, vectors), step);
    int x3 = AdaptiveRows.start(Math.min(2, vectors), step);
    int x4 = step - LANES;
    FloatVector best = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    IntVector index = IntVector.broadcast(I, first);
    FloatVector sum = FloatVector.zero(F);
    FloatVector sum2 = sum;
    int steps = (end - first - 1) / step + 1;
    for (int i = 0; i < steps; i++) {
      int x = Math.min(first + i * step, end - step);
      FloatVector value = FloatVector.fromArray(F, input, in + x);
      FloatVector other = FloatVector.fromArray(F, input, in + x + x2);
      sum = sum.add(value);
      sum2 = sum2.add(other);
      VectorMask<Float> better = other.compare(VectorOperators.GT, value);
      value = value.blend(other, better);
      IntVector at = IntVector.broadcast(I, x).blend(x + x2, better.cast(I));
      FloatVector value2 = FloatVector.fromArray(F, input, in + x + x3);
      other = FloatVector.fromArray(F, input, in + x + x4);
      sum = sum.add(value2);
      sum2 = sum2.add(other);
      better = other.compare(VectorOperators.GT, value2);
      value2 = value2.blend(other, better);
      IntVector at2 = IntVector.broadcast(I, x + x3).blend(x + x4, better.cast(I));
      better = value2.compare(VectorOperators.GT, value);
      value = value.blend(value2, better);
      at = at.blend(at2, better.cast(I));
      better = value.compare(VectorOperators.GT, best);
      best = best.blend(value, better);
      index = index.blend(at, better.cast(I));
    }
    sum = sum.add(sum2);
    if (sum.compare(VectorOperators.NE, sum).anyTrue()) {
      return -1;
    }
    IntVector bits = best.add(0f).reinterpretAsInts();
    IntVector sign = bits.lanewise(VectorOperators.ASHR, 31);
    IntVector high = bits.lanewise(VectorOperators.XOR, sign.lanewise(VectorOperators.LSHR, 1));
    IntVector low = index.add(IOTA).lanewise(VectorOperators.NOT);
    LongVector longs =
        LOW.selectFrom(low, high)
            .reinterpretAsLongs()
            .max(HIGH.selectFrom(low, high).reinterpretAsLongs());
    long largest =
        LONGS > 4
            ? longs.reduceLanes(VectorOperators.MAX)
            : Math.max(
                Math.max(longs.lane(0), longs.lane(1)),
                Math.max(longs.lane(LONGS - 2), longs.lane(LONGS - 1)));
    return ~(int) largest;
  }
}
