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
}
