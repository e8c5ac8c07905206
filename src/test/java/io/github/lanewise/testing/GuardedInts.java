package io.github.lanewise.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;

/** {@link Guarded} for indices. */
public final class GuardedInts {
  private static final int BAND = 37;
  private static final int GUARD = 0x5afebeef;

  /** The whole array, guards included. */
  public final int[] array;

  /** Where the data begins. */
  public final int offset;

  /** Elements of data. */
  public final int size;

  private GuardedInts(int offset, int size, int behind) {
    this.offset = offset;
    this.size = size;
    array = new int[offset + size + behind];
    Arrays.fill(array, GUARD);
  }

  /** An array for results; {@code random} as in {@link Guarded#forResult}. */
  public static GuardedInts forResult(int size, Random random) {
    return random == null
        ? new GuardedInts(0, size, 0)
        : new GuardedInts(BAND + random.nextInt(BAND), size, BAND);
  }

  /** An array that holds a copy of {@code values}. */
  public static GuardedInts of(int[] values, Random random) {
    GuardedInts guarded = forResult(values.length, random);
    System.arraycopy(values, 0, guarded.array, guarded.offset, values.length);
    return guarded;
  }

  /** A copy of the data, after a check that the guards still stand. */
  public int[] values(String name) {
    for (int i = 0; i < array.length; i++) {
      if (i < offset || i >= offset + size) {
        assertEquals(GUARD, array[i], name + ": guard at " + (i - offset) + " of " + size);
      }
    }
    return Arrays.copyOfRange(array, offset, offset + size);
  }
}
