package io.github.lanewise.internal;

/**
 * Where cache lines begin in scratch memory. A vector of 64 bytes that crosses a line takes longer
 * to load than one that does not.
 *
 * <p>Java does not tell where an array lies. But its elements begin 16 bytes behind the object's
 * beginning, and G1, the default collector, puts an array larger than half a region at the
 * beginning of one: then {@link #FIRST} is the first element that begins a line. Workspaces that
 * have a use for it are therefore made that large ({@link #aligned}). Elsewhere nothing is lost.
 */
public final class CacheLine {
  /** Floats of a line. */
  public static final int FLOATS = 16;

  /** The first element of a large array that begins a line. */
  public static final int FIRST = 12;

  /** Arrays with fewer floats are left as they are: they are not worth a region. */
  private static final long WORTHWHILE = 1 << 15;

  /** G1 aims at so many regions. */
  private static final long REGIONS = 2048;

  private static final long MOST_REGION = 32L << 20;

  private CacheLine() {}

  /**
   * The length of an array for so many floats: as many, or a little over half a region of G1, a
   * four-thousandth part of the heap or half a megabyte, whichever is larger.
   */
  public static long aligned(long floats) {
    return floats < WORTHWHILE ? floats : Math.max(floats, large(Runtime.getRuntime().maxMemory()));
  }

  /** The floats of half a region, if the heap has so many bytes, and not one less. */
  static long large(long heap) {
    long region = Math.clamp(heap / REGIONS, 1 << 20, MOST_REGION);
    if (Long.bitCount(region) > 1) {
      region = 2 * Long.highestOneBit(region); // G1 takes a power of two
    }
    return region / 2 / Float.BYTES;
  }

  /** The floats of so many begun lines. */
  public static long up(long floats) {
    return (floats + FLOATS - 1) / FLOATS * FLOATS;
  }

  /** The floats of so many begun lines. */
  public static int up(int floats) {
    return Math.toIntExact(up((long) floats));
  }

  /**
   * The floats of so many begun lines, or of one more if that is an odd number: rows so far apart
   * do not compete for the same places in the first cache.
   */
  public static int odd(int floats) {
    return (up(floats) / FLOATS | 1) * FLOATS;
  }
}
