package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.I;
import static io.github.lanewise.vector.VectorWidth.LANES;

import java.util.function.IntUnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Every stride-th element of an array, which is what one position of a window sees for neighbouring
 * outputs, and the way back.
 *
 * <p>Selections of two vectors go by int vectors: C2 would convert a float selector anew each time.
 */
final class Strided {
  /** Elements 0, 2, 4, … of two vectors. */
  static final IntVector EVEN = selector(i -> 2 * i);

  /** Elements 1, 3, 5, … of two vectors. */
  static final IntVector ODD = selector(i -> 2 * i + 1);

  // every third element of three vectors: what lies in the first two, then what lies in the third
  static final IntVector THIRD_0 = selector(i -> 3 * i % (2 * LANES));
  static final IntVector REST_0 = selector(i -> inThird(i, 3 * i));
  static final IntVector THIRD_1 = selector(i -> (3 * i + 1) % (2 * LANES));
  static final IntVector REST_1 = selector(i -> inThird(i, 3 * i + 1));
  static final IntVector THIRD_2 = selector(i -> (3 * i + 2) % (2 * LANES));
  static final IntVector REST_2 = selector(i -> inThird(i, 3 * i + 2));

  /** The first half of two vectors interleaved. */
  static final IntVector LOW = selector(i -> i / 2 + i % 2 * LANES);

  /** The second half of two vectors interleaved. */
  static final IntVector HIGH = selector(i -> (LANES + i) / 2 + i % 2 * LANES);

  // three vectors interleaved: what comes from the first two, then what comes from the third
  static final IntVector MERGE_0 = selector(i -> fromFirstTwo(i));
  static final IntVector LAST_0 = selector(i -> fromThird(i, i));
  static final IntVector MERGE_1 = selector(i -> fromFirstTwo(LANES + i));
  static final IntVector LAST_1 = selector(i -> fromThird(i, LANES + i));
  static final IntVector MERGE_2 = selector(i -> fromFirstTwo(2 * LANES + i));
  static final IntVector LAST_2 = selector(i -> fromThird(i, 2 * LANES + i));

  private Strided() {}

  /** A selector of two vectors: element {@code i} of the first, {@code LANES + i} of the second. */
  private static IntVector selector(IntUnaryOperator source) {
    int[] sources = new int[LANES];
    for (int i = 0; i < LANES; i++) {
      sources[i] = source.applyAsInt(i);
    }
    return IntVector.fromArray(I, sources, 0);
  }

  private static int inThird(int lane, int position) {
    return position < 2 * LANES ? lane : position - LANES;
  }

  private static int fromFirstTwo(int position) {
    return position / 3 + (position % 3 == 1 ? LANES : 0);
  }

  private static int fromThird(int lane, int position) {
    return position % 3 == 2 ? LANES + position / 3 : lane;
  }

  /** How many elements from {@code at} on {@link #load} reads; those between may be garbage. */
  static long reach(int stride) {
    return stride <= 3 ? (long) stride * LANES : (LANES - 1L) * stride + 1;
  }

  /**
   * {@code a[at], a[at + stride], a[at + 2·stride], …}.
   *
   * @param gather the multiples of the stride, for those above 3
   */
  static FloatVector load(float[] a, int at, int stride, int[] gather) {
    if (stride == 1) {
      return FloatVector.fromArray(F, a, at);
    }
    if (stride > 3) {
      return FloatVector.fromArray(F, a, at, gather, 0);
    }
    IntVector first = FloatVector.fromArray(F, a, at).reinterpretAsInts();
    IntVector second = FloatVector.fromArray(F, a, at + LANES).reinterpretAsInts();
    if (stride == 2) {
      return EVEN.selectFrom(first, second).reinterpretAsFloats();
    }
    IntVector third = FloatVector.fromArray(F, a, at + 2 * LANES).reinterpretAsInts();
    return REST_0.selectFrom(THIRD_0.selectFrom(first, second), third).reinterpretAsFloats();
  }

  /** What {@link #load} wants as {@code gather}. */
  static int[] gather(int stride) {
    int[] multiples = new int[LANES];
    for (int i = 0; i < LANES; i++) {
      multiples[i] = i * stride;
    }
    return multiples;
  }
}
