package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.I;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.IndexCheck;
import io.github.lanewise.internal.IndexedProblem;
import io.github.lanewise.internal.Kernel;
import java.lang.invoke.VarHandle;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * What works by indices, with the indices checked in lanes. The rest stays with the scalar twin: an
 * element has a store or a load of its own, and a gather instruction takes as long as the loads it
 * consists of.
 */
final class VectorIndexed implements Implementation<IndexedProblem> {
  private final Implementation<IndexedProblem> scalar;

  VectorIndexed(Implementation<IndexedProblem> scalar) {
    this.scalar = scalar;
  }

  @Override
  public String name() {
    return "vector check";
  }

  @Override
  public boolean accepts(IndexedProblem problem) {
    return true;
  }

  @Override
  public Kernel[] kernels(IndexedProblem problem) {
    Kernel[] kernels = scalar.kernels(problem);
    kernels[0] = check(problem);
    return kernels;
  }

  /** The check that comes before indices are used. */
  static Kernel check(IndexedProblem problem) {
    return new Check(problem);
  }

  private static final class Check extends IndexCheck {
    Check(IndexedProblem problem) {
      super(problem);
    }

    @Override
    protected boolean inRange(int[] indices, int from, int to, int plane) {
      IntVector largest = IntVector.zero(I); // as unsigned numbers: negative ones are the largest
      IntVector largest2 = largest;
      int i = from;
      for (; i <= to - 2 * LANES; i += 2 * LANES) {
        largest = largest.lanewise(VectorOperators.UMAX, IntVector.fromArray(I, indices, i));
        largest2 =
            largest2.lanewise(VectorOperators.UMAX, IntVector.fromArray(I, indices, i + LANES));
        VarHandle.loadLoadFence(); // keeps C2 from reading several steps at once, in any order
      }
      largest = largest.lanewise(VectorOperators.UMAX, largest2);
      for (; i < to; i++) {
        if (Integer.compareUnsigned(indices[i], plane) >= 0) {
          return false;
        }
      }
      return !largest.compare(VectorOperators.UGE, plane).anyTrue();
    }
  }
}
