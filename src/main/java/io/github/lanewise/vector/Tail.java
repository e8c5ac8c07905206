package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.I;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The elements of a row that fill no vector.
 *
 * <p>A masked access is one instruction only where a whole vector would lie inside the array. One
 * that reaches beyond the array's end, even in lanes that are off, goes to a rarely compiled path
 * of the Vector API which makes the mask an object. So kernels keep whole vectors inside, and end
 * the last vector of a row where the row ends. From sums, they blend out the lanes that were done
 * before. What they compute element by element, they store whole: the first vector of a row
 * overlaps the second, and both give the same there.
 *
 * <p>They write that out, without a helper method: where ends are rare when C2 compiles a loop, it
 * leaves a helper that it has compiled by itself as a call, in some JVMs and then for as long as
 * they run. A vector that goes through a call is an object.
 */
final class Tail {
  private Tail() {}

  /** Where the second vector of a row of n elements begins, so that the last one ends with it. */
  static int start(int n) {
    return (n - 1) % LANES + 1;
  }

  /** How far a vector at {@code at} reaches beyond the array. */
  static int beyond(float[] array, int at) {
    return Math.max(0, at + LANES - array.length);
  }

  // small enough to be inlined wherever they are called: a vector that goes through a call is boxed

  /** Stores the first {@code n} lanes, or all. */
  static void store(FloatVector v, float[] to, int at, int n) {
    if (n >= LANES) {
      v.intoArray(to, at);
    } else {
      v.intoArray(to, at, F.indexInRange(0, n));
    }
  }

  /** Stores the first {@code n} lanes, or all. */
  static void store(IntVector v, int[] to, int at, int n) {
    if (n >= LANES) {
      v.intoArray(to, at);
    } else {
      v.intoArray(to, at, I.indexInRange(0, n));
    }
  }
}
