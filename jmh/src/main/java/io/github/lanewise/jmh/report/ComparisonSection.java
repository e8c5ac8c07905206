package io.github.lanewise.jmh.report;

import io.github.lanewise.jmh.report.Figures.Figure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** The part of the page about PyTorch. */
final class ComparisonSection {
  private static final String PEER = "pytorch";

  private final StringBuilder page;
  private final Figures figures;

  private ComparisonSection(StringBuilder page, Figures figures) {
    this.page = page;
    this.figures = figures;
  }

  static void append(StringBuilder page, Figures figures, Path pictures) throws IOException {
    ComparisonSection section = new ComparisonSection(page, figures);
    section.steps();
    for (int threads : figures.threads()) {
      section.problems(threads);
      if (figures.has(m -> m.family().equals("Convolution") && m.threads() == threads)) {
        String picture = "pytorch-" + threads + ".png";
        Bars.draw(figures, PEER, threads, pictures.resolve(picture));
        page.append("\n![Speed as a multiple of PyTorch's](performance/")
            .append(picture)
            .append(")\n");
      }
    }
  }

  private void steps() {
    Table table =
        new Table(
            "network", "threads", "Lanewise ms", "PyTorch ms", "times as fast", "bytes allocated");
    for (String name : figures.names("TrainingStep")) {
      for (int threads : figures.threads()) {
        Optional<Figure> ours = figures.find("TrainingStep", name, "", "vector", threads);
        Optional<Figure> theirs = figures.find("TrainingStep", name, "", PEER, threads);
        if (ours.isPresent() && theirs.isPresent()) {
          table.row(
              name,
              String.valueOf(threads),
              Table.number(ours.get().millis()),
              Table.number(theirs.get().millis()),
              Table.number(figures.timesAsFast("TrainingStep", name, "", PEER, threads)),
              Table.number(ours.get().allocated()));
        }
      }
    }
    if (!table.isEmpty()) {
      page.append(
              "### Training steps\n\nForward pass, loss, backward pass and Adam, batch 100.\n\n")
          .append(table);
    }
  }

  private void problems(int threads) {
    Table table =
        new Table(
            "problem",
            "forward: Lanewise ms",
            "GFLOP/s",
            "of the limit",
            "PyTorch ms",
            "times as fast",
            "backward: Lanewise ms",
            "GFLOP/s",
            "of the limit",
            "PyTorch ms",
            "times as fast");
    List<Double> ratios = new ArrayList<>();
    for (String name : figures.names("Convolution")) {
      List<String> cells = new ArrayList<>(List.of(name));
      for (String pass : List.of("forward", "backward")) {
        Optional<Figure> ours = figures.find("Convolution", name, pass, "vector", threads);
        Optional<Figure> theirs = figures.find("Convolution", name, pass, PEER, threads);
        OptionalDouble ratio = figures.timesAsFast("Convolution", name, pass, PEER, threads);
        if (ratio.isPresent()) {
          ratios.add(ratio.getAsDouble());
          OptionalDouble limit = figures.multiplyAdds("vector", threads);
          cells.add(Table.number(ours.get().millis()));
          cells.add(Table.number(ours.get().gigaflops()));
          cells.add(
              limit.isPresent() ? Table.percent(ours.get().gigaflops() / limit.getAsDouble()) : "");
          cells.add(Table.number(theirs.get().millis()));
          cells.add(Table.number(ratio));
        }
      }
      if (cells.size() == 11) {
        table.row(cells);
      }
    }
    if (!table.isEmpty()) {
      double logs = ratios.stream().mapToDouble(Math::log).average().orElse(0);
      page.append("\n### Convolutions, ")
          .append(threads == 1 ? "one thread" : threads + " threads")
          .append("\n\nBackward is all three gradients. ")
          .append(
              String.format(
                  Locale.ROOT,
                  "Geometric mean over both: %.2f times as fast; slower than PyTorch: %d of %d.%n%n",
                  Math.exp(logs),
                  ratios.stream().filter(r -> r < 1).count(),
                  ratios.size()))
          .append(table);
    }
  }
}
