package io.github.lanewise.nn;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Fills a new parameter. The random ones are drawn by SplitMix64 (Steele, Lea, Flood 2014), written
 * out so that a seed gives the same weights on every machine and JDK: element i of the parameter in
 * stream j is
 *
 * <pre>
 * z = mix(mix(mix(seed) ^ j) + (i + 1) · 0x9E3779B97F4A7C15)
 * value = (float) ((2 · (z >>> 40) / 2^24 − 1) · bound)
 * </pre>
 */
final class Initializer {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** New layers differ from each other: each parameter takes the next stream of seed 0. */
  private static final AtomicLong NEXT_STREAM = new AtomicLong();

  private final double bound;
  private final float constant;

  private Initializer(double bound, float constant) {
    this.bound = bound;
    this.constant = constant;
  }

  /** Uniform in [-bound, bound). */
  static Initializer uniform(double bound) {
    return new Initializer(bound, 0);
  }

  /** The same value everywhere. */
  static Initializer constant(float value) {
    return new Initializer(0, value);
  }

  /** A seed that no other layer of this process has. */
  static long nextSeed() {
    return seed(0, NEXT_STREAM.getAndIncrement());
  }

  /** The seed of one stream of a seed; different streams are unrelated. */
  static long seed(long seed, long stream) {
    return mix(mix(seed) ^ stream);
  }

  void fill(Tensor tensor) {
    fill(tensor, 0, bound == 0 ? 0 : NEXT_STREAM.getAndIncrement());
  }

  void fill(Tensor tensor, long seed, long stream) {
    float[] data = tensor.data();
    int size = tensor.elements();
    if (bound == 0) {
      Arrays.fill(data, 0, size, constant);
      return;
    }
    long state = seed(seed, stream);
    for (int i = 0; i < size; i++) {
      state += GOLDEN;
      data[i] = (float) ((2 * ((mix(state) >>> 40) * 0x1p-24) - 1) * bound);
    }
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
