package io.github.lanewise.vector;

import static io.github.lanewise.vector.Strided.EVEN;
import static io.github.lanewise.vector.Strided.HIGH;
import static io.github.lanewise.vector.Strided.LOW;
import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.I;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.IndexedProblem;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PlaneKernel;
import io.github.lanewise.internal.PoolingAxis.Sliding;
import io.github.lanewise.scalar.ScalarIndexed;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Max pooling's gradient, and unpooling, where windows of 2 × 2 lie side by side. Each position of
 * the windows is a vector with the entries whose indices name it; two of them, interleaved, are a
 * piece of a row. A plane with an index outside of its entry's own window, which no pooling gives,
 * is done again by the scalar twin.
 */
final class IndexedPairs implements Implementation<IndexedProblem> {
  /** Whether entries are added to zeros: then -0 becomes 0. */
  private final boolean add;

  IndexedPairs(boolean add) {
    this.add = add;
  }

  @Override
  public String name() {
    return "vector pairs";
  }

  @Override
  public boolean accepts(IndexedProblem p) {
    return isTiled(p);
  }

  /** Whether entries have windows of 2 × 2 that lie side by side, enough of them for a vector. */
  static boolean isTiled(IndexedProblem p) {
    return p.windows() != null
        && p.windows().rows() instanceof Sliding rows
        && p.windows().columns() instanceof Sliding columns
        && isTiled(rows)
        && isTiled(columns)
        && columns.windows() >= LANES;
  }

  private static boolean isTiled(Sliding axis) {
    return axis.kernel() == 2
        && axis.stride() == 2
        && axis.dilation() == 1
        && axis.interiorFirst() == 0
        && axis.interiorEnd() == axis.windows();
  }

  @Override
  public Kernel[] kernels(IndexedProblem p) {
    return new Kernel[] {VectorIndexed.check(p), new Pairs(p, add)};
  }

  private static final class Pairs extends PlaneKernel {
    private final IndexedProblem p;
    private final boolean add;
    private final int width;
    private final int rows;
    private final int perRow;

    /** How many lanes of all vectors of a plane have an entry. */
    private final int lanes;

    Pairs(IndexedProblem p, boolean add) {
      super(p.planes(), 2L * p.entries() + p.plane());
      this.p = p;
      this.add = add;
      width = p.windows().columns().size();
      rows = p.windows().rows().windows();
      perRow = p.windows().columns().windows();
      lanes = rows * ((perRow + LANES - 1) / LANES * LANES);
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      float[] small = add ? a.gradOutput : a.input;
      int smallAt = (add ? a.gradOutputAt : a.inputAt) + plane * p.entries();
      float[] large = add ? a.gradInput : a.output;
      int largeAt = (add ? a.gradInputAt : a.outputAt) + plane * p.plane();
      int indicesAt = a.indicesAt + plane * p.entries();
      float fill =
          add || a.fillValue == null ? 0 : a.fillValue[a.fillValueAt + plane % p.channels()];
      int found = pairs(small, smallAt, a.indices, indicesAt, large, largeAt, fill);
      if (found != lanes) {
        if (add) {
          ScalarIndexed.scatterAdd(p, plane, a);
        } else {
          ScalarIndexed.scatter(p, plane, a);
        }
      }
    }

    /** Returns how many lanes had an index in their own window. */
    private int pairs(
        float[] small,
        int smallAt,
        int[] indices,
        int indicesAt,
        float[] large,
        int at,
        float fill) {
      IntVector none = FloatVector.broadcast(F, fill).reinterpretAsInts();
      int lower = width;
      int last = perRow - LANES;
      int found = 0;
      for (int y = 0; y < rows; y++) {
        int value = smallAt + y * perRow;
        int index = indicesAt + y * perRow;
        int line = 2 * y * width;
        for (int next = 0; next < perRow; next += LANES) {
          int x = Math.min(next, last);
          FloatVector v = FloatVector.fromArray(F, small, value + x);
          if (add) {
            v = v.add(0);
          }
          IntVector entry = v.reinterpretAsInts();
          IntVector place = IntVector.fromArray(I, indices, index + x).sub(EVEN).sub(line + 2 * x);
          VectorMask<Integer> is0 = place.compare(VectorOperators.EQ, 0);
          VectorMask<Integer> is1 = place.compare(VectorOperators.EQ, 1);
          VectorMask<Integer> is2 = place.compare(VectorOperators.EQ, lower);
          VectorMask<Integer> is3 = place.compare(VectorOperators.EQ, lower + 1);
          found += is0.or(is1).or(is2.or(is3)).trueCount();
          IntVector one = none.blend(entry, is0);
          IntVector two = none.blend(entry, is1);
          int to = at + line + 2 * x;
          LOW.selectFrom(one, two).reinterpretAsFloats().intoArray(large, to);
          HIGH.selectFrom(one, two).reinterpretAsFloats().intoArray(large, to + LANES);
          one = none.blend(entry, is2);
          two = none.blend(entry, is3);
          LOW.selectFrom(one, two).reinterpretAsFloats().intoArray(large, to + lower);
          HIGH.selectFrom(one, two).reinterpretAsFloats().intoArray(large, to + lower + LANES);
        }
        if (2 * perRow < width) {
          int covered = at + line + 2 * perRow;
          Arrays.fill(large, covered, at + line + width, fill);
          Arrays.fill(large, covered + width, at + line + 2 * width, fill);
        }
      }
      Arrays.fill(large, at + 2 * rows * width, at + p.plane(), fill);
      return found;
    }
  }
}
