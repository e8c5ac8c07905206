package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.Arm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Function;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Runs cells round by round, a few in each fork. Within a round the arms of these cells follow each
 * other, so that they meet the machine in the same mood; the rounds spread each cell over the whole
 * time.
 */
public class Campaign {
  /** What the checks of results throw. */
  private static final String WRONG = "AssertionError";

  private final Options options;
  private final List<Arm> arms;
  private final Path file;
  private final Path partial;
  private final Path log;
  private final String command;
  private final List<Measurement> measurements = new ArrayList<>();
  private final Set<String> described = new LinkedHashSet<>();
  private final List<String> failures = new ArrayList<>();
  private final Set<Part> failed = new HashSet<>();
  private int rounds;
  private int roundsDone;

  /** What has failed: a cell for an arm. */
  private record Part(Cell cell, Arm arm) {}

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
    partial = sibling(".partial.json");
    log = sibling(".partial.log");
    command =
        "./mvnw -q -f jmh/pom.xml "
            + goals
            + (options.text().isEmpty() ? "" : " -Dbench.args=\"" + options.text() + "\"");
  }

  /**
   * Runs the cells that the options leave, and writes the results after each fork into a partial
   * file, which replaces the results of an earlier campaign at the end only. When a fork fails, its
   * cells are run one by one, so that the others are not lost with one of them. A cell that fails
   * once for an arm is not run again, and has no figures: not those of earlier rounds, either.
   *
   * @return whether none failed
   * @throws IllegalArgumentException if the options leave nothing but limits that nobody asked for
   */
  public boolean run(List<Cell> cells, int defaultRounds) throws IOException {
    List<List<Cell>> groups = groups(cells);
    rounds = options.rounds() > 0 ? options.rounds() : defaultRounds;
    List<Fork> forks = new ArrayList<>();
    Set<Arm> tooWide = EnumSet.noneOf(Arm.class);
    for (int round = 0; round < rounds; round++) {
      for (List<Cell> group : groups) {
        List<Arm> order = new ArrayList<>(group.get(0).arms());
        order.removeIf(arm -> !arms.isEmpty() && !arms.contains(arm));
        if (round % 2 == 1) {
          Collections.reverse(order); // nobody always goes first
        }
        for (Arm arm : order) {
          if (arm.fits(widestVectors())) {
            forks.add(fork(group, arm, round));
          } else if (tooWide.add(arm)) {
            System.out.println(
                "arm " + arm + " is left out: vectors have " + widestVectors() + " bits here");
          }
        }
      }
    }
    refuseLimitsOnly(forks);
    Files.createDirectories(log.toAbsolutePath().getParent());
    Files.writeString(log, "");
    System.out.printf("%d forks; JMH's output goes to %s%n", forks.size(), log);
    long start = System.nanoTime();
    int done = 0;
    for (Fork fork : forks) {
      take(fork);
      done++;
      roundsDone = done * rounds / forks.size(); // each has as many forks
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "[%d/%d, %.0f s left]%n", done, forks.size(), seconds / done * (forks.size() - done));
    }
    write();
    Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
    Files.move(log, sibling(".log"), StandardCopyOption.REPLACE_EXISTING);
    System.out.printf(
        "%d forks in %s; results in %s%n", done, time((System.nanoTime() - start) / 1e3), file);
    failures.forEach(failure -> System.out.println("FAILED " + failure));
    return failures.isEmpty();
  }

  private Path sibling(String end) {
    String name = file.getFileName().toString().replaceFirst("\\.json$", "");
    return file.resolveSibling(name + end);
  }

  private void refuseLimitsOnly(List<Fork> forks) {
    if (forks.stream().flatMap(fork -> fork.cells().stream()).noneMatch(this::isWanted)) {
      throw new IllegalArgumentException(
          "options are \""
              + options.text()
              + "\", which leave no benchmark of this mode: -only must find a label, such as"
              + " \"Convolution dae.conv1\", of which one of -arms is measured");
    }
  }

  private boolean isWanted(Cell cell) {
    return options.only().matcher(cell.label()).find();
  }

  /** The cells that the options leave; those that follow each other and can share forks do. */
  private List<List<Cell>> groups(List<Cell> cells) {
    List<List<Cell>> groups = new ArrayList<>();
    for (Cell cell : cells) {
      if (!cell.family().equals("Limit") && !isWanted(cell)) {
        continue;
      }
      List<Cell> last = groups.isEmpty() ? List.of() : groups.getLast();
      if (!last.isEmpty() && last.size() < cell.time().perFork() && last.get(0).goesWith(cell)) {
        last.add(cell);
      } else {
        groups.add(new ArrayList<>(List.of(cell)));
      }
    }
    return groups;
  }

  /** The bits of the machine's widest vectors; tests have other machines. */
  int widestVectors() {
    return Arm.widest();
  }

  /** One of the forks; tests need none. */
  Fork fork(List<Cell> cells, Arm arm, int round) {
    return new Fork(cells, arm, options.threads(), round);
  }

  /**
   * Runs what has not failed before. The failure of several cells gives way to those of single
   * ones, unless a result was wrong that none of them has wrong alone.
   */
  private void take(Fork fork) {
    List<Cell> cells =
        fork.cells().stream().filter(cell -> !failed.contains(new Part(cell, fork.arm()))).toList();
    if (cells.isEmpty()) {
      return;
    }
    String failure = run(fork.of(cells));
    if (failure == null) {
      return;
    }
    boolean wrong = failure.contains(WRONG);
    for (Cell cell : cells) {
      String own = cells.size() == 1 ? failure : run(fork.of(List.of(cell)));
      if (own != null) {
        failures.add(own);
        wrong &= !own.contains(WRONG);
        drop(new Part(cell, fork.arm()));
      }
    }
    if (wrong) {
      failures.add(failure + ", but not one by one");
    }
  }

  /** What failed, or null. */
  private String run(Fork fork) {
    try {
      List<List<Measurement>> measured = fork.run();
      Files.writeString(log, fork.output(), StandardOpenOption.APPEND);
      fork.output().lines().filter(l -> l.startsWith("# arm ")).forEach(this::describe);
      for (int i = 0; i < measured.size(); i++) {
        report(fork.cells().get(i), fork.arm(), measured.get(i));
        measurements.addAll(measured.get(i));
      }
      write();
      return null;
    } catch (RunnerException | IllegalStateException e) {
      System.out.println(fork.output());
      String failure = fork.arm() + ", " + fork.label() + ": " + fork.reason();
      System.out.println("FAILED " + failure);
      return failure;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void drop(Part part) {
    failed.add(part);
    measurements.removeIf(
        m ->
            m.family().equals(part.cell().family())
                && m.name().equals(part.cell().name())
                && m.arm().equals(part.arm().id()));
  }

  private static void report(Cell cell, Arm arm, List<Measurement> measured) {
    System.out.printf(
        "%s %s: %s%n",
        cell.label(), arm, cell.time().warmups() == 0 ? "ran, results right" : summary(measured));
    print(measured, Measurement::wrong, "WRONG, but timed all the same: " + arm + "'s ");
    print(measured, Measurement::cold, "NOT WARM, but timed all the same: ");
  }

  private static void print(
      List<Measurement> measured, Function<Measurement, String> what, String head) {
    measured.stream()
        .map(what)
        .filter(Objects::nonNull)
        .distinct()
        .forEach(text -> System.out.println("  " + head + text));
  }

  private void write() throws IOException {
    Results.of(
            command,
            rounds,
            roundsDone,
            List.copyOf(described),
            List.copyOf(failures),
            measurements)
        .write(partial);
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
    return micros < 1e3
        ? String.format(Locale.ROOT, "%.1f µs", micros)
        : micros < 1e6
            ? String.format(Locale.ROOT, "%.2f ms", micros / 1e3)
            : String.format(Locale.ROOT, "%.1f s", micros / 1e6);
  }
}
