package io.github.lanewise.testing;

import io.github.lanewise.vector.VectorWidth;

/** What depends on how many vector registers the machine has. */
public final class Registers {
  private Registers() {}

  /**
   * The first value with 32 registers, such as AVX-512 has, the second with 16. Their tiles differ,
   * so that the faster implementation of a small problem may be another.
   */
  public static int choose(int with32, int with16) {
    return VectorWidth.REGISTERS >= 32 ? with32 : with16;
  }
}
