package io.github.lanewise.jmh.report;

import io.github.lanewise.jmh.report.Figures.Figure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The part of the page about all kernels and the limits of the machine. */
final class KernelSection {
  private static final List<String> MEMORY_BOUND =
      List.of(
          "Pooling", "AdaptivePooling", "BatchNormalization", "Elementwise", "Loss", "Optimizer");
  private static final List<String> PASSES = List.of("forward", "backwardInput", "backwardWeight");

  private final StringBuilder page;
  private final Figures figures;
  private final List<Integer> threads;

  private KernelSection(StringBuilder page, Figures figures) {
    this.page = page;
    this.figures = figures;
    threads = figures.threads();
  }

  static void append(StringBuilder page, Figures figures) {
    KernelSection section = new KernelSection(page, figures);
    for (String arm : figures.arms("Convolution")) {
      if (arm.startsWith("vector")) {
        section.convolutions(arm);
      }
    }
    for (String arm : figures.arms("MatrixProduct")) {
      if (arm.startsWith("vector")) {
        section.products(arm);
      }
    }
    section.memory();
    section.pairs(
        "With packed weights, one image", "PackedWeights", "", "plain", ".packed", "packed");
    section.pairs(
        "Unpooling and transposed convolution, skipping the zeros",
        "UnpooledConvolution",
        ".dense",
        "dense",
        "",
        "sparse");
    section.pairs(
        "Batch normalisation within its neighbours",
        "FusedNormalization",
        ".apart",
        "apart",
        "",
        "within");
    section.batches();
    section.otherArms();
  }

  private static double allocated(Optional<Figure> figure) {
    return figure.map(Figure::allocated).orElse(0.0);
  }

  private void convolutions(String arm) {
    List<String> head = new ArrayList<>(List.of("problem"));
    for (int n : threads) {
      for (String pass : PASSES) {
        head.add(pass + " " + n + "×: GFLOP/s");
        head.add("of the limit");
      }
    }
    head.add("bytes allocated, " + threads.get(0) + "×");
    Table table = new Table(head.toArray(String[]::new));
    for (String name : figures.names("Convolution")) {
      List<String> cells = new ArrayList<>(List.of(name));
      double allocated = 0;
      for (int n : threads) {
        for (String pass : PASSES) {
          Optional<Figure> figure = figures.find("Convolution", name, pass, arm, n);
          cells.addAll(shareOfMultiplyAdds(figure));
          allocated = Math.max(allocated, n == threads.get(0) ? allocated(figure) : 0);
        }
      }
      cells.add(Table.bytes(allocated));
      table.row(cells);
    }
    page.append("\n### Convolutions, ").append(arm).append("\n\n").append(table);
  }

  private static List<String> shareOfMultiplyAdds(Optional<Figure> figure) {
    return figure
        .map(f -> List.of(Table.number(f.gigaflops()), Table.percent(f.shareOfMultiplyAdds())))
        .orElse(List.of("", ""));
  }

  private void products(String arm) {
    List<String> head = new ArrayList<>(List.of("product"));
    for (int n : threads) {
      head.addAll(List.of(n + "×: ms", "GFLOP/s", "of the limit"));
    }
    head.add("bytes allocated, " + threads.get(0) + "×");
    Table table = new Table(head.toArray(String[]::new));
    for (String name : figures.names("MatrixProduct")) {
      List<String> cells = new ArrayList<>(List.of(name));
      double allocated = 0;
      for (int n : threads) {
        Optional<Figure> figure = figures.find("MatrixProduct", name, "", arm, n);
        cells.add(figure.map(f -> Table.number(f.millis())).orElse(""));
        cells.addAll(shareOfMultiplyAdds(figure));
        allocated = Math.max(allocated, n == threads.get(0) ? allocated(figure) : 0);
      }
      cells.add(Table.bytes(allocated));
      table.row(cells);
    }
    if (!table.isEmpty()) {
      page.append("\n### Matrix products, ").append(arm).append("\n\n").append(table);
    }
  }

  private void memory() {
    List<String> head = new ArrayList<>(List.of("kernel"));
    for (int n : threads) {
      head.addAll(List.of(n + "×: µs", "GB/s", "of copying"));
    }
    head.add("bytes allocated, " + threads.get(0) + "×");
    Table table = new Table(head.toArray(String[]::new));
    for (String family : MEMORY_BOUND) {
      for (String name : figures.names(family)) {
        List<String> cells = new ArrayList<>(List.of(name));
        double allocated = 0;
        for (int n : threads) {
          Optional<Figure> figure = figures.find(family, name, "", "vector", n);
          cells.add(figure.map(f -> Table.number(1e3 * f.millis())).orElse(""));
          cells.add(figure.map(f -> Table.number(f.gigabytes())).orElse(""));
          cells.add(figure.map(f -> Table.percent(f.shareOfCopying())).orElse(""));
          allocated = Math.max(allocated, n == threads.get(0) ? allocated(figure) : 0);
        }
        cells.add(Table.bytes(allocated));
        table.row(cells);
      }
    }
    if (!table.isEmpty()) {
      page.append(
              "\n### Kernels that memory bounds\n\nBytes are those that must be read and written;"
                  + " small sizes stay in the caches and go beyond the limit.\n\n")
          .append(table);
    }
  }

