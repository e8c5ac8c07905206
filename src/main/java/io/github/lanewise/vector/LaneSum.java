package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Adds the lanes of a vector up in a fixed order: the upper half to the lower one until one is
 * left.
 *
 * <p>{@code reduceLanes(ADD)} may take any order, and does: interpreter and C2 differ, so that a
 * sum would change its last bits while a program warms up.
 */
final class LaneSum {
  private static final VectorShuffle<Float> BY_8 = rotation(8);
  private static final VectorShuffle<Float> BY_4 = rotation(4);
  private static final VectorShuffle<Float> BY_2 = rotation(2);
  private static final VectorShuffle<Float> BY_1 = rotation(1);

  private LaneSum() {}

  private static VectorShuffle<Float> rotation(int lanes) {
    return VectorShuffle.fromOp(F, i -> (i + lanes) % LANES);
  }

  /**
   * The sum of as many elements as there are lanes. For places where C2 may not inline this: in a
   * long method, or one that it seldom calls, a vector as an argument is an object.
   */
  static float of(float[] x, int at) {
    FloatVector v = FloatVector.fromArray(F, x, at);
    if (LANES > 8) {
      v = v.add(v.rearrange(BY_8));
    }
    if (LANES > 4) {
      v = v.add(v.rearrange(BY_4));
    }
    if (LANES > 2) {
      v = v.add(v.rearrange(BY_2));
    }
    return v.add(v.rearrange(BY_1)).lane(0);
  }

  /** The sum of all lanes. */
  static float of(FloatVector v) {
    if (LANES > 8) {
      v = v.add(v.rearrange(BY_8));
    }
    if (LANES > 4) {
      v = v.add(v.rearrange(BY_4));
    }
    if (LANES > 2) {
      v = v.add(v.rearrange(BY_2));
    }
    return v.add(v.rearrange(BY_1)).lane(0);
  }
}
