package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.Arm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Param;

/**
 * A benchmark with parameters, to be run for some arms.
 *
 * @param benchmark its class
 * @param method its method
 * @param params all but the arm and the threads
 * @param arms those that it has
 * @param time how long it is run
 */
public record Cell(
    Class<?> benchmark, String method, Map<String, String> params, List<Arm> arms, Time time) {

  /**
   * How cells are run; each number of iterations is for each number of threads.
   *
   * @param perFork how many cells that follow each other share a fork
   * @param warmup milliseconds of calls before the first iteration of a cell
   * @param warmups iterations that do not count
   * @param millis of one iteration
   */
  public record Time(int perFork, int warmup, int warmups, int iterations, int millis) {}

  /** Cells for all combinations of the values that the class gives these parameters. */
  static List<Cell> all(
      Class<?> benchmark, String method, List<Arm> arms, Time time, String... params) {
    List<Map<String, String>> combinations = List.of(Map.of());
    for (String param : params) {
      List<Map<String, String>> longer = new ArrayList<>();
      for (Map<String, String> combination : combinations) {
        for (String value : values(benchmark, param)) {
          Map<String, String> with = new LinkedHashMap<>(combination);
          with.put(param, value);
          longer.add(with);
        }
      }
      combinations = longer;
    }
    return combinations.stream().map(c -> new Cell(benchmark, method, c, arms, time)).toList();
  }

  private static String[] values(Class<?> benchmark, String param) {
    try {
      return benchmark.getField(param).getAnnotation(Param.class).value();
    } catch (NoSuchFieldException e) {
      throw new IllegalArgumentException(benchmark + " has no parameter " + param, e);
    }
  }

  /** Whether both can share a fork. */
  boolean goesWith(Cell other) {
    return benchmark == other.benchmark
        && method.equals(other.method)
        && arms.equals(other.arms)
        && time.equals(other.time);
  }

  /** As {@code ThreadedBenchmark.series} wants it. */
  String part() {
    return params.entrySet().stream()
        .map(param -> param.getKey() + "=" + param.getValue())
        .collect(Collectors.joining(","));
  }

  /** {@code Pooling maxPool 4x16x32x32k2p0}. */
  String label() {
    return family() + " " + name();
  }

  /** The class's name without {@code Benchmark}. */
  String family() {
    return benchmark.getSimpleName().replace("Benchmark", "");
  }

  /** The method unless it is the only one, and the values of the parameters. */
  String name() {
    List<String> parts = new ArrayList<>();
    if (!method.equals("run") && !method.equals("passes")) {
      parts.add(method);
    }
    parts.addAll(params.values());
    return String.join(" ", parts);
  }
}
