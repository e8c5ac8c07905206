package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/** Interleaves two rows and takes them apart again: what a stride of 2 needs. */
final class Zip {
  /** 0 0 1 1 2 2 …: the lower half, each lane twice; and the upper half. */
  private static final VectorShuffle<Float> LOWER = VectorShuffle.fromOp(F, lane -> lane / 2);

  private static final VectorShuffle<Float> UPPER =
      VectorShuffle.fromOp(F, lane -> LANES / 2 + lane / 2);
  private static final VectorMask<Float> ODD =
      VectorMask.fromLong(F, 0xAAAAAAAAAAAAAAAAL & (-1L >>> (64 - LANES)));

  /** 0 2 4 … 0 2 4 …: the even lanes twice; and the odd ones. */
  private static final VectorShuffle<Float> EVENS =
      VectorShuffle.fromOp(F, lane -> 2 * lane % LANES);

  private static final VectorShuffle<Float> ODDS =
      VectorShuffle.fromOp(F, lane -> (2 * lane + 1) % LANES);
  private static final VectorMask<Float> UPPER_HALF =
      VectorMask.fromLong(F, (1L << LANES) - (1L << LANES / 2));
  private static final VectorMask<Float> LOWER_HALF = UPPER_HALF.not();

  private Zip() {}

  /**
   * {@code to = even[0], odd[0], even[1], …}; {@code evens} is {@code odds} or one more. Up to half
   * a vector is read beyond both.
   */
  static void zip(
      float[] even, int evenAt, int evens, float[] odd, int oddAt, int odds, float[] to, int toAt) {
    int i = 0;
    for (; i <= odds - LANES; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, even, evenAt + i);
      FloatVector y = FloatVector.fromArray(F, odd, oddAt + i);
      x.rearrange(LOWER).blend(y.rearrange(LOWER), ODD).intoArray(to, toAt + 2 * i);
      x.rearrange(UPPER).blend(y.rearrange(UPPER), ODD).intoArray(to, toAt + 2 * i + LANES);
    }
    for (; i < odds && odds >= LANES / 2; i += LANES / 2) {
      int j = Math.min(i, odds - LANES / 2); // at last some for the second time
      FloatVector x = FloatVector.fromArray(F, even, evenAt + j);
      FloatVector y = FloatVector.fromArray(F, odd, oddAt + j);
      x.rearrange(LOWER).blend(y.rearrange(LOWER), ODD).intoArray(to, toAt + 2 * j);
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
      FloatVector x = FloatVector.fromArray(F, from, fromAt + i);
      FloatVector y = FloatVector.fromArray(F, from, fromAt + i + LANES);
      x.rearrange(EVENS).blend(y.rearrange(EVENS), UPPER_HALF).intoArray(even, evenAt + i / 2);
      x.rearrange(ODDS).blend(y.rearrange(ODDS), UPPER_HALF).intoArray(odd, oddAt + i / 2);
    }
    for (; i + 1 < count && count >= LANES; i += LANES) {
      int j = Math.min(i, (count - LANES) / 2 * 2); // at last some for the second time
      FloatVector x = FloatVector.fromArray(F, from, fromAt + j);
      x.rearrange(EVENS).intoArray(even, evenAt + j / 2, LOWER_HALF);
      x.rearrange(ODDS).intoArray(odd, oddAt + j / 2, LOWER_HALF);
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
