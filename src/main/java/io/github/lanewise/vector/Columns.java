package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Loops down the channels, a plane apart, with neighbouring positions in the lanes. */
final class Columns {
  /** Channels that are summed before they are added to the total. */
  static final int BLOCK = 256;

  private Columns() {}

  /** The largest of {@code n} channels; NaN is passed over, since what follows keeps it. */
  static FloatVector max(float[] x, int at, int n, int plane, VectorMask<Float> mask) {
    FloatVector max = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    for (int c = 0; c < n; c++) {
      FloatVector v = FloatVector.fromArray(F, x, at + c * plane, mask);
      max = max.blend(v, v.compare(VectorOperators.GT, max));
    }
    return max;
  }

  /** {@code Σ exp(x − max)}; each term goes to {@code terms} unless that is {@code null}. */
  static FloatVector sumOfExp(
      float[] x,
      int at,
      int n,
      int plane,
      FloatVector max,
      VectorMask<Float> mask,
      float[] terms,
      int termsAt) {
    FloatVector total = FloatVector.zero(F);
    for (int block = 0; block < n; block += BLOCK) {
      FloatVector sum = FloatVector.zero(F);
      for (int c = block; c < Math.min(n, block + BLOCK); c++) {
        FloatVector v = FloatVector.fromArray(F, x, at + c * plane, mask);
        FloatVector e = Elementary.expOfNegative(v.sub(max));
        sum = sum.add(e);
        if (terms != null) {
          e.intoArray(terms, termsAt + c * plane, mask);
        }
      }
      total = total.add(sum);
    }
    return total;
  }

  /** {@code Σ x}, or {@code Σ x · y} if {@code y} is not {@code null}. */
  static FloatVector sum(
      float[] x, int at, float[] y, int yAt, int n, int plane, VectorMask<Float> mask) {
    FloatVector total = FloatVector.zero(F);
    for (int block = 0; block < n; block += BLOCK) {
      FloatVector sum = FloatVector.zero(F);
      for (int c = block; c < Math.min(n, block + BLOCK); c++) {
        FloatVector v = FloatVector.fromArray(F, x, at + c * plane, mask);
        if (y != null) {
          v = v.mul(FloatVector.fromArray(F, y, yAt + c * plane, mask));
        }
        sum = sum.add(v);
      }
      total = total.add(sum);
    }
    return total;
  }
}
