package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.Arm;
import io.github.lanewise.jmh.LimitBenchmark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs cells for one arm in one JVM, one cell after the other. To JMH that is one benchmark with
 * many iterations, which this class sorts by cell and by number of threads.
 */
class Fork {
  private static final List<String> PASSES =
      List.of("forward", "backwardInput", "backwardWeight", "backward");

  private final List<Cell> cells;
  private final Arm arm;
  private final String threads;
  private final int round;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  Fork(List<Cell> cells, Arm arm, String threads, int round) {
    this.cells = List.copyOf(cells);
    this.arm = arm;
    this.threads = arm == Arm.NAIVE ? "1" : threads;
    this.round = round;
  }

  List<Cell> cells() {
    return cells;
  }

  Arm arm() {
    return arm;
  }

  /** The same with other cells. */
  Fork of(List<Cell> others) {
    return new Fork(others, arm, threads, round);
  }

  /** {@code Convolution dae.conv1, dae.deconv1}. */
  String label() {
    return cells.get(0).family()
        + " "
        + cells.stream().map(Cell::name).collect(Collectors.joining(", "));
  }

  /**
   * Runs it.
   *
   * @return the measurements of each cell
   * @throws RunnerException if the fork failed; {@link #output} says why
   */
  List<List<Measurement>> run() throws RunnerException {
    Cell.Time time = cells.get(0).time();
    int[] turns = Pattern.compile(",").splitAsStream(threads).mapToInt(Integer::parseInt).toArray();
    List<List<Measurement>> measurements = new ArrayList<>();
    if (cells.get(0).benchmark() == LimitBenchmark.class) { // its threads are JMH's
      List<Measurement> all = new ArrayList<>();
      for (int n : turns) {
        RunResult result =
            run(
                options()
                    .warmupIterations(time.warmups())
                    .measurementIterations(time.iterations())
                    .threads(n));
        // the time is that of a call in each of them
        all.add(measurement(0, "", n, iterations(result), n));
      }
      measurements.add(all);
      return measurements;
    }
    int each = (time.warmups() + time.iterations()) * turns.length;
    List<IterationResult> iterations =
        iterations(
            run(
                options()
                    .warmupIterations(0) // those in front of each cell are ours to leave out
                    .measurementIterations(each * cells.size())
                    .param(
                        "series", cells.stream().map(Cell::part).collect(Collectors.joining(";")))
                    .param("each", String.valueOf(each))
                    .param("warmup", String.valueOf(time.warmup()))
                    .param("threads", threads)));
    for (int cell = 0; cell < cells.size(); cell++) {
      List<Measurement> all = new ArrayList<>();
      for (int turn = 0; turn < turns.length; turn++) {
        List<IterationResult> mine = new ArrayList<>();
        for (int i = time.warmups() * turns.length + turn; i < each; i += turns.length) {
          mine.add(iterations.get(cell * each + i));
        }
        if (cells.get(cell).method().equals("passes")) {
          for (String pass : PASSES) {
            if (value(mine.get(0), pass) > 0) {
              all.add(measurement(cell, pass, turns[turn], mine, 1));
            }
          }
        } else {
          all.add(measurement(cell, "", turns[turn], mine, 1));
        }
      }
      measurements.add(all);
    }
    return measurements;
  }

  /** What JMH and the fork printed. */
  String output() {
    return output.toString(StandardCharsets.UTF_8);
  }

  /** The first line that tells what went wrong. */
  String reason() {
    return output()
        .lines()
        .filter(
            line ->
                line.matches(
                    "(Caused by: )?[\\w.]+(Error|Exception)\\b.*|# A fatal error.*|.*forked VM failed.*"))
        .findFirst()
        .orElse("the fork ended early");
  }

  private ChainedOptionsBuilder options() {
    Cell first = cells.get(0);
    ChainedOptionsBuilder options = new OptionsBuilder();
    first.params().forEach(options::param);
    return options
        .include("^" + Pattern.quote(first.benchmark().getName() + "." + first.method()) + "$")
        .param("arm", arm.id())
        .forks(1)
        .threads(1)
        .measurementTime(TimeValue.milliseconds(first.time().millis()))
        .warmupTime(TimeValue.milliseconds(first.time().millis()))
        .addProfiler(GCProfiler.class)
        .shouldFailOnError(true)
        .jvmArgsAppend(
            Stream.concat(Stream.of("-Xmx6g"), arm.jvmArgs().stream()).toArray(String[]::new));
  }

  private RunResult run(ChainedOptionsBuilder options) throws RunnerException {
    PrintStream out = System.out;
    PrintStream err = System.err;
    try (PrintStream stream = new PrintStream(output, true, StandardCharsets.UTF_8)) {
      // JMH passes on there what the fork prints
      System.setOut(stream);
      System.setErr(stream);
      return new Runner(
              options.build(), OutputFormatFactory.createFormatInstance(stream, VerboseMode.NORMAL))
          .runSingle();
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private static List<IterationResult> iterations(RunResult run) {
    List<IterationResult> iterations = new ArrayList<>();
    run.getBenchmarkResults().forEach(b -> iterations.addAll(b.getIterationResults()));
    return iterations;
  }

  /**
   * Sums up the iterations of one pass with one number of threads.
   *
   * @param callers how many call at the same time
   */
  private Measurement measurement(
      int cell, String pass, int threads, List<IterationResult> iterations, int callers) {
    double[] micros =
        iterations.stream()
            .mapToDouble(
                i ->
                    pass.isEmpty()
                        ? i.getPrimaryResult().getScore()
                        : value(i, pass) / value(i, "calls") / 1e3)
            .toArray();
    IterationResult first = iterations.get(0);
    double calls = value(first, "calls");
    double parts = pass.equals("backward") ? 2 : callers; // two gradients of equal size
    boolean limit = cells.get(cell).benchmark() == LimitBenchmark.class;
    return new Measurement(
        cells.get(cell).family(),
        cells.get(cell).name(),
        pass,
        arm.id(),
        threads,
        round,
        micros,
        iterations.stream().mapToDouble(i -> value(i, "limit")).filter(v -> v > 0).toArray(),
        value(first, "flops") / calls * parts,
        value(first, "bytes") / calls * parts,
        limit
            ? 0
            : printed("allocated", cell, threads)
                .map(Double::parseDouble)
                .orElseThrow(() -> new IllegalStateException("the fork printed no allocation")),
        printed("wrong", cell, threads).map(text -> about(pass, text)).orElse(null),
        printed("cold", cell, threads).orElse(null));
  }

  /** The rest of the line that the fork printed about this cell and this number of threads. */
  private Optional<String> printed(String what, int cell, int threads) {
    String start = "# " + what + " " + cell + " " + threads + " ";
    return output()
        .lines()
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(start.length()))
        .findFirst();
  }

  /** The mistakes that this pass has made, or null. */
  private static String about(String pass, String mistakes) {
    String array = pass.equals("forward") ? "output" : pass.startsWith("backward") ? "grad" : "";
    String own =
        Stream.of(mistakes.split("; "))
            .filter(mistake -> mistake.startsWith(array))
            .collect(Collectors.joining("; "));
    return own.isEmpty() ? null : own;
  }

  private static double value(IterationResult iteration, String name) {
    var result = iteration.getSecondaryResults().get(name);
    return result == null ? 0 : result.getScore();
  }
}
