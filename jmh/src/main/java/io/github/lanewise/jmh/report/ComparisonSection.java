package io.github.lanewise.jmh.report;

import io.github.lanewise.jmh.report.Figures.Figure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** The part of the page about PyTorch. */
final class ComparisonSection {
  private static final String PEER = "pytorch";
  private static final String PRODUCTS = "MatrixProduct";
  private static final List<String> PASSES = List.of("forward", "backward");

  /** Four layers of one channel, up to 70 times as fast: they carry a good part of the mean. */
  private static final String TINY = "mnist.";

  /** Stands where PyTorch computed something wrong. */
  private static final String MARK = " \\*";

  private final StringBuilder page;
  private final Figures figures;
  private final Map<String, String> mistakes = new LinkedHashMap<>();

  private ComparisonSection(StringBuilder page, Figures figures) {
    this.page = page;
    this.figures = figures;
  }

  static void append(StringBuilder page, Figures figures, Path pictures) throws IOException {
    ComparisonSection section = new ComparisonSection(page, figures);
    section.steps();
    for (int threads : figures.threads()) {
      String picture = "pytorch-" + threads + ".png";
      if (Bars.draw(figures, PEER, threads, pictures.resolve(picture))) {
        page.append("\n![Speed as a multiple of PyTorch's, ")
            .append(Table.threads(threads))
            .append("](performance/")
            .append(picture)
            .append(")\n");
      }
    }
    for (int threads : figures.threads()) {
      section.table("Convolutions", "Convolution", PASSES, threads);
    }
    for (int threads : figures.threads()) {
      section.table("Matrix products", PRODUCTS, List.of(""), threads);
    }
    section.peerShares();
    section.footnote();
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
              peer(name, "", theirs.get()),
              Table.number(figures.timesAsFast("TrainingStep", name, "", PEER, threads)),
              Table.bytes(ours.get().allocated()));
        }
      }
    }
    if (!table.isEmpty()) {
      page.append(
              "### Training steps\n\nForward pass, loss, backward pass and Adam, batch 100.\n\n")
          .append(table);
    }
  }

  /**
   * One row for each problem, with its shape, and five columns for each pass, with several threads
   * one more. Products, which have one pass only, have room for PyTorch's GFLOP/s.
   */
  private void table(String title, String family, List<String> passes, int threads) {
    boolean products = family.equals(PRODUCTS);
    List<String> head = new ArrayList<>(List.of(products ? "product" : "problem", "shape"));
    for (String pass : passes) {
      head.add((pass.isEmpty() ? "" : pass + ": ") + "Lanewise ms");
      head.addAll(List.of("GFLOP/s", "of the limit"));
      if (figures.besideOneThread(threads)) {
        head.add("times one thread");
      }
      head.add("PyTorch ms");
      if (products) {
        head.add("GFLOP/s");
      }
      head.add("times as fast");
    }
    Table table = new Table(2, head);
    List<Double> ratios = new ArrayList<>();
    List<Double> larger = new ArrayList<>(); // those without TINY
    for (String name : figures.names(family)) {
      List<String> cells = new ArrayList<>(List.of(name, Figures.shape(family, name)));
      for (String pass : passes) {
        Optional<Figure> ours = figures.find(family, name, pass, "vector", threads);
        Optional<Figure> theirs = figures.find(family, name, pass, PEER, threads);
        OptionalDouble ratio = figures.timesAsFast(family, name, pass, PEER, threads);
        ratio.ifPresent(ratios::add);
        if (!name.startsWith(TINY)) {
          ratio.ifPresent(larger::add);
        }
        cells.add(ours.map(f -> Table.number(f.millis())).orElse(""));
        cells.add(ours.map(f -> Table.number(f.gigaflops())).orElse(""));
        cells.add(ours.map(f -> Table.percent(f.shareOfMultiplyAdds())).orElse(""));
        if (figures.besideOneThread(threads)) {
          cells.add(Table.number(figures.timesOneThread(family, name, pass, "vector", threads)));
        }
        cells.add(theirs.map(f -> peer(name, pass, f)).orElse(""));
        if (products) {
          cells.add(theirs.map(f -> Table.number(f.gigaflops())).orElse(""));
        }
        cells.add(Table.number(ratio));
      }
      table.row(cells);
    }
    if (!ratios.isEmpty()) {
      page.append("\n### ")
          .append(title)
          .append(", ")
          .append(Table.threads(threads))
          .append("\n\n");
      if (passes.size() > 1) {
        page.append("Backward is all three gradients. ");
      }
      page.append(summary(ratios, larger)).append("\n\n").append(table);
    }
  }

  /**
   * What PyTorch's own kernels make of the machine: where its products stay below what vectors half
   * as wide could do, unlike its convolutions, our ratio is partly that.
   */
  private void peerShares() {
    int threads = figures.threads().get(0);
    OptionalDouble products = bestOfPeer(PRODUCTS, List.of(""), threads);
    OptionalDouble convolutions = bestOfPeer("Convolution", PASSES, threads);
    if (products.isEmpty() || convolutions.isEmpty()) {
      return;
    }
    page.append("\nOf the limit of the multiply-adds, ")
        .append(Table.threads(threads))
        .append(", PyTorch reaches ")
        .append(Table.percent(products))
        .append(" in its best product (MKL), and ")
        .append(Table.percent(convolutions))
        .append(" in its best convolution (oneDNN).");
    if (products.getAsDouble() < 0.5 && convolutions.getAsDouble() > 0.5) {
      page.append(
              " MKL stays below what vectors of half the width could do: it seems not to use this")
          .append(" machine's widest, and the ratios of the products are partly that.");
    }
    page.append('\n');
  }

  /** The most that PyTorch reaches in a kernel of the family, as a share of the limit. */
  private OptionalDouble bestOfPeer(String family, List<String> passes, int threads) {
    OptionalDouble limit = figures.multiplyAdds("vector", threads);
    return limit.isEmpty()
        ? limit
        : figures.names(family).stream()
            .flatMap(name -> passes.stream().map(p -> figures.find(family, name, p, PEER, threads)))
            .flatMap(Optional::stream)
            .mapToDouble(f -> f.gigaflops() / limit.getAsDouble())
            .max();
  }

  private static String summary(List<Double> ratios, List<Double> larger) {
    StringBuilder text = new StringBuilder("Times as fast: median ");
    text.append(Table.number(Figures.median(ratios.stream().mapToDouble(r -> r))));
    text.append(", geometric mean ").append(Table.number(geometricMean(ratios)));
    if (larger.size() < ratios.size()) {
      text.append(", without the tiny layers `").append(TINY).append("*` ");
      text.append(Table.number(geometricMean(larger)));
    }
    return text.append(". Slower than PyTorch: ")
        .append(ratios.stream().filter(r -> r < 1).count())
        .append(" of ")
        .append(ratios.size())
        .append('.')
        .toString();
  }

  private static double geometricMean(List<Double> ratios) {
    return Math.exp(ratios.stream().mapToDouble(Math::log).average().orElse(0));
  }

  /** PyTorch's milliseconds, marked if the result was wrong. */
  private String peer(String name, String pass, Figure figure) {
    String wrong = figure.wrong();
    if (wrong != null) {
      mistakes.putIfAbsent((name + " " + pass).strip(), wrong);
    }
    return Table.number(figure.millis()) + (wrong == null ? "" : MARK);
  }

  private void footnote() {
    if (mistakes.isEmpty()) {
      return;
    }
    page.append(
        "\n\\* PyTorch's gradient (after *forward*, its output; of a network, its loss) is wrong here, its time is shown all the same:\n\n");
    mistakes.forEach(
        (where, what) -> page.append("- ").append(where).append(": ").append(what).append('\n'));
  }
}
