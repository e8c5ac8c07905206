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
    return VectorAdaptiveAveragePooling.isShrinking(p);
  }

  @Override
  public Kernel[] kernels(PoolingProblem p) {
    return new Kernel[] {new Planes(p)};
  }

  private static final class Planes extends PlaneKernel {
    private final PoolingProblem p;
    private final Adaptive rows;
    private final Adaptive columns;

    /** Floats of scratch memory for each column's maxima, and as many for where they are. */
    private final int line;

    Planes(PoolingProblem p) {
      super(p.planes(), p.inputPlane() + 2L * p.outputPlane());
      this.p = p;
      rows = (Adaptive) p.rows();
      columns = (Adaptive) p.columns();
      line = columns.windows() == 1 ? 2 * LANES : columns.size() + LANES;
    }

    @Override
    public long taskScratch() {
      return 4L * line + LANES;
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      int in = a.inputAt + plane * p.inputPlane();
      int width = columns.size();
      int perRow = columns.windows();
      int packed = own + 2 * line;
      for (int row = 0; row < rows.windows(); row++) {
        int first = rows.first(row) * width;
        int end = rows.end(row) * width;
        int step = width;
        int w = width;
        if (perRow == 1) {
          step = 2 * LANES;
          w = Math.min(end - first, step);
        }
        int last = end - w;
        boolean done = w >= LANES || in + last + LANES <= a.input.length;
        if (done) {
          int vectors = (w - 1) / LANES + 1;
          for (int v = 0; v < vectors; v += 2) {
            int x = start(v, w);
            int x2 = start(Math.min(v + 1, vectors - 1), w);
            done &= columns(a.input, in, first, last, step, x, x2, scratch, own, own + line);
          }
        }
        if (done) {
          pack(scratch, own, own + line, packed, w);
          int out = plane * p.outputPlane() + row * perRow;
          windows(scratch, packed, w, in, out, a);
        } else {
          ScalarMaxPooling.windows(p, plane, row, 0, perRow, a);
        }
      }
    }

    /** Where a vector of a row begins: the first one overlaps the second. */
    private static int start(int v, int n) {
      return v == 0 ? 0 : Tail.start(n) + (v - 1) * LANES;
    }

    private void windows(float[] packed, int at, int width, int in, int out, Operands a) {
      int perRow = columns.windows();
      for (int column = 0; column < perRow; column++) {
        int from = at + 2 * columns.first(column);
        int size = perRow == 1 ? width : columns.count(column);
        LongVector best =
            FloatVector.fromArray(F, packed, from)
                .reinterpretAsLongs()
                .blend(Long.MIN_VALUE, LONG_IOTA.compare(VectorOperators.GE, size));
        int more = (size - 1) / LONGS;
        int next = from + 2 * size - LANES * more;
        for (int i = 0; i < more; i++) {
          best =
              best.max(FloatVector.fromArray(F, packed, next + i * LANES).reinterpretAsLongs());
        }
        int index = ~(int) best.reduceLanes(VectorOperators.MAX);
        a.output[a.outputAt + out + column] = a.input[in + index];
        if (a.indices != null) {
          a.indices[a.indicesAt + out + column] = index;
        }
      }
    }
  }

  /** Two vectors of columns; whether they hold no NaN for sure. */
  private static boolean columns(
      float[] input,
      int in,
      int first,
      int last,
      int step,
      int x,
      int x2,
      float[] lines,
      int bestAt,
      int indexAt) {
    FloatVector best = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    FloatVector best2 = best;
    FloatVector sum = FloatVector.zero(F);
    FloatVector sum2 = sum;
    IntVector index = IntVector.broadcast(VectorWidth.I, first);
    IntVector index2 = index;
    int count = (last - first + step - 1) / step + 1;
    for (int i = 0; i < count; i++) {
      int base = Math.min(first + i * step, last);
      FloatVector value = FloatVector.fromArray(F, input, in + base + x);
      VectorMask<Float> better = value.compare(VectorOperators.GT, best);
      best = best.blend(value, better);
      index = index.blend(base, better.cast(VectorWidth.I));
      sum = sum.add(value);
      value = FloatVector.fromArray(F, input, in + base + x2);
      better = value.compare(VectorOperators.GT, best2);
      best2 = best2.blend(value, better);
      index2 = index2.blend(base, better.cast(VectorWidth.I));
      sum2 = sum2.add(value);
    }
    best.intoArray(lines, bestAt + x);
    best2.intoArray(lines, bestAt + x2);
    index.reinterpretAsFloats().intoArray(lines, indexAt + x);
    index2.reinterpretAsFloats().intoArray(lines, indexAt + x2);
    sum = sum.add(sum2);
    return !sum.compare(VectorOperators.NE, sum).anyTrue();
  }

  private static void pack(float[] lines, int bestAt, int indexAt, int packed, int width) {
    int vectors = (width - 1) / LANES + 1;
    for (int v = 0; v < vectors; v++) {
      int x = v * LANES;
      IntVector bits = FloatVector.fromArray(F, lines, bestAt + x).add(0f).reinterpretAsInts();
      IntVector key = bits.lanewise(VectorOperators.ASHR, 31);
      key = bits.lanewise(VectorOperators.XOR, key.lanewise(VectorOperators.LSHR, 1));
      IntVector index =
          FloatVector.fromArray(F, lines, indexAt + x)
              .reinterpretAsInts()
              .add(IOTA)
              .add(x)
              .lanewise(VectorOperators.NOT);
      LOW.selectFrom(index, key).reinterpretAsFloats().intoArray(lines, packed + 2 * x);
      HIGH.selectFrom(index, key).reinterpretAsFloats().intoArray(lines, packed + 2 * x + LANES);
    }
  }
}
