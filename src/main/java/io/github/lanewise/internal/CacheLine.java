package io.github.lanewise.internal;

/**
 * Where cache lines begin in scratch memory. A vector of 64 bytes that crosses a line takes several
 * times as long to load as one that does not.
 *
 * <p>Java does not tell where an array lies. But an array's elements begin 16 bytes behind its
 * header, and collectors place a large array, as workspaces have, where a line begins: then {@link
 * #FIRST} is the first element that begins a line. Elsewhere nothing is lost.
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
