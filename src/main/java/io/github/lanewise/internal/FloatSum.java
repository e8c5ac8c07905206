package io.github.lanewise.internal;

/** Sums in double, in an order that depends on the number of elements only. */
public final class FloatSum {
  private FloatSum() {}

  /** The sum of {@code n} neighbours: four at a time, so that additions need not wait. */
  public static double of(float[] x, int at, int n) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = at;
    int end = at + n;
    for (; i <= end - 4; i += 4) {
      a += x[i];
      b += x[i + 1];
      c += x[i + 2];
      d += x[i + 3];
    }
    for (; i < end; i++) {
      a += x[i];
    }
    return (a + b) + (c + d);
  }
}
