package io.github.lanewise.vector;

/**
 * Reads of single floats, a cache line each, in the order of memory and ahead of a loop that loads
 * vectors from several rows. Vectors lie across two lines, since an array's elements begin 16 bytes
 * behind a line's beginning: where both have to come from memory, and out of order, processors
 * fetch little ahead by themselves.
 */
final class ReadAhead {
  /** Floats that no cache of one core holds. */
  private static final long CACHED = 1 << 21;

  private static float kept;

  private ReadAhead() {}

  /** Whether so many floats come from memory. */
  static boolean isWorthwhile(long floats) {
    return floats > CACHED;
  }

  /**
   * Takes the sum of what was read, since C2 leaves out reads without an effect. It has none but
   * for one number, or else the threads would write to the same place.
   */
  static void keep(float sum) {
    if (sum == Float.MIN_VALUE) {
      kept = sum;
    }
  }
}
