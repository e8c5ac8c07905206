package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.Arm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Runs cells round by round. Within a round the arms of a cell follow each other, so that they meet
 * the machine in the same mood; the rounds spread each cell over the whole time.
 */
public final class Campaign {
  private final Options options;
  private final List<Arm> arms;
  private final Path file;
  private final String command;
  private final List<Measurement> measurements = new ArrayList<>();
  private final Set<String> described = new LinkedHashSet<>();

  /**
   * A campaign.
   *
   * @param arms those of the mode; empty for all that a cell has
   * @param file where the results go
   * @param goals the part of the Maven command that tells the modes apart
   */
  public Campaign(Options options, List<Arm> arms, Path file, String goals) {
    this.options = options;
    this.arms = options.arms() != null ? options.arms() : arms;
    this.file = options.out() != null ? options.out() : file;
    command =
        "./mvnw -q -f jmh/pom.xml "
            + goals
            + (options.text().isEmpty() ? "" : " -Dbench.args=\"" + options.text() + "\"");
  }

  private record Run(Cell cell, Arm arm) {}

  /** Runs the cells that the options leave, and writes the results after each round. */
  public void run(List<Cell> cells, int defaultRounds) throws IOException, RunnerException {
    List<Run> runs = new ArrayList<>();
    for (Cell cell : cells) {
      if (cell.family().equals("Limit") || options.only().matcher(cell.label()).find()) {
        for (Arm arm : cell.arms()) {
          if (arms.isEmpty() || arms.contains(arm)) {
            runs.add(new Run(cell, arm));
          }
        }
      }
    }
    int rounds = options.rounds() > 0 ? options.rounds() : defaultRounds;
    Path log = Path.of(file.toString().replaceFirst("(\\.json)?$", ".log"));
    Files.createDirectories(log.toAbsolutePath().getParent());
    Files.writeString(log, "");
    System.out.printf("%d forks; JMH's output goes to %s%n", rounds * runs.size(), log);
    long start = System.nanoTime();
    int done = 0;
    for (int round = 0; round < rounds; round++) {
      for (Run run : runs) {
        Fork fork = new Fork(run.cell, run.arm, options.threads(), round);
        List<Measurement> measured;
        try {
          measured = fork.run();
        } catch (RunnerException e) {
          System.out.println(fork.output());
          write();
          throw e;
        } finally {
          Files.writeString(log, fork.output(), StandardOpenOption.APPEND);
        }
        fork.output().lines().filter(l -> l.startsWith("# arm ")).forEach(this::describe);
        measurements.addAll(measured);
        done++;
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
            "[%d/%d, %.0f s left] %s %s: %s%n",
            done,
            rounds * runs.size(),
            seconds / done * (rounds * runs.size() - done),
            run.cell.label(),
            run.arm,
            run.cell.time().warmups() == 0 ? "ran, results right" : summary(measured));
      }
      write();
    }
    System.out.printf(
        "%d forks in %.0f s; results in %s%n", done, (System.nanoTime() - start) / 1e9, file);
  }

  private void write() throws IOException {
    Results.of(command, List.copyOf(described), measurements).write(file);
  }

  private void describe(String line) {
    if (described.add(line.substring("# arm ".length()))) {
      System.out.println(line);
    }
  }

  private static String summary(List<Measurement> measured) {
    StringJoiner text = new StringJoiner(", ");
    for (Measurement m : measured) {
      double[] sorted = m.micros().clone();
      Arrays.sort(sorted);
      double micros = sorted[sorted.length / 2];
      String rate =
          m.flops() > 0
              ? String.format(Locale.ROOT, " (%.1f GFLOP/s)", m.flops() / micros / 1e3)
              : m.bytes() > 0
                  ? String.format(Locale.ROOT, " (%.1f GB/s)", m.bytes() / micros / 1e3)
                  : "";
      text.add(
          String.format(Locale.ROOT, "%s %d× %s%s", m.pass(), m.threads(), time(micros), rate)
              .strip());
    }
    return text.toString();
  }

  private static String time(double micros) {
    return micros < 1000
        ? String.format(Locale.ROOT, "%.1f µs", micros)
        : String.format(Locale.ROOT, "%.2f ms", micros / 1e3);
  }
}
