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
import io.github.lanewise.scalar.ScalarAveragePooling;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Average pooling with neighbouring outputs of a row in lanes, added in the order of the scalar
 * twin. Where there is padding, zeros are added, which change no sum that begins with 0.
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

  private static final class Planes extends PlaneKernel implements SlidingRows.Windows {
    private final PoolingProblem p;
    private final SlidingRows w;
    private final boolean readsAhead;

    Planes(PoolingProblem p) {
      super(p.planes(), (long) p.inputPlane() + p.outputPlane());
      this.p = p;
      w = new SlidingRows(p);
      readsAhead = ReadAhead.isWorthwhile((long) p.planes() * p.inputPlane());
    }

    @Override
    protected void planes(int first, int end, Operands a, float[] scratch, int own) {
      w.go(first, end, a.inputAt, a.input.length, a.output.length - a.outputAt, a, this);
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      planes(plane, plane + 1, a, scratch, own);
    }

    @Override
    public void vectors(
        int plane, int planeEnd, int row, int rowEnd, int from, int to, Operands a) {
      for (int i = plane; i < planeEnd; i++) {
        int in = a.inputAt + i * w.inPlane;
        int out = a.outputAt + i * w.outPlane;
        if (w.isPairs) {
          pairs(in, out, row, rowEnd, from, to, a);
        } else if (w.isTiling(3) && w.taps.length == 3) {
          triples(in, out, row, rowEnd, from, to, a);
        } else {
          any(in, out, row, rowEnd, from, to, a);
        }
      }
    }

    @Override
    public void scalars(int plane, int row, int from, int to, Operands a) {
      ScalarAveragePooling.windows(p, plane, row, from, to, a);
    }

    /** The windows {@code [first, end)} of some rows of a plane. */
    private void any(int in, int out, int row, int rowEnd, int first, int end, Operands a) {
      for (; row < rowEnd; row++) {
        int start = w.start(row);
        int from = w.firstTap(row);
        int to = w.endTap(row);
        float factor = w.divisorFactor(row);
        for (int next = first; next < end; next += LANES) {
          int x = SlidingRows.vector(next, first, end);
          boolean edge = w.hasPadding(x);
          int left = x * w.stride - w.padding;
          int at = in + start + x * w.stride;
          IntVector lanes = IntVector.fromArray(I, w.gather, 0);
          FloatVector sum = FloatVector.zero(F);
          for (int tap = from; tap < to; tap++) {
            FloatVector value = Strided.load(a.input, at + w.taps[tap], w.stride, w.gather);
            if (edge) {
              value =
                  value.blend(
                      0,
                      lanes
                          .add(left + w.tapColumns[tap])
                          .compare(VectorOperators.UGE, w.width)
                          .cast(F));
            }
            sum = sum.add(value);
          }
          FloatVector divisors = FloatVector.fromArray(F, w.divisors, w.divisorsAt(x)).mul(factor);
          Tail.store(sum.div(divisors), a.output, out + row * w.perRow + x, end - x);
        }
      }
    }

    /**
     * The same for kernels of width 2 with stride 2 that have one row or two, without padding. Of
     * two, a line of the next two rows is read for each line that is added here.
     */
    private void pairs(int in, int out, int row, int rowEnd, int first, int end, Operands a) {
      float[] input = a.input;
      float[] output = a.output;
      int width = w.width;
      boolean two = w.taps.length > 2;
      float elements = w.divisors[0] * w.divisorFactor(0);
      int last = Math.max(first, end - LANES);
      boolean ahead = two && readsAhead;
      int lastAhead = input.length - 4 * LANES;
      float sum0 = 0;
      float sum1 = 0;
      float sum2 = 0;
      float sum3 = 0;
      for (; row < rowEnd; row++) {
        int line = in + w.start(row);
        int result = out + row * w.perRow;
        for (int next = first; next < end; next += LANES) {
          int x = Math.min(next, last);
          if (ahead) {
            int i = Math.min(line + 2 * width + 4 * next, lastAhead);
            sum0 += input[i];
            sum1 += input[i + LANES];
            sum2 += input[i + 2 * LANES];
            sum3 += input[i + 3 * LANES];
          }
          int at = line + 2 * x;
          IntVector left = FloatVector.fromArray(F, input, at).reinterpretAsInts();
          IntVector right = FloatVector.fromArray(F, input, at + LANES).reinterpretAsInts();
          // from zero, as the scalar twin: two -0 are 0
          FloatVector sum = FloatVector.zero(F);
          sum = sum.add(EVEN.selectFrom(left, right).reinterpretAsFloats());
          sum = sum.add(ODD.selectFrom(left, right).reinterpretAsFloats());
          if (two) {
            left = FloatVector.fromArray(F, input, at + width).reinterpretAsInts();
            right = FloatVector.fromArray(F, input, at + width + LANES).reinterpretAsInts();
            sum = sum.add(EVEN.selectFrom(left, right).reinterpretAsFloats());
            sum = sum.add(ODD.selectFrom(left, right).reinterpretAsFloats());
          }
          Tail.store(sum.div(elements), output, result + x, end - x);
        }
      }
      ReadAhead.keep(sum0 + sum1 + sum2 + sum3);
    }

    /** The same for kernels of width 3 with stride 3 that have one row. */
    private void triples(int in, int out, int row, int rowEnd, int first, int end, Operands a) {
      for (; row < rowEnd; row++) {
        int start = in + w.start(row);
        float factor = w.divisorFactor(row);
        for (int next = first; next < end; next += LANES) {
          int x = SlidingRows.vector(next, first, end);
          boolean edge = w.hasPadding(x);
          int left = x * 3 - w.padding;
          int at = start + x * 3;
          IntVector one = FloatVector.fromArray(F, a.input, at).reinterpretAsInts();
          IntVector two = FloatVector.fromArray(F, a.input, at + LANES).reinterpretAsInts();
          IntVector three = FloatVector.fromArray(F, a.input, at + 2 * LANES).reinterpretAsInts();
          if (edge) {
            one = one.blend(0, IOTA.add(left).compare(VectorOperators.UGE, w.width));
            two = two.blend(0, IOTA.add(left + LANES).compare(VectorOperators.UGE, w.width));
            three =
                three.blend(0, IOTA.add(left + 2 * LANES).compare(VectorOperators.UGE, w.width));
          }
          FloatVector sum = FloatVector.zero(F);
          sum =
              sum.add(REST_0.selectFrom(THIRD_0.selectFrom(one, two), three).reinterpretAsFloats());
          sum =
              sum.add(REST_1.selectFrom(THIRD_1.selectFrom(one, two), three).reinterpretAsFloats());
          sum =
              sum.add(REST_2.selectFrom(THIRD_2.selectFrom(one, two), three).reinterpretAsFloats());
          FloatVector divisors = FloatVector.fromArray(F, w.divisors, w.divisorsAt(x)).mul(factor);
          Tail.store(sum.div(divisors), a.output, out + row * w.perRow + x, end - x);
        }
      }
    }
  }
}
