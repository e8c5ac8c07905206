package io.github.lanewise.internal;

/**
 * Where cache lines begin in scratch memory. A vector of 64 bytes that crosses a line takes longer
 * to load than one that does not.
 *
 * <p>Java does not tell where an array lies. But its elements begin 16 bytes behind the object's
 * beginning, and G1, the default collector, puts a large array, as workspaces have, at the
 * beginning of a region: then {@link #FIRST} is the first element that begins a line. Elsewhere
 * nothing is lost.
 */
public final class CacheLine {
  /** Floats of a line. */
  public static final int FLOATS = 16;

  /** The first element of a large array that begins a line. */
  public static final int FIRST = 12;

  private CacheLine() {}

  /** The floats of so many begun lines. */
  public static long up(long floats) {
    return (floats + FLOATS - 1) / FLOATS * FLOATS;
  }

  /** The floats of so many begun lines. */
  public static int up(int floats) {
    return Math.toIntExact(up((long) floats));
  }
}
