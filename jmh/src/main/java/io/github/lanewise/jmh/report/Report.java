package io.github.lanewise.jmh.report;

import io.github.lanewise.jmh.run.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Turns the files of results into docs/performance.md and its pictures. */
public final class Report {
  private static final String ROOFLINE = "performance/roofline.png";

  private Report() {}

  /**
   * Writes the page.
   *
   * @param results the folder of {@code compare.json} and {@code kernels.json}, of which one may be
   *     missing
   * @param docs the folder of the page, {@code docs} or one below it
   */
  public static void write(Path results, Path docs) throws IOException {
    // all of them before anything is drawn: a broken one leaves the old page and its pictures
    Optional<Results> compare = read(results.resolve("compare.json"));
    Optional<Results> kernels = read(results.resolve("kernels.json"));
    Optional<Results> widths = read(results.resolve("widths.json"));
    if (compare.isEmpty() && kernels.isEmpty()) {
      throw new IllegalStateException(
          "there is neither compare.json nor kernels.json in "
              + results
              + ": run the mode compare or kernels");
    }
    StringBuilder page = new StringBuilder();
    Path how = docs.toAbsolutePath().relativize(Path.of("docs", "benchmarks.md").toAbsolutePath());
    page.append(
        """
        # Performance

        Measured by `jmh/`, written by `./mvnw -q -f jmh/pom.xml compile exec:exec@report`: run that again instead of
        editing this page. [benchmarks.md](%s) says how each figure is taken. Times are medians over the
        iterations of all forks. A ratio is the median over the rounds; in each, both libraries ran one after the other.

        Names: the convolutions `ae1d`, `dae` and `mnist` are layers of the trainer's networks (`mnist` of `conv`, two of
        them of `pool`, too), `wav` is a long signal, `one` a single image or signal, `users` are shapes that users of other
        libraries found slow, and the others are layers of well-known networks. Their shape is the input's, batch first, the output's channels, the
        kernel size of each axis, and other arguments where they are not PyTorch's defaults. `linear1` to `linear4` are
        the linear layers of `ae1d`; the shape of a product is that of both matrices in memory, with ᵀ where the product
        takes the transpose. Times one thread: how many times as fast as with one thread, in the same JVM.
        """
            .formatted(how.toString().replace('\\', '/')));
    Path pictures = docs.resolve("performance");
    Files.createDirectories(pictures);
    long compared = compare.map(r -> Roofline.points(new Figures(r))).orElse(0L);
    // the other file has the more careful figures, if it has all of them
    boolean better = kernels.isPresent() && Roofline.points(new Figures(kernels.get())) >= compared;
    if (compare.isPresent()) {
      page.append("\n## Beside PyTorch\n\n").append(origin(compare.get()));
      Figures figures = new Figures(compare.get());
      Limits.append(page, figures, docs, better ? null : ROOFLINE);
      ComparisonSection.append(page, figures, pictures);
    }
    if (kernels.isPresent()) {
      appendKernels(
          page, "Beside the machine's limits", kernels.get(), docs, better ? ROOFLINE : null);
    }
    if (widths.isPresent()) {
      appendKernels(page, "Narrower vectors", widths.get(), docs, null);
    }
    Path file = docs.resolve("performance.md");
    Files.writeString(file, page);
    System.out.println("wrote " + file);
  }

  private static Optional<Results> read(Path file) throws IOException {
    return Files.exists(file) ? Optional.of(Results.read(file)) : Optional.empty();
  }

  private static void appendKernels(
      StringBuilder page, String title, Results results, Path docs, String picture)
      throws IOException {
    page.append("\n## ").append(title).append("\n\n").append(origin(results));
    Figures figures = new Figures(results);
    Limits.append(page, figures, docs, picture);
    KernelSection.append(page, figures);
  }

  private static String origin(Results results) {
    StringBuilder text = new StringBuilder();
    text.append("    machine  ").append(results.machine()).append('\n');
    text.append("    JDK      ").append(results.jdk()).append('\n');
    text.append("    date     ").append(results.date()).append('\n');
    text.append("    command  ").append(results.command()).append('\n');
    if (results.rounds() > 0) { // older files do not tell
      text.append("    rounds   ").append(results.roundsDone());
      text.append(" of ").append(results.rounds()).append('\n');
    }
    results.arms().forEach(arm -> text.append("    arm      ").append(arm).append('\n'));
    results
        .failures()
        .forEach(failure -> text.append("    failed   ").append(failure).append('\n'));
    return text.append('\n').toString();
  }
}
