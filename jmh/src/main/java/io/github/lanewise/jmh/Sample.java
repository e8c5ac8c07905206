package io.github.lanewise.jmh;

import java.util.Arrays;
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

  /** Partial sums of n products of numbers up to 1 reach about √n, and so do n rounding errors. */
  static double tolerance(int terms) {
    return 1e-6 + 3e-7 * Math.sqrt(terms) * Math.log(Math.E + terms);
  }

  /** Fills results with NaN, so that what a call leaves out is found. */
  public static void clear(float[]... results) {
    for (float[] result : results) {
      Arrays.fill(result, Float.NaN);
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
