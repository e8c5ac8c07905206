package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

/** Comparison of results with references computed in double. */
final class Bounds {
  private Bounds() {}

  /**
   * Fails unless {@code |actual − expected| ≤ absolute + relative · |expected|}; NaN and infinities
   * must match in place.
   */
  static void close(
      String name, double[] expected, double absolute, double relative, float[] actual) {
    assertEquals(expected.length, actual.length, name + ": length");
    for (int i = 0; i < actual.length; i++) {
      double e = expected[i];
      double bound = absolute + relative * Math.abs(e);
      boolean good =
          Double.isNaN(e)
              ? Float.isNaN(actual[i])
              : Math.abs(e) > Float.MAX_VALUE
                  ? actual[i] == (float) e
                  : Math.abs(actual[i] - e) <= bound;
      if (!good) {
        fail(name + "[" + i + "] is " + actual[i] + ", expected " + e + " ± " + bound);
      }
    }
  }
}
