package io.github.lanewise.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.jmh.Limit.Tries;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** What threads reach together. */
class LimitTest {
  private static Tries tries(long start, long end) {
    return new Tries(new long[] {start}, new long[] {end}, new double[] {600});
  }

  @Test
  void aTryLastsFromTheFirstStartToTheLastEnd() {
    assertEquals(6, Limit.best(tries(0, 100)));
    assertEquals(12, Limit.best(tries(0, 100), tries(0, 100)));
    // one after the other is no faster than one alone, whichever is the first
    assertEquals(6, Limit.best(tries(0, 100), tries(100, 200)));
    assertEquals(6, Limit.best(tries(100, 200), tries(0, 100)));
    assertEquals(8, Limit.best(tries(0, 100), tries(50, 150)));
  }

  @Test
  void theBestTryCountsForAllThreadsNotForEach() {
    Tries one = new Tries(new long[] {0, 200}, new long[] {100, 300}, new double[] {600, 600});
    Tries other = new Tries(new long[] {0, 200}, new long[] {200, 260}, new double[] {600, 600});
    assertEquals(12, Limit.best(one, other));
  }

  @Test
  void aTryReturnsItsAmount() {
    Limit.compile();
    for (Limit limit : List.of(Limit.COPY, Limit.IN_PLACE)) {
      assertEquals(Limit.BYTES, limit.once(limit.arrays(1)[0]), limit::name);
    }
  }

  @Test
  void twoThreadsMeetForEachTry() {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Limit.compile();
      Limit limit = Limit.MULTIPLY_ADDS;
      for (int i = 0; i < 20; i++) {
        assertTrue(limit.now(2, executor, limit.arrays(2)) > 0);
      }
    } finally {
      executor.shutdown();
    }
  }
}
