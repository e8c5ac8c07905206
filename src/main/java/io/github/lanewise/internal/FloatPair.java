package io.github.lanewise.internal;

/** Keeps a double in scratch memory, which holds floats, as the sum of two of them (48 bits). */
public final class FloatPair {
  private FloatPair() {}

  /** Stores {@code value} in two floats from {@code at} on. */
  public static void put(double value, float[] scratch, int at) {
    float high = (float) value;
    scratch[at] = high;
    // an infinite or NaN high part says it all; the difference would turn infinity into NaN
    scratch[at + 1] = Float.isFinite(high) ? (float) (value - high) : 0;
  }

  /** Reads what {@link #put} stored. */
  public static double get(float[] scratch, int at) {
    return (double) scratch[at] + scratch[at + 1];
  }
}
