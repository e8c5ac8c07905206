package io.github.lanewise.data;

/**
 * The SplitMix64 generator (Steele, Lea, Flood 2014), written out because the JDK does not promise
 * the sequence of its own generators: the same seed must give the same digits and the same shuffle
 * on every machine and JDK.
 *
 * <p>A generator belongs to a seed and a stream (an image, an epoch); different streams of a seed
 * are unrelated. The state starts at {@code mix(mix(seed) ^ stream)}; each draw adds the golden
 * ratio to it and mixes.
 */
final class SplitMix64 {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private long state;

  SplitMix64(long seed, long stream) {
    state = mix(mix(seed) ^ stream);
  }

  long nextLong() {
    state += GOLDEN;
    return mix(state);
  }

  /** Uniform in 0 .. bound - 1; the bias is below bound / 2^64. */
  int nextInt(int bound) {
    return (int) Math.unsignedMultiplyHigh(nextLong(), bound);
  }

  /** Uniform in [low, high): 24 random bits, so exact in float. */
  float nextFloat(float low, float high) {
    return low + (high - low) * ((nextLong() >>> 40) * 0x1p-24f);
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
