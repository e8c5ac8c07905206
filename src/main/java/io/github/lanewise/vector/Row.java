package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Loops over a row of {@code n} neighbouring elements. Sums are in float over blocks, in double
 * over the blocks of a row.
 */
final class Row {
  /** Elements summed in float. */
  private static final int BLOCK = 4096;

  private Row() {}

  /** The largest element; NaN is passed over, since what follows makes it NaN anyway. */
  static float max(float[] x, int at, int n) {
    FloatVector max = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector v = FloatVector.fromArray(F, x, at + i, mask);
      max = max.blend(v, v.compare(VectorOperators.GT, max).and(mask));
    }
    return max.reduceLanes(VectorOperators.MAX);
  }

  /** {@code Σ exp(x − max)}; each term goes to {@code terms} unless that is {@code null}. */
  static double sumOfExp(float[] x, int at, int n, float max, float[] terms, int termsAt) {
    double total = 0;
    for (int i = 0; i < n; i += BLOCK) {
      int length = Math.min(BLOCK, n - i);
      total += blockOfExp(x, at + i, length, max, terms, termsAt + i);
    }
    return total;
  }

  private static float blockOfExp(float[] x, int at, int n, float max, float[] terms, int termsAt) {
    FloatVector sum = FloatVector.zero(F);
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector v = FloatVector.fromArray(F, x, at + i, mask);
      FloatVector e = Elementary.expOfNegative(v.sub(max));
      sum = sum.add(e, mask);
      if (terms != null) {
        e.intoArray(terms, termsAt + i, mask);
      }
    }
    return LaneSum.of(sum);
  }

  /** {@code Σ x}. */
  static double sum(float[] x, int at, int n) {
    double total = 0;
    for (int block = 0; block < n; block += BLOCK) {
      int end = Math.min(n, block + BLOCK);
      FloatVector sum = FloatVector.zero(F);
      for (int i = block; i < end; i += LANES) {
        sum = sum.add(FloatVector.fromArray(F, x, at + i, F.indexInRange(i, end)));
      }
      total += LaneSum.of(sum);
    }
    return total;
  }

  /** {@code Σ x · y}. */
  static double dot(float[] x, int at, float[] y, int yAt, int n) {
    double total = 0;
    for (int block = 0; block < n; block += BLOCK) {
      int end = Math.min(n, block + BLOCK);
      FloatVector sum = FloatVector.zero(F);
      for (int i = block; i < end; i += LANES) {
        VectorMask<Float> mask = F.indexInRange(i, end);
        FloatVector v = FloatVector.fromArray(F, x, at + i, mask);
        sum = v.fma(FloatVector.fromArray(F, y, yAt + i, mask), sum);
      }
      total += LaneSum.of(sum);
    }
    return total;
  }
}
