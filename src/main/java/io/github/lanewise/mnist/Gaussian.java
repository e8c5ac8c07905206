package io.github.lanewise.mnist;

/**
 * Normally distributed noise: SplitMix64 for the bits, the Box-Muller transform for the
 * distribution, so that a seed gives the same noise on every machine.
 */
final class Gaussian {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private long state;

  Gaussian(long seed) {
    state = mix(seed);
  }

  /** Adds noise of a standard deviation to the first {@code n} values. */
  void add(float[] values, int n, float deviation) {
    for (int i = 0; i < n; i += 2) {
      double radius = deviation * Math.sqrt(-2 * StrictMath.log(1 - uniform()));
      double angle = 2 * Math.PI * uniform();
      values[i] += (float) (radius * StrictMath.cos(angle));
      if (i + 1 < n) {
        values[i + 1] += (float) (radius * StrictMath.sin(angle));
      }
    }
  }

  /** In [0, 1). */
  private double uniform() {
    state += GOLDEN;
    return (mix(state) >>> 11) * 0x1p-53;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
