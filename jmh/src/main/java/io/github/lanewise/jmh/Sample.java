package io.github.lanewise.jmh;

import java.util.Random;
import java.util.function.IntToDoubleFunction;

/** Test data, and the comparison of some results with a formula. */
public final class Sample {
  private static final int COUNT = 48;

  private Sample() {}

  /** Numbers uniform in [−1, 1), the same for the same seed. */
  public static float[] uniform(int n, long seed) {
    float[] values = new float[n];
    fill(values, seed);
    return values;
  }

  /** As {@link #uniform}, into an array. */
  public static void fill(float[] values, long seed) {
    long state = seed;
    for (int i = 0; i < values.length; i++) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      values[i] = (int) (state >>> 32) * 0x1p-31f;
    }
  }

  /** Compares the first, the last and some random elements with what they should be. */
  public static void verify(
      String name, float[] actual, int length, IntToDoubleFunction expected, double tolerance) {
    Random random = new Random(length);
    for (int i = 0; i < COUNT; i++) {
      int index = i == 0 ? 0 : i == 1 ? length - 1 : random.nextInt(length);
      double want = expected.applyAsDouble(index);
      // also false for NaN
      if (!(Math.abs(actual[index] - want) <= tolerance * Math.max(1, Math.abs(want)))) {
        throw new AssertionError(
            name + "[" + index + "] is " + actual[index] + " but should be " + want);
      }
    }
  }
}
