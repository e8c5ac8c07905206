package io.github.lanewise.jmh.report;

import io.github.lanewise.jmh.run.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Turns the files of results into docs/performance.md and its pictures. */
public final class Report {
  private static final String ROOFLINE = "performance/roofline.png";

  private Report() {}

  /**
   * Writes the page.
   *
   * @param results the folder of {@code compare.json} and {@code kernels.json}, of which one may be
   *     missing
   * @param docs the folder of the page
   */
  public static void write(Path results, Path docs) throws IOException {
    Path compare = results.resolve("compare.json");
    Path kernels = results.resolve("kernels.json");
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Performance

        Measured by `jmh/`, written by `./mvnw -q -f jmh/pom.xml compile exec:exec@report`: run that again instead of
        editing this page. [benchmarks.md](benchmarks.md) says how each figure is taken. Times are medians over the
        iterations of all forks. A ratio is the median over the rounds; in each, both libraries ran one after the other.

        Names: the convolutions `ae1d`, `dae` and `mnist` are layers of the trainer's networks (`mnist` of `conv`, two of
        them of `pool`, too), `resnet`, `dcgan` and `unet` of well-known ones; `wav` is a long signal, and `users` are
        shapes that users of other libraries found slow. Their shape is the input's, batch first, the output's channels,
        the kernel size of each axis, and other arguments where they are not PyTorch's defaults. `linear1` to `linear4`
        are the linear layers of `ae1d`; the shape of a product is that of both matrices in memory, with ᵀ where the
        product takes the transpose.
        """);
    Path pictures = docs.resolve("performance");
    Files.createDirectories(pictures);
    if (Files.exists(compare)) {
      Results r = Results.read(compare);
      page.append("\n## Beside PyTorch\n\n").append(origin(r));
      Figures figures = new Figures(r);
      // the other file has the more careful figures, if it is there
      Limits.append(page, figures, docs, hasConvolutions(kernels) ? null : ROOFLINE);
      ComparisonSection.append(page, figures, pictures);
    }
    appendKernels(page, "Beside the machine's limits", kernels, docs, ROOFLINE);
    appendKernels(page, "Narrower vectors", results.resolve("widths.json"), docs, null);
    if (!Files.exists(compare) && !Files.exists(kernels)) {
      throw new IllegalStateException(
          "there is neither " + compare + " nor " + kernels + ": run the mode compare or kernels");
    }
    Path file = docs.resolve("performance.md");
    Files.writeString(file, page);
    System.out.println("wrote " + file);
  }

  private static boolean hasConvolutions(Path file) throws IOException {
    return Files.exists(file) && !new Figures(Results.read(file)).names("Convolution").isEmpty();
  }

  private static void appendKernels(
      StringBuilder page, String title, Path file, Path docs, String picture) throws IOException {
    if (Files.exists(file)) {
      Results r = Results.read(file);
      page.append("\n## ").append(title).append("\n\n").append(origin(r));
      Figures figures = new Figures(r);
      Limits.append(page, figures, docs, picture);
      KernelSection.append(page, figures);
    }
  }

  private static String origin(Results results) {
    StringBuilder text = new StringBuilder();
    text.append("    machine  ").append(results.machine()).append('\n');
    text.append("    JDK      ").append(results.jdk()).append('\n');
    text.append("    date     ").append(results.date()).append('\n');
    text.append("    command  ").append(results.command()).append('\n');
    results.arms().forEach(arm -> text.append("    arm      ").append(arm).append('\n'));
    if (results.failures() != null) {
      results
          .failures()
          .forEach(failure -> text.append("    missing  ").append(failure).append('\n'));
    }
    return text.append('\n').toString();
  }
}
