package io.github.lanewise.jmh.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.jmh.Arm;
import io.github.lanewise.jmh.ConvolutionBenchmark;
import io.github.lanewise.jmh.LimitBenchmark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.runner.RunnerException;

/** What becomes of forks that fail, with forks that start no JVM. */
class CampaignTest {
  private static final Cell.Time TIME = new Cell.Time(8, 0, 0, 1, 1);

  @TempDir private Path folder;

  /** What ran: {@code 0 vector one two}. */
  private final List<String> ran = new ArrayList<>();

  private Predicate<String> fails = text -> false;
  private int bits = 512;
  private String reason = "java.lang.OutOfMemoryError";
  private String reasonAlone = reason;

  private final class FakeFork extends Fork {
    private final int round;

    FakeFork(List<Cell> cells, Arm arm, int round) {
      super(cells, arm, "1", round);
      this.round = round;
    }

    @Override
    Fork of(List<Cell> others) {
      return new FakeFork(others, arm(), round);
    }

    @Override
    List<List<Measurement>> run() throws RunnerException {
      String text = round + " " + arm();
      for (Cell cell : cells()) {
        text += " " + cell.name();
      }
      ran.add(text);
      if (fails.test(text)) {
        throw new RunnerException("as the test wants it");
      }
      return cells().stream().map(cell -> List.of(measurement(cell))).toList();
    }

    @Override
    String reason() {
      return cells().size() == 1 ? reasonAlone : reason;
    }

    private Measurement measurement(Cell cell) {
      return new Measurement(
          cell.family(),
          cell.name(),
          "",
          arm().id(),
          1,
          round,
          new double[] {1},
          new double[0],
          0,
          0,
          0,
          null,
          null);
    }
  }

  private Campaign campaign(String... options) {
    return new Campaign(
        Options.parse(List.of(options)), List.of(), folder.resolve("results.json"), "goals") {
      @Override
      int widestVectors() {
        return bits;
      }

      @Override
      Fork fork(List<Cell> cells, Arm arm, int round) {
        return new FakeFork(cells, arm, round);
      }
    };
  }

  private Results results() throws IOException {
    return Results.read(folder.resolve("results.json"));
  }

  /** {@code vector one 0}, for each measurement. */
  private List<String> measured() throws IOException {
    return results().measurements().stream()
        .map(m -> m.arm() + " " + m.name() + " " + m.round())
        .toList();
  }

  private static List<Cell> cells(List<Arm> arms, String... names) {
    List<Cell> cells = new ArrayList<>();
    cells.add(new Cell(LimitBenchmark.class, "fma", Map.of(), List.of(Arm.VECTOR), TIME));
    for (String name : names) {
      cells.add(
          new Cell(ConvolutionBenchmark.class, "passes", Map.of("problem", name), arms, TIME));
    }
    return cells;
  }

  @Test
  void armsTakeTurnsAndGoBackwardsInEveryOtherRound() throws IOException {
    assertTrue(campaign().run(cells(List.of(Arm.VECTOR, Arm.SCALAR), "one", "two"), 2));
    assertEquals(
        List.of(
            "0 vector fma",
            "0 vector one two",
            "0 scalar one two",
            "1 vector fma",
            "1 scalar one two",
            "1 vector one two"),
        ran);
  }

  @Test
  void aCellThatFailsInTheFirstRoundIsLeftOutOfTheOthers() throws IOException {
    fails = text -> text.startsWith("0 vector") && text.contains("one");
    assertFalse(campaign().run(cells(List.of(Arm.VECTOR, Arm.SCALAR), "one", "two"), 2));
    assertEquals(
        List.of("vector fma 0", "vector two 0", "scalar one 0", "scalar two 0"),
        measured().subList(0, 4));
    assertFalse(measured().contains("vector one 1"));
    assertTrue(ran.contains("1 vector two"), ran::toString);
    assertTrue(ran.contains("1 scalar one two"), ran::toString);
  }

  @Test
  void aCellThatFailsLaterLosesItsFigures() throws IOException {
    fails = text -> text.startsWith("1 vector") && text.contains("one");
    assertFalse(campaign().run(cells(List.of(Arm.VECTOR), "one", "two"), 3));
    assertEquals(
        List.of(
            "vector fma 0",
            "vector two 0",
            "vector fma 1",
            "vector two 1",
            "vector fma 2",
            "vector two 2"),
        measured());
  }

  @Test
  void aWrongResultIsAFailureBesideOneOfAnotherKind() throws IOException {
    fails = text -> text.contains("one");
    reason = "java.lang.AssertionError: output[0] is 1";
    assertFalse(campaign().run(cells(List.of(Arm.VECTOR), "one", "two"), 1));
    assertEquals(
        List.of(
            "vector, Convolution one: " + reasonAlone,
            "vector, Convolution one, two: " + reason + ", but not one by one"),
        results().failures());

    reasonAlone = reason;
    assertFalse(campaign().run(cells(List.of(Arm.VECTOR), "one", "two"), 1));
    assertEquals(List.of("vector, Convolution one: " + reason), results().failures());
  }

  @Test
  void armsThatTheMachineCannotRunAreLeftOut() throws IOException {
    List<Cell> cells =
        cells(List.of(Arm.VECTOR, Arm.VECTOR_256, Arm.VECTOR_128, Arm.SCALAR), "one");
    bits = 256;
    assertTrue(campaign().run(cells, 1));
    assertTrue(ran.contains("0 vector-256 one"), ran::toString);
    ran.clear();
    bits = 128;
    assertTrue(campaign().run(cells, 1));
    assertEquals(List.of("0 vector fma", "0 vector one", "0 vector-128 one", "0 scalar one"), ran);
    assertThrows(
        IllegalArgumentException.class, () -> campaign("-arms", "vector-256").run(cells, 1));
  }

