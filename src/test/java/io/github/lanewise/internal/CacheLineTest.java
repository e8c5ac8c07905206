package io.github.lanewise.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CacheLineTest {
  private static final long MEGABYTE = 1 << 20;

  /** With the array's header they are more than half a region, in bytes. */
  @Test
  void largeArraysTakeHalfARegion() {
    long floatsOfMegabyte = MEGABYTE / Float.BYTES;
    assertEquals(floatsOfMegabyte / 2, CacheLine.large(64 * MEGABYTE));
    assertEquals(floatsOfMegabyte / 2, CacheLine.large(2048 * MEGABYTE));
    assertEquals(floatsOfMegabyte, CacheLine.large(2049 * MEGABYTE));
    assertEquals(2 * floatsOfMegabyte, CacheLine.large(6144 * MEGABYTE));
    assertEquals(16 * floatsOfMegabyte, CacheLine.large(1L << 50));
  }

  @Test
  void smallArraysStaySmallAndLargerOnesAsTheyAre() {
    assertEquals(0, CacheLine.aligned(0));
    assertEquals(32_767, CacheLine.aligned(32_767));
    assertTrue(CacheLine.aligned(32_768) >= MEGABYTE / 2 / Float.BYTES);
    assertEquals(1 << 30, CacheLine.aligned(1 << 30));
  }

  @Test
  void roundsUpToWholeLines() {
    assertEquals(0, CacheLine.up(0));
    assertEquals(16, CacheLine.up(1));
    assertEquals(16L, CacheLine.up(16L));
    assertEquals(32L, CacheLine.up(17L));
  }
}
