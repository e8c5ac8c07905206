package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.I;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * The elements of a row that fill no vector.
 *
 * <p>A masked access is one instruction only where a whole vector would lie inside the array. One
 * that reaches beyond the array's end, even in lanes that are off, goes to a rarely compiled path
 * of the Vector API which makes the mask an object. So kernels keep whole vectors inside: they load
 * the last vector of a row so that it ends where the row ends, with the lanes off that were done
 * before, or leave the array's last row to the scalar twin.
 */
final class Tail {
  private Tail() {}

  /** The last {@code n} lanes, at most all but one. */
  static VectorMask<Float> last(int n) {
    return F.indexInRange(0, LANES - n).not();
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
