package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.I;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.IndexedProblem;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PlaneKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Unpooling's gradient where windows of 3, or of 2 × 2, lie side by side in rows: what the windows
 * of a vector of entries see is loaded whole, and the indices select from it. Where one of them
 * lies elsewhere, which no pooling gives, its vector is done one by one.
 */
final class IndexedSelect implements Implementation<IndexedProblem> {
  @Override
  public String name() {
    return "vector select";
  }

  @Override
  public boolean accepts(IndexedProblem p) {
    return !p.winnerOnly() && (IndexedTiles.isTiled(p) || IndexedPairs.isTiled(p));
  }

  @Override
  public Kernel[] kernels(IndexedProblem p) {
    return new Kernel[] {
      VectorIndexed.check(p), IndexedPairs.isTiled(p) ? new Pairs(p) : new Triples(p)
    };
  }

  private static final class Triples extends PlaneKernel {
    private final SlidingRows w;
    private final int rows;

    Triples(IndexedProblem p) {
      super(p.planes(), 2L * p.entries() + p.plane());
      w = new SlidingRows(p.windows());
      rows = p.windows().rows().windows();
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      planes(plane, plane + 1, a, scratch, own);
    }

    @Override
    protected void planes(int first, int end, Operands a, float[] scratch, int own) {
      float[] large = a.gradOutput;
      int[] indices = a.indices;
      float[] to = a.gradInput;
      int perRow = w.perRow;
      int last = large.length - 3 * LANES;
      for (int row = first * rows; row < end * rows; row++) {
        int y = row % rows;
        int plane = a.gradOutputAt + row / rows * w.inPlane;
        int index = a.indicesAt + row * perRow;
        int at = a.gradInputAt + row * perRow;
        int start = w.start(y);
        for (int next = 0; next < perRow; next += LANES) {
          int x = SlidingRows.vector(next, 0, perRow);
          int left = start + 3 * x;
          int from = plane + left;
          if (from >= 0 && from <= last) {
            IntVector place = IntVector.fromArray(I, indices, index + x).sub(left);
            if (place.compare(VectorOperators.ULT, 3 * LANES).allTrue()) {
              IntVector one = FloatVector.fromArray(F, large, from).reinterpretAsInts();
              IntVector two = FloatVector.fromArray(F, large, from + LANES).reinterpretAsInts();
              IntVector three =
                  FloatVector.fromArray(F, large, from + 2 * LANES).reinterpretAsInts();
              VectorMask<Integer> far = place.compare(VectorOperators.GE, 2 * LANES);
              place
                  .selectFrom(one, two)
                  .blend(place.selectFrom(three), far)
                  .reinterpretAsFloats()
                  .intoArray(to, at + x);
              continue;
            }
          }
          single(large, plane, indices, index + x, to, at + x);
        }
      }
    }
  }

  private static final class Pairs extends PlaneKernel {
    private final int rows;
    private final int perRow;
    private final int width;
    private final int inPlane;

    Pairs(IndexedProblem p) {
      super(p.planes(), 2L * p.entries() + p.plane());
      rows = p.windows().rows().windows();
      perRow = p.windows().columns().windows();
      width = p.windows().columns().size();
      inPlane = p.plane();
    }

    @Override
    protected void plane(int plane, Operands a, float[] scratch, int own) {
      float[] large = a.gradOutput;
      int[] indices = a.indices;
      float[] to = a.gradInput;
      int lower = width;
      int begin = a.gradOutputAt + plane * inPlane;
      int last = perRow - LANES;
      for (int y = 0; y < rows; y++) {
        int index = a.indicesAt + (plane * rows + y) * perRow;
        int at = a.gradInputAt + (plane * rows + y) * perRow;
        for (int next = 0; next < perRow; next += LANES) {
          int x = Math.min(next, last);
          int start = 2 * y * width + 2 * x;
          int from = begin + start;
          IntVector place = IntVector.fromArray(I, indices, index + x).sub(start);
          VectorMask<Integer> isLower = place.compare(VectorOperators.GE, lower);
          IntVector column = place.blend(place.sub(lower), isLower);
          if (column.compare(VectorOperators.ULT, 2 * LANES).allTrue()) {
            IntVector one = FloatVector.fromArray(F, large, from).reinterpretAsInts();
            IntVector two = FloatVector.fromArray(F, large, from + LANES).reinterpretAsInts();
            IntVector three = FloatVector.fromArray(F, large, from + lower).reinterpretAsInts();
            IntVector four =
                FloatVector.fromArray(F, large, from + lower + LANES).reinterpretAsInts();
            column
                .selectFrom(one, two)
                .blend(column.selectFrom(three, four), isLower)
                .reinterpretAsFloats()
                .intoArray(to, at + x);
          } else {
            single(large, begin, indices, index + x, to, at + x);
          }
        }
      }
    }
  }

  /** A vector of entries, one by one. */
  private static void single(
      float[] large, int plane, int[] indices, int index, float[] to, int at) {
    for (int i = 0; i < LANES; i++) {
      to[at + i] = large[plane + indices[index + i]];
    }
  }
}
