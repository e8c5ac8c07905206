package io.github.lanewise.vector;

import static io.github.lanewise.vector.SlidingRows.IOTA;
import static io.github.lanewise.vector.Strided.LAST_0;
import static io.github.lanewise.vector.Strided.LAST_1;
import static io.github.lanewise.vector.Strided.LAST_2;
import static io.github.lanewise.vector.Strided.MERGE_0;
import static io.github.lanewise.vector.Strided.MERGE_1;
import static io.github.lanewise.vector.Strided.MERGE_2;
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
import jdk.incubator.vector.VectorOperators;

/**
 * Max pooling's gradient, and unpooling, where windows of 3 lie side by side in rows. Each position
 * of the windows is a vector with the entries whose indices name it; the three, interleaved, are a
 * piece of the row. A plane with an index outside of its entry's own window, which no pooling
 * gives, is done again by the scalar twin.
 */
final class IndexedTiles implements Implementation<IndexedProblem> {
  /** Whether entries are added to zeros: then -0 becomes 0. */
  private final boolean add;

  IndexedTiles(boolean add) {
    this.add = add;
  }

  @Override
  public String name() {
    return "vector tiles";
  }

  @Override
  public boolean accepts(IndexedProblem p) {
    return isTiled(p);
  }

  /** Whether entries have windows of 3 that lie side by side, enough of them for a vector. */
  static boolean isTiled(IndexedProblem p) {
    return p.windows() != null
        && p.windows().rows() instanceof Sliding rows
        && p.windows().columns() instanceof Sliding columns
        && rows.kernel() == 1
        && rows.stride() == 1
        && columns.kernel() == 3
        && columns.stride() == 3
        && columns.dilation() == 1
        && columns.windows() >= LANES
        && SlidingRows.accepts(p.windows());
  }

  @Override
  public Kernel[] kernels(IndexedProblem p) {
    return new Kernel[] {VectorIndexed.check(p), new Tiles(p, add)};
  }

  private static final class Tiles extends PlaneKernel {
    private final IndexedProblem p;
    private final boolean add;
    private final SlidingRows w;

    private final int rows;

    /** How many lanes of all vectors of a plane have an entry. */
    private final int lanes;

    Tiles(IndexedProblem p, boolean add) {
      super(p.planes(), 2L * p.entries() + p.plane());
      this.p = p;
      this.add = add;
      w = new SlidingRows(p.windows());
      rows = p.windows().rows().windows();
      lanes = rows * ((w.perRow + LANES - 1) / LANES * LANES);
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      planes(plane, plane + 1, a, scratch, own);
    }

    @Override
    protected void planes(int first, int end, Operands a, float[] scratch, int mine) {
      float[] small = add ? a.gradOutput : a.input;
      int smallAt = add ? a.gradOutputAt : a.inputAt;
      float[] large = add ? a.gradInput : a.output;
      int largeAt = add ? a.gradInputAt : a.outputAt;
      int limit = largeAt + end * w.inPlane;
      for (int plane = first; plane < end; plane++) {
        int to = largeAt + plane * w.inPlane;
        int value = smallAt + plane * w.outPlane;
        int index = a.indicesAt + plane * w.outPlane;
        float fill =
            add || a.fillValue == null ? 0 : a.fillValue[a.fillValueAt + plane % p.channels()];
        int own = triples(small, value, a.indices, index, large, to, limit, fill);
        if (own != lanes) {
          scalar(plane, a);
        }
      }
    }

    private void scalar(int plane, Operands a) {
      if (add) {
        ScalarIndexed.scatterAdd(p, plane, a);
      } else {
        ScalarIndexed.scatter(p, plane, a);
      }
    }

    /**
     * One plane. Stores whole vectors, also where they reach beyond a row, unless that is beyond
     * {@code limit}: what comes there is stored later.
     *
     * @return how many lanes have an index in their own window
     */
    private int triples(
        float[] small,
        int smallAt,
        int[] indices,
        int indexAt,
        float[] large,
        int plane,
        int limit,
        float fill) {
      int width = w.width;
      int perRow = w.perRow;
      int padding = w.padding;
      int covered = 3 * perRow - padding;
      IntVector starts = IntVector.fromArray(I, w.gather, 0);
      FloatVector none = FloatVector.broadcast(F, fill);
      int own = 0;
      for (int y = 0; y < rows; y++) {
        int line = y * width;
        int value = smallAt + y * perRow;
        int index = indexAt + y * perRow;
        if (plane + line + covered > limit || plane + line < padding) {
          own += inside(small, value, indices, index, large, plane, line, fill);
          continue;
        }
        for (int next = 0; next < perRow; next += LANES) {
          int x = SlidingRows.vector(next, 0, perRow);
          int left = x * 3 - padding;
          IntVector column = IntVector.fromArray(I, indices, index + x).sub(line);
          IntVector tap = column.sub(starts).sub(left);
          own +=
              tap.compare(VectorOperators.ULT, 3)
                  .and(column.compare(VectorOperators.ULT, width))
                  .trueCount();
          FloatVector v = FloatVector.fromArray(F, small, value + x);
          if (add) {
            v = v.add(0);
          }
          IntVector a =
              none.blend(v, tap.compare(VectorOperators.EQ, 0).cast(F)).reinterpretAsInts();
          IntVector b =
              none.blend(v, tap.compare(VectorOperators.EQ, 1).cast(F)).reinterpretAsInts();
          IntVector c =
              none.blend(v, tap.compare(VectorOperators.EQ, 2).cast(F)).reinterpretAsInts();
          int at = plane + line + left;
          FloatVector first = LAST_0.selectFrom(MERGE_0.selectFrom(a, b), c).reinterpretAsFloats();
          if (left < 0) {
            first.intoArray(large, at, IOTA.compare(VectorOperators.GE, -left).cast(F));
          } else {
            first.intoArray(large, at);
          }
          LAST_1
              .selectFrom(MERGE_1.selectFrom(a, b), c)
              .reinterpretAsFloats()
              .intoArray(large, at + LANES);
          LAST_2
              .selectFrom(MERGE_2.selectFrom(a, b), c)
              .reinterpretAsFloats()
              .intoArray(large, at + 2 * LANES);
        }
        for (int at = covered; at < width; at++) {
          large[plane + line + at] = fill;
        }
      }
      return own;
    }

    /** A line without what lies beyond it, one by one; it counts as the vectors do. */
    private int inside(
        float[] small,
        int value,
        int[] indices,
        int index,
        float[] large,
        int plane,
        int line,
        float fill) {
      Arrays.fill(large, plane + line, plane + line + w.width, fill);
      int own = 0;
      for (int next = 0; next < w.perRow; next += LANES) {
        int start = SlidingRows.vector(next, 0, w.perRow);
        for (int x = start; x < start + LANES; x++) {
          int column = indices[index + x] - line;
          int tap = column - x * w.stride + w.padding;
          if (tap >= 0 && tap < w.stride && column >= 0 && column < w.width) {
            large[plane + line + column] = add ? small[value + x] + 0 : small[value + x];
            own++;
          }
        }
      }
      return own;
    }
  }
}
