package io.github.lanewise.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ChunksTest {
  @Test
  void chunksFollowOneAnotherAndCoverAll() {
    for (int size : new int[] {0, 1, 63, 65_535, 131_072, 131_073, 1_000_003, Integer.MAX_VALUE}) {
      for (Chunks chunks :
          new Chunks[] {Chunks.of(size), Chunks.of(size, 1), Chunks.of(size, 999)}) {
        assertEquals(0, chunks.from(0));
        assertEquals(size, chunks.from(chunks.count()));
        for (int chunk = 0; chunk < chunks.count(); chunk++) {
          assertTrue(
              size == 0 || chunks.from(chunk) < chunks.from(chunk + 1), chunks + " " + chunk);
        }
      }
    }
  }

  @Test
  void smallWorkIsOneChunkAndLargeWorkIsCutIntoGrains() {
    assertEquals(1, Chunks.of(0).count());
    assertEquals(1, Chunks.of(2 * Chunks.GRAIN - 1).count());
    assertEquals(2, Chunks.of(2 * Chunks.GRAIN).count());
    assertEquals(100, Chunks.of(100, Chunks.GRAIN).count());
    assertEquals(100, Chunks.of(100, 10L * Chunks.GRAIN).count());
    assertEquals(50, Chunks.of(100, Chunks.GRAIN / 2).count());
  }

  /** Long chunks begin at multiples of 64; short ones differ by one item at most. */
  @Test
  void bordersAreAlignedWhereThatIsNoLoss() {
    for (int items : new int[] {128, 129, 1000, 1_000_003}) {
      for (int count : new int[] {1, 3, 7, items / 129 + 1, items / 128, items / 127 + 1}) {
        Chunks chunks = new Chunks(items, count);
        for (int chunk = 0; chunk < count; chunk++) {
          int even = (int) ((long) items * chunk / count);
          boolean aligned = items / count >= 128;
          assertEquals(aligned ? even - even % 64 : even, chunks.from(chunk), chunks + " " + chunk);
        }
      }
    }
  }
}
