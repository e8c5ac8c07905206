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

  private static final List<Pair> PAIRS =
      List.of(
          new Pair(
              "With packed weights, one image",
              "Plain: the weights are packed in each forward pass; packed: once, before"
                  + " (`packWeights`).",
              "PackedWeights",
              "",
              "plain",
              ".packed",
              "packed"),
          new Pair(
              "Batch normalisation within its neighbours",
              "A batch normalisation with a ReLU in front and a layer of `dae` beside it, batch 100."
                  + " Apart: one after the other; within: the layer normalises what it reads. The weight"
                  + " gradient apart finds the normalised input as the forward pass left it.",
              "FusedNormalization",
              ".apart",
              "apart",
              "",
              "within"),
          new Pair(
              "After unpooling",
              "Unpooling and a transposed convolution of `dae` or `ae1d`, batch 100. Dense: one"
                  + " after the other; sparse: one operation on values and indices, which skips the"
                  + " zeros. Backward is all gradients. GFLOP/s are without multiplications with"
                  + " the zeros.",
              "UnpooledConvolution",
              ".dense",
              "dense",
              "",
              "sparse"));

  private final StringBuilder page;
  private final Figures figures;
  private final List<Integer> threads;

  /**
   * Two ways to compute the same.
   *
   * @param text what they are
   * @param plainMark what the names of the one have in them, beside what both share
   * @param plain its name in the head of the table
   * @param betterMark the same of the other
   */
  private record Pair(
      String title,
      String text,
      String family,
      String plainMark,
      String plain,
      String betterMark,
      String better) {}

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
    PAIRS.forEach(section::pair);
    section.batches();
    section.otherArms();
  }

  private static double allocated(Optional<Figure> figure) {
    return figure.map(Figure::allocated).orElse(0.0);
  }

  private String allocatedHead() {
    return "bytes allocated, " + Table.threads(threads.get(0));
  }

  private void convolutions(String arm) {
    List<String> head = new ArrayList<>(List.of("problem", "shape"));
    for (int n : threads) {
      for (String pass : PASSES) {
        head.add(pass + ", " + Table.threads(n) + ": GFLOP/s");
        head.add("of the limit");
        if (figures.besideOneThread(n)) {
          head.add("times one thread");
        }
      }
    }
    head.add(allocatedHead());
    Table table = new Table(2, head);
    for (String name : figures.names("Convolution")) {
      List<String> cells = new ArrayList<>(List.of(name, Figures.shape("Convolution", name)));
      double allocated = 0;
      for (int n : threads) {
        for (String pass : PASSES) {
          Optional<Figure> figure = figures.find("Convolution", name, pass, arm, n);
          cells.addAll(shareOfMultiplyAdds(figure));
          if (figures.besideOneThread(n)) {
            cells.add(Table.number(figures.timesOneThread("Convolution", name, pass, arm, n)));
          }
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
    List<String> head = new ArrayList<>(List.of("product", "shape"));
    for (int n : threads) {
      head.addAll(List.of(Table.threads(n) + ": ms", "GFLOP/s", "of the limit"));
      if (figures.besideOneThread(n)) {
        head.add("times one thread");
      }
    }
    head.add(allocatedHead());
    Table table = new Table(2, head);
    for (String name : figures.names("MatrixProduct")) {
      List<String> cells = new ArrayList<>(List.of(name, Figures.shape("MatrixProduct", name)));
      double allocated = 0;
      for (int n : threads) {
        Optional<Figure> figure = figures.find("MatrixProduct", name, "", arm, n);
        cells.add(figure.map(f -> Table.number(f.millis())).orElse(""));
        cells.addAll(shareOfMultiplyAdds(figure));
        if (figures.besideOneThread(n)) {
          cells.add(Table.number(figures.timesOneThread("MatrixProduct", name, "", arm, n)));
        }
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
      head.addAll(List.of(Table.threads(n) + ": µs", "GB/s", "of the limit"));
    }
    head.add(allocatedHead());
    Table table = new Table(1, head);
    for (String family : MEMORY_BOUND) {
      for (String name : figures.names(family)) {
        String prefix = family.equals("BatchNormalization") ? "batchNorm." : "";
        List<String> cells = new ArrayList<>(List.of(prefix + name));
        double allocated = 0;
        for (int n : threads) {
          Optional<Figure> figure = figures.find(family, name, "", "vector", n);
          cells.add(figure.map(f -> Table.number(1e3 * f.millis())).orElse(""));
          cells.add(figure.map(f -> Table.number(f.gigabytes())).orElse(""));
          cells.add(figure.map(f -> Table.percent(f.shareOfBandwidth())).orElse(""));
          allocated = Math.max(allocated, n == threads.get(0) ? allocated(figure) : 0);
        }
        cells.add(Table.bytes(allocated));
        table.row(cells);
      }
    }
    if (!table.isEmpty()) {
      page.append(
              """

              ### Kernels that memory bounds

              Bytes are those that must be read and written; small sizes stay in the caches and go beyond the limit.
              The limit is the copy of 64 MB, for the optimisers (`adam`, `sgd`) 64 MB changed in place. Pooling: batch,
              channels, height and width of the plane that is pooled or unpooled to, height 0 in one dimension; behind k
              the size of the windows, which is their stride, too, behind p the padding, behind o height and width of
              the adaptive pooling's output. Batch normalisation: batch, channels, elements of a plane. The others:
              elements. Losses are taken with their gradient, cross-entropy and softmax in rows of 16 classes.

              """)
          .append(table);
    }
  }

  /** Both ways beside one another. */
  private void pair(Pair pair) {
    boolean multiplyAdds =
        figures.count(m -> m.family().equals(pair.family()) && m.flops() > 0) > 0;
    List<String> head = new ArrayList<>(List.of("kernel"));
    for (int n : threads) {
      head.addAll(
          List.of(
              Table.threads(n) + ": " + pair.plain() + ", ms",
              pair.better() + ", ms",
              "times as fast"));
      if (multiplyAdds) {
        head.addAll(List.of(pair.better() + ", GFLOP/s", "of the limit"));
      }
    }
    Table table = new Table(1, head);
    for (String shared : figures.names(pair.family())) {
      List<String> cells = new ArrayList<>(List.of(shared));
      boolean both = false;
      for (int n : threads) {
        Optional<Figure> one = marked(pair.family(), shared, pair.plainMark(), n);
        Optional<Figure> other = marked(pair.family(), shared, pair.betterMark(), n);
        both |= one.isPresent() && other.isPresent();
        cells.add(one.map(f -> Table.number(f.millis())).orElse(""));
        cells.add(other.map(f -> Table.number(f.millis())).orElse(""));
        cells.add(Table.number(Figures.timesAsFast(other, one)));
        if (multiplyAdds) {
          cells.addAll(shareOfMultiplyAdds(other));
        }
      }
      if (both) {
        table.row(cells);
      }
    }
    if (!table.isEmpty()) {
      page.append("\n### ").append(pair.title()).append("\n\n");
      page.append(pair.text()).append("\n\n").append(table);
    }
  }

  /** The figure whose name is the shared one with the mark in it. */
  private Optional<Figure> marked(String family, String shared, String mark, int threads) {
    return figures.names(family).stream()
        .filter(name -> name.contains(mark) && name.replace(mark, "").equals(shared))
        .findAny()
        .flatMap(name -> figures.find(family, name, "", "vector", threads));
  }

  private void batches() {
    List<String> head = new ArrayList<>(List.of("network, batch"));
    for (int n : threads) {
      head.addAll(List.of(Table.threads(n) + ": ms a step", "µs an image"));
    }
    head.add(allocatedHead());
    Table table = new Table(1, head);
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
      Table table = new Table(1, head);
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
      page.append("\n### ").append(family).append(": the arms\n\n");
      if (family.equals("UnpooledConvolution")) {
        page.append(
            "With `.dense`: unpooling and the transposed convolution, one after the other.\n\n");
      }
      page.append(table);
    }
  }
}