  /**
   * Two ways to compute the same, beside one another.
   *
   * @param plain how the names of the one end after the part that both share
   * @param better the same of the other
   */
  private void pairs(
      String title,
      String family,
      String plain,
      String plainTitle,
      String better,
      String betterTitle) {
    List<String> names = figures.names(family);
    boolean multiplyAdds =
        names.stream()
            .flatMap(name -> figures.find(family, name, "", "vector", threads.get(0)).stream())
            .anyMatch(figure -> figure.flops() > 0);
    List<String> head = new ArrayList<>(List.of("kernel"));
    for (int n : threads) {
      head.addAll(List.of(n + "×: " + plainTitle + ", ms", betterTitle + ", ms", "times as fast"));
      if (multiplyAdds) {
        head.addAll(List.of(betterTitle + ", GFLOP/s", "of the limit"));
      }
    }
    Table table = new Table(head.toArray(String[]::new));
    for (String shared : names) {
      if (!names.contains(shared + plain)
          || figures.find(family, shared + better, "", "vector", threads.get(0)).isEmpty()) {
        continue;
      }
      List<String> cells = new ArrayList<>(List.of(shared));
      for (int n : threads) {
        Optional<Figure> one = figures.find(family, shared + plain, "", "vector", n);
        Optional<Figure> other = figures.find(family, shared + better, "", "vector", n);
        cells.add(one.map(f -> Table.number(f.millis())).orElse(""));
        cells.add(other.map(f -> Table.number(f.millis())).orElse(""));
        cells.add(Table.number(Figures.timesAsFast(other, one)));
        if (multiplyAdds) {
          cells.addAll(shareOfMultiplyAdds(other));
        }
      }
      table.row(cells);
    }
    if (!table.isEmpty()) {
      page.append("\n### ").append(title).append("\n\n").append(table);
    }
  }

  private void batches() {
    List<String> head = new ArrayList<>(List.of("network, batch"));
    for (int n : threads) {
      head.addAll(List.of(n + "×: ms a step", "µs an image"));
    }
    head.add("bytes allocated, " + threads.get(0) + "×");
    Table table = new Table(head.toArray(String[]::new));
    for (String name : figures.names("TrainingStep")) {
      int batch = Integer.parseInt(name.substring(name.lastIndexOf(' ') + 1));
      List<String> cells = new ArrayList<>(List.of(name));
      double allocated = 0;
      for (int n : threads) {
        Optional<Figure> figure = figures.find("TrainingStep", name, "", "vector", n);
        cells.add(figure.map(f -> Table.number(f.millis())).orElse(""));
        cells.add(figure.map(f -> Table.number(1e3 * f.millis() / batch)).orElse(""));
        allocated = Math.max(allocated, n == threads.get(0) ? allocated(figure) : 0);
      }
      cells.add(Table.bytes(allocated));
      table.row(cells);
    }
    if (!table.isEmpty()) {
      page.append("\n### Training steps as the batch grows\n\n").append(table);
    }
  }

  /** The arms beside one another, in one thread. */
  private void otherArms() {
    for (String family :
        List.of("Convolution", "MatrixProduct", "Pooling", "UnpooledConvolution")) {
      List<String> arms = figures.arms(family);
      if (arms.size() < 2) {
        continue;
      }
      List<String> head = new ArrayList<>(List.of("ms, one thread"));
      head.addAll(arms);
      Table table = new Table(head.toArray(String[]::new));
      List<String> passes =
          family.equals("Convolution") ? List.of("forward", "backward") : List.of("");
      for (String name : figures.names(family)) {
        for (String pass : passes) {
          List<String> cells = new ArrayList<>(List.of((name + " " + pass).strip()));
          for (String arm : arms) {
            cells.add(
                figures
                    .find(family, name, pass, arm, 1)
                    .map(f -> Table.number(f.millis()))
                    .orElse(""));
          }
          table.row(cells);
        }
      }
      page.append("\n### ").append(family).append(": the arms\n\n").append(table);
    }
  }
}