  @Test
  void oneProcessorGetsOneThreadUnlessMoreAreAskedFor() {
    assertEquals("1", Options.parse(List.of(), 1).threads());
    assertEquals("1,2", Options.parse(List.of(), 2).threads());
    assertEquals("1,2", Options.parse(List.of(), 64).threads());
    assertEquals("2", Options.parse(List.of("-threads", "2"), 1).threads());
  }

  @Test
  void theFailureOfAForkGivesWayToThoseOfItsCells() throws IOException {
    fails = text -> text.contains("one");
    assertFalse(campaign().run(cells(List.of(Arm.VECTOR), "one", "two", "three"), 2));
    assertEquals(
        List.of("vector, Convolution one: java.lang.OutOfMemoryError"), results().failures());
    assertEquals(
        List.of("0 vector fma", "0 vector one two three", "0 vector one", "0 vector two"),
        ran.subList(0, 4));
    assertTrue(ran.contains("1 vector two three"), ran::toString);
  }

  @Test
  void aForkWhoseCellsAllRunAloneHasNotFailed() throws IOException {
    fails = text -> text.contains("one two");
    assertTrue(campaign().run(cells(List.of(Arm.VECTOR), "one", "two"), 1));
    assertEquals(List.of(), results().failures());
    assertEquals(List.of("vector fma 0", "vector one 0", "vector two 0"), measured());
  }

  @Test
  void aWrongResultIsAFailureEvenIfItIsRightAlone() throws IOException {
    fails = text -> text.contains("one two");
    reason = "java.lang.AssertionError: output[0] is 1";
    assertFalse(campaign().run(cells(List.of(Arm.VECTOR), "one", "two"), 1));
    assertEquals(
        List.of("vector, Convolution one, two: " + reason + ", but not one by one"),
        results().failures());
  }

  @Test
  void optionsThatLeaveOnlyLimitsAreRefusedBeforeAnythingIsWritten() throws IOException {
    Path results = Files.writeString(folder.resolve("results.json"), "old");
    for (String[] options : new String[][] {{"-only", "nosuch"}, {"-arms", "im2col"}}) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> campaign(options).run(cells(List.of(Arm.VECTOR), "one"), 1));
      assertTrue(e.getMessage().contains(String.join(" ", options)), e::getMessage);
    }
    assertEquals(List.of(), ran);
    assertEquals("old", Files.readString(results));
    assertEquals(List.of("results.json"), files());
  }

  @Test
  void limitsAloneMayBeAskedFor() throws IOException {
    assertTrue(campaign("-only", "Limit").run(cells(List.of(Arm.VECTOR), "one"), 1));
    assertEquals(List.of("0 vector fma"), ran);
  }

  @Test
  void oldResultsStayUntilTheEnd() throws IOException {
    Files.writeString(folder.resolve("results.json"), "old");
    Files.writeString(folder.resolve("results.log"), "old log");
    fails =
        text -> {
          if (text.contains("two")) {
            throw new UncheckedIOException(new IOException("the process ends here"));
          }
          return false;
        };
    Campaign campaign = campaign();
    List<Cell> cells = cells(List.of(Arm.VECTOR, Arm.SCALAR), "one");
    cells.addAll(cells(List.of(Arm.VECTOR), "two"));
    assertThrows(UncheckedIOException.class, () -> campaign.run(cells, 1));
    assertEquals("old", Files.readString(folder.resolve("results.json")));
    assertEquals("old log", Files.readString(folder.resolve("results.log")));
    Results partial = Results.read(folder.resolve("results.partial.json"));
    assertEquals(4, partial.measurements().size()); // two limits, and one for two arms

    fails = text -> false;
    assertTrue(campaign().run(cells, 1));
    assertEquals(5, results().measurements().size());
    assertEquals(List.of("results.json", "results.log"), files());
  }

  @Test
  void resultsTellHowManyRoundsAreWhole() throws IOException {
    fails =
        text -> {
          if (text.equals("2 scalar one")) {
            throw new UncheckedIOException(new IOException("the process ends here"));
          }
          return false;
        };
    List<Cell> cells = cells(List.of(Arm.SCALAR, Arm.VECTOR), "one");
    Campaign campaign = campaign("-rounds", "5");
    assertThrows(UncheckedIOException.class, () -> campaign.run(cells, 3));
    Results partial = Results.read(folder.resolve("results.partial.json"));
    assertEquals(5, partial.rounds());
    assertEquals(2, partial.roundsDone());

    fails = text -> false;
    assertTrue(campaign().run(cells, 3));
    assertEquals(3, results().rounds());
    assertEquals(3, results().roundsDone());
  }

  @Test
  void aFileThatIsNotWholeIsRefusedWithItsName() throws IOException {
    assertTrue(campaign().run(cells(List.of(Arm.VECTOR), "one"), 1));
    Path file = folder.resolve("results.json");
    String whole = Files.readString(file);
    for (String text : List.of("", "{}", "[]", "null", whole.substring(0, whole.length() / 2))) {
      Files.writeString(file, text);
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> Results.read(file), text);
      assertTrue(e.getMessage().contains(file.toString()), e::getMessage);
    }
  }

  private List<String> files() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
