package io.github.lanewise.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;

/**
 * An array whose data lies somewhere in the middle, between guard bands that nothing may write: a
 * kernel that runs over an edge, or forgets the offset, is found out. Guards are NaN, so that
 * reading them spoils the result, too.
 */
public final class Guarded {
  private static final int BAND = 37; // odd, and longer than two of the widest vectors
  private static final float GUARD = Float.intBitsToFloat(0x7fc0beef);

  /** The whole array, guards included. */
  public final float[] array;

  /** Where the data begins. */
  public final int offset;

  /** Elements of data. */
  public final int size;

  private Guarded(int offset, int size, int behind) {
    this.offset = offset;
    this.size = size;
    array = new float[offset + size + behind];
    Arrays.fill(array, GUARD);
  }

  /**
   * An array for results: what it holds before is NaN, so that an element left out is noticed.
   *
   * @param random draws where the data begins; {@code null} leaves the guards out, so that to read
   *     beyond the data is an error
   */
  public static Guarded forResult(int size, Random random) {
    return random == null
        ? new Guarded(0, size, 0)
        : new Guarded(BAND + random.nextInt(BAND), size, BAND);
  }

  /** An array that holds a copy of {@code values}; {@code random} as in {@link #forResult}. */
  public static Guarded of(float[] values, Random random) {
    Guarded guarded = forResult(values.length, random);
    System.arraycopy(values, 0, guarded.array, guarded.offset, values.length);
    return guarded;
  }

  /** Like {@link #forResult} with a guard behind only, for calls that take no offset. */
  public static Guarded behind(int size) {
    return new Guarded(0, size, BAND);
  }

  /** Likewise with a copy of {@code values}; {@code null} stays {@code null}. */
  public static Guarded behind(float[] values) {
    if (values == null) {
      return null;
    }
    Guarded guarded = behind(values.length);
    System.arraycopy(values, 0, guarded.array, 0, values.length);
    return guarded;
  }

  /** The array to hand over where {@code null} means none. */
  public static float[] arrayOf(Guarded guarded) {
    return guarded == null ? null : guarded.array;
  }

  /** The offset to hand over where {@code null} means none. */
  public static int offsetOf(Guarded guarded) {
    return guarded == null ? 0 : guarded.offset;
  }

  /** A copy of the data, after a check that the guards still stand. */
  public float[] values(String name) {
    checkGuards(name);
    return Arrays.copyOfRange(array, offset, offset + size);
  }

  /** Fails if something was written before or behind the data. */
  public void checkGuards(String name) {
    int guard = Float.floatToRawIntBits(GUARD);
    for (int i = 0; i < array.length; i++) {
      boolean inside = i >= offset && i < offset + size;
      if (!inside && Float.floatToRawIntBits(array[i]) != guard) {
        assertEquals(GUARD, array[i], name + ": guard at " + (i - offset) + " of " + size);
      }
    }
  }
}
