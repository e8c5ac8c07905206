package io.github.lanewise.vector;

import static io.github.lanewise.vector.Strided.EVEN;
import static io.github.lanewise.vector.Strided.HIGH;
import static io.github.lanewise.vector.Strided.LOW;
import static io.github.lanewise.vector.Strided.ODD;
import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/** Interleaves two rows and takes them apart again: what a stride of 2 needs. */
final class Zip {
  private static final VectorMask<Float> LOWER_HALF = VectorMask.fromLong(F, (1L << LANES / 2) - 1);

  private Zip() {}

  /**
   * {@code to = even[0], odd[0], even[1], …}; {@code evens} is {@code odds} or one more. Up to half
   * a vector is read beyond both.
   */
  static void zip(
      float[] even, int evenAt, int evens, float[] odd, int oddAt, int odds, float[] to, int toAt) {
    int i = 0;
    for (; i <= odds - LANES; i += LANES) {
      IntVector x = FloatVector.fromArray(F, even, evenAt + i).reinterpretAsInts();
      IntVector y = FloatVector.fromArray(F, odd, oddAt + i).reinterpretAsInts();
      LOW.selectFrom(x, y).reinterpretAsFloats().intoArray(to, toAt + 2 * i);
      HIGH.selectFrom(x, y).reinterpretAsFloats().intoArray(to, toAt + 2 * i + LANES);
    }
    for (; i < odds && odds >= LANES / 2; i += LANES / 2) {
      int j = Math.min(i, odds - LANES / 2); // at last some for the second time
      IntVector x = FloatVector.fromArray(F, even, evenAt + j).reinterpretAsInts();
      IntVector y = FloatVector.fromArray(F, odd, oddAt + j).reinterpretAsInts();
      LOW.selectFrom(x, y).reinterpretAsFloats().intoArray(to, toAt + 2 * j);
    }
    for (; i < odds; i++) {
      to[toAt + 2 * i] = even[evenAt + i];
      to[toAt + 2 * i + 1] = odd[oddAt + i];
    }
    if (evens > odds) {
      to[toAt + 2 * odds] = even[evenAt + odds];
    }
  }

  /** The inverse of {@link #zip} for {@code count} elements. */
  static void unzip(
      float[] from, int fromAt, int count, float[] even, int evenAt, float[] odd, int oddAt) {
    int i = 0;
    for (; i <= count - 2 * LANES; i += 2 * LANES) {
      IntVector x = FloatVector.fromArray(F, from, fromAt + i).reinterpretAsInts();
      IntVector y = FloatVector.fromArray(F, from, fromAt + i + LANES).reinterpretAsInts();
      EVEN.selectFrom(x, y).reinterpretAsFloats().intoArray(even, evenAt + i / 2);
      ODD.selectFrom(x, y).reinterpretAsFloats().intoArray(odd, oddAt + i / 2);
    }
    for (; i + 1 < count && count >= LANES; i += LANES) {
      int j = Math.min(i, (count - LANES) / 2 * 2); // at last some for the second time
      IntVector x = FloatVector.fromArray(F, from, fromAt + j).reinterpretAsInts();
      EVEN.selectFrom(x, x).reinterpretAsFloats().intoArray(even, evenAt + j / 2, LOWER_HALF);
      ODD.selectFrom(x, x).reinterpretAsFloats().intoArray(odd, oddAt + j / 2, LOWER_HALF);
    }
    for (i = Math.min(i, count / 2 * 2); i + 1 < count; i += 2) {
      even[evenAt + i / 2] = from[fromAt + i];
      odd[oddAt + i / 2] = from[fromAt + i + 1];
    }
    if (i < count) {
      even[evenAt + i / 2] = from[fromAt + i];
    }
  }
}
