package io.github.lanewise.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** A ReLU that can be switched off, without a branch in the loop. */
final class Gate {
  private Gate() {}

  // small enough to be inlined wherever it is called

  /** {@code v}, but 0 where {@code x ≤ floor}; with NaN as floor always {@code v}. */
  static FloatVector pass(FloatVector v, FloatVector x, FloatVector floor) {
    return v.blend(0f, x.compare(VectorOperators.LE, floor));
  }
}
