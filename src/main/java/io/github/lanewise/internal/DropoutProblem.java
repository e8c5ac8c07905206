package io.github.lanewise.internal;

/**
 * Zeroes some of {@code size} elements and multiplies the others by {@code scale}.
 *
 * @param threshold of 2²⁴: an element is zeroed if its 24 random bits are below this
 */
public record DropoutProblem(int size, int threshold, float scale) {
  /**
   * The first half of the hash that turns (seed, index) into random bits, which depend on nothing
   * else: not on threads, not on the order. The mixing step and its constants are lowbias32 of
   * Christopher Wellons' hash-prospector, under which flipping any input bit flips each output bit
   * with a probability close to one half.
   */
  public static int mix(int x) {
    x = (x ^ x >>> 16) * MULTIPLIER_1;
    x = (x ^ x >>> 15) * MULTIPLIER_2;
    return x ^ x >>> 15;
  }

  public static final int MULTIPLIER_1 = 0x21f0aaad;
  public static final int MULTIPLIER_2 = 0xd35a2d97;

  /** The 24 random bits of an element. */
  public static int bits(int index, int seedLow, int seedHigh) {
    return mix(mix(index ^ seedLow) + seedHigh) >>> 8;
  }
}
