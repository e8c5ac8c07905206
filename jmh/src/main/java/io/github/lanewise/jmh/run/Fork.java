package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.Arm;
import io.github.lanewise.jmh.LimitBenchmark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
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

/** Runs a cell for one arm in one JVM of its own. */
final class Fork {
  private static final List<String> PASSES =
      List.of("forward", "backwardInput", "backwardWeight", "backward");

  private final Cell cell;
  private final Arm arm;
  private final String threads;
  private final int round;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  Fork(Cell cell, Arm arm, String threads, int round) {
    this.cell = cell;
    this.arm = arm;
    this.threads = threads;
    this.round = round;
  }

  /**
   * Runs it.
   *
   * @throws RunnerException if the fork failed; {@link #output} says why
   */
  List<Measurement> run() throws RunnerException {
    List<Measurement> measurements = new ArrayList<>();
    if (cell.benchmark() == LimitBenchmark.class) { // its threads are JMH's
      for (String n : threads.split(",")) {
        int number = Integer.parseInt(n);
        RunResult result = run(options(1).threads(number));
        // the time is that of a call in each of them
        measurements.addAll(measurements(result, new int[] {number}, number));
      }
    } else {
      String used = arm == Arm.NAIVE ? "1" : threads;
      int[] turns = Pattern.compile(",").splitAsStream(used).mapToInt(Integer::parseInt).toArray();
      RunResult result = run(options(turns.length).threads(1).param("threads", used));
      measurements.addAll(measurements(result, turns, 1));
    }
    return measurements;
  }

  /** What JMH and the fork printed. */
  String output() {
    return output.toString(StandardCharsets.UTF_8);
  }

  private ChainedOptionsBuilder options(int turns) {
    Cell.Time time = cell.time();
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + Pattern.quote(cell.benchmark().getName() + "." + cell.method()) + "$")
            .param("arm", arm.id())
            .forks(1)
            .warmupIterations(time.warmups() * turns)
            .warmupTime(TimeValue.milliseconds(time.warmupMillis()))
            .measurementIterations(time.iterations() * turns)
            .measurementTime(TimeValue.milliseconds(time.millis()))
            .addProfiler(GCProfiler.class)
            .shouldFailOnError(true)
            .jvmArgsAppend(
                Stream.concat(Stream.of("-Xmx6g"), arm.jvmArgs().stream()).toArray(String[]::new));
    cell.params().forEach(options::param);
    return options;
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

  /** Sorts the iterations by the number of threads whose turn it was. */
  private List<Measurement> measurements(RunResult run, int[] turns, int callers) {
    List<IterationResult> iterations = new ArrayList<>();
    run.getBenchmarkResults().forEach(b -> iterations.addAll(b.getIterationResults()));
    List<Measurement> measurements = new ArrayList<>();
    for (int turn = 0; turn < turns.length; turn++) {
      List<IterationResult> mine = new ArrayList<>();
      for (int i = turn; i < iterations.size(); i += turns.length) {
        mine.add(iterations.get(i));
      }
      if (cell.method().equals("passes")) {
        for (String pass : PASSES) {
          double[] micros =
              mine.stream().mapToDouble(i -> value(i, pass) / value(i, "calls") / 1e3).toArray();
          if (micros[0] > 0) {
            double parts = pass.equals("backward") ? 2 : 1; // two gradients of equal size
            measurements.add(measurement(mine, pass, turns[turn], micros, parts));
          }
        }
      } else {
        double[] micros = mine.stream().mapToDouble(i -> i.getPrimaryResult().getScore()).toArray();
        measurements.add(measurement(mine, "", turns[turn], micros, callers));
      }
    }
    return measurements;
  }

  private Measurement measurement(
      List<IterationResult> iterations, String pass, int threads, double[] micros, double parts) {
    IterationResult first = iterations.get(0);
    double calls = value(first, "calls");
    return new Measurement(
        cell.family(),
        cell.name(),
        pass,
        arm.id(),
        threads,
        round,
        micros,
        value(first, "flops") / calls * parts,
        value(first, "bytes") / calls * parts,
        allocated(threads));
  }

  /** What the fork printed about this number of threads. */
  private double allocated(int threads) {
    if (cell.benchmark() == LimitBenchmark.class) {
      return 0;
    }
    String start = "# allocated " + threads + " ";
    return output()
        .lines()
        .filter(line -> line.startsWith(start))
        .mapToDouble(line -> Double.parseDouble(line.substring(start.length())))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the fork printed no line " + start));
  }

  private static double value(IterationResult iteration, String name) {
    var result = iteration.getSecondaryResults().get(name);
    return result == null ? 0 : result.getScore();
  }
}
