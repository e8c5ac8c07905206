package io.github.lanewise.testing;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Sizes around the vector widths. */
public final class Sizes {
  private Sizes() {}

  /**
   * One below, at and above multiples of 4, 8 and 16 lanes (the suite runs at each width), and
   * primes.
   */
  public static Arbitrary<Integer> any() {
    return Arbitraries.of(
        1, 2, 3, 4, 5, 7, 8, 9, 11, 13, 15, 16, 17, 19, 23, 31, 32, 33, 37, 47, 48, 49, 63, 64, 65,
        67);
  }
}
