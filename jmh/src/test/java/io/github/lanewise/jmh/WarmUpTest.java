package io.github.lanewise.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.kernel.Lanewise;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** When a warm-up ends, and what it says then. */
class WarmUpTest {
  /** Allocates so many floats in each call. */
  public static final class Allocating extends ThreadedBenchmark {
    private final int floats;
    private float[] array;

    Allocating(int floats) {
      this.floats = floats;
      arm = Lanewise.backend();
      threads = "1,2";
      series = "";
      warmup = 100;
    }

    @Override
    Limit limit() {
      return null;
    }

    @Override
    void prepare() {}

    @Override
    void call() {
      if (floats > 0) {
        array = new float[floats];
      }
    }

    @Override
    void verify() {
      call();
    }
  }

  private static String warmUp(int floats) {
    PrintStream out = System.out;
    var bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      var benchmark = new Allocating(floats);
      benchmark.start();
      benchmark.takeTurn();
      benchmark.stop();
    } finally {
      System.setOut(out);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void callsThatNeverStopAllocatingAreTimedAfterSixTimesAsLong() {
    String text = warmUp(30_000);
    List<String> cold = text.lines().filter(line -> line.startsWith("# cold ")).toList();
    assertEquals(2, cold.size(), text); // one for each number of threads
    for (int i = 0; i < 2; i++) {
      Matcher matcher =
          Pattern.compile("# cold 0 " + (i + 1) + " calls allocate, after (\\d+) ms")
              .matcher(cold.get(i));
      assertTrue(matcher.matches(), cold.get(i));
      int millis = Integer.parseInt(matcher.group(1));
      assertTrue(millis >= 1200 && millis < 3000, text); // the first part has twice the time
    }
  }

  @Test
  void callsThatAllocateNothingAreWarm() {
    assertFalse(warmUp(0).contains("calls allocate"));
  }
}
