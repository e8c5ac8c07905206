package io.github.lanewise.testing;

import java.util.Random;

/** Random arrays. */
public final class Data {
  private Data() {}

  /**
   * Integers from −3 to 3. A sum of up to 2^20 products of two of them stays below 2^24 in
   * magnitude, so that every order of summation gives the same, exact float.
   */
  public static float[] integers(int size, Random random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextInt(7) - 3;
    }
    return values;
  }

  /** Standard normal values. */
  public static float[] normals(int size, Random random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** The magnitudes of {@code values}; {@code null} stays {@code null}. */
  public static float[] magnitudes(float[] values) {
    if (values == null) {
      return null;
    }
    float[] result = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = Math.abs(values[i]);
    }
    return result;
  }

  /** {@code ⟨a, b⟩} in double, which is exact for integers. */
  public static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
