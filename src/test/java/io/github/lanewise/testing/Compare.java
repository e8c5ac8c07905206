package io.github.lanewise.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

/** Comparisons of whole arrays; a failure names the array, the position and both values. */
public final class Compare {
  /** Half a unit in the last place of 1.0f: the largest relative error of one operation. */
  public static final double UNIT_ROUNDOFF = 0x1p-24;

  private Compare() {}

  /** Equality by {@code ==}, where NaN equals NaN and −0 equals 0. */
  public static void exact(String name, double[] expected, float[] actual) {
    assertEquals(expected.length, actual.length, name + ": length");
    for (int i = 0; i < actual.length; i++) {
      if (!same(expected[i], actual[i])) {
        fail(name + "[" + i + "] is " + actual[i] + ", expected exactly " + expected[i]);
      }
    }
  }

  /** Equality by {@code ==}, where NaN equals NaN and −0 equals 0. */
  public static void exact(String name, float[] expected, float[] actual) {
    exact(name, widened(expected), actual);
  }

  /** Equality of indices. */
  public static void exact(String name, long[] expected, int[] actual) {
    assertEquals(expected.length, actual.length, name + ": length");
    for (int i = 0; i < actual.length; i++) {
      if (expected[i] != actual[i]) {
        fail(name + "[" + i + "] is " + actual[i] + ", expected " + expected[i]);
      }
    }
  }

  /** Equality of all bits. */
  public static void bits(String name, float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length, name + ": length");
    for (int i = 0; i < actual.length; i++) {
      if (Float.floatToRawIntBits(expected[i]) != Float.floatToRawIntBits(actual[i])) {
        fail(name + "[" + i + "] is " + actual[i] + ", not the same bits as " + expected[i]);
      }
    }
  }

  /** Equality of all bits, but of NaN, of which there are many: which one comes out is chance. */
  public static void bitsOrNan(String name, float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length, name + ": length");
    for (int i = 0; i < actual.length; i++) {
      if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(actual[i])) {
        fail(name + "[" + i + "] is " + actual[i] + ", not the same bits as " + expected[i]);
      }
    }
  }

  /**
   * The bound that holds for a sum of {@code terms} products in float, whatever the order and
   * whether fused or not: {@code γ · Σ|term|} with {@code γ = n·u / (1 − n·u)}, n operations each
   * of relative error u. Source: Higham, Accuracy and Stability of Numerical Algorithms, 3.1.
   *
   * @param magnitude {@code Σ|term|} of each element
   */
  public static void withinSummation(
      String name, double[] expected, double[] magnitude, long terms, float[] actual) {
    assertEquals(expected.length, actual.length, name + ": length");
    double n = (terms + 1) * UNIT_ROUNDOFF;
    double gamma = n / (1 - n);
    for (int i = 0; i < actual.length; i++) {
      double bound = gamma * magnitude[i] + terms * Float.MIN_VALUE;
      if (!(Math.abs(actual[i] - expected[i]) <= bound)) {
        fail(name + "[" + i + "] is " + actual[i] + ", expected " + expected[i] + " ± " + bound);
      }
    }
  }

  /**
   * The tolerance of the PyTorch fixtures: {@code |a − b| ≤ scale · max(2e-6, 1.5e-7 · K) + 1e-5 ·
   * |b|}; NaN and infinities must match in place.
   *
   * @param terms K, the longest sum behind one element
   * @param scale a factor on the absolute part
   */
  public static void close(
      String name, float[] expected, long terms, double scale, float[] actual) {
    assertEquals(expected.length, actual.length, name + ": length");
    double absolute = scale * Math.max(2e-6, 1.5e-7 * terms);
    for (int i = 0; i < actual.length; i++) {
      double e = expected[i];
      boolean finite = Math.abs(e) <= Float.MAX_VALUE;
      double bound = absolute + 1e-5 * Math.abs(e);
      if (finite ? !(Math.abs(actual[i] - e) <= bound) : !same(e, actual[i])) {
        fail(name + "[" + i + "] is " + actual[i] + ", expected " + e + " ± " + bound);
      }
    }
  }

  private static boolean same(double expected, float actual) {
    return expected == actual || Double.isNaN(expected) && Float.isNaN(actual);
  }

  private static double[] widened(float[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = values[i];
    }
    return result;
  }
}
