package io.github.lanewise.jmh.report;

import java.io.IOException;
import java.nio.file.Path;

/** The limits of the machine as a table, and the convolutions under them as a picture. */
final class Limits {
  private Limits() {}

  /**
   * Appends them.
   *
   * @param picture a path within the folder of the page, or {@code null} for none
   */
  static void append(StringBuilder page, Figures figures, Path docs, String picture)
      throws IOException {
    Table table = new Table("limit", "threads", "figure");
    for (String arm : figures.arms("Limit")) {
      for (int n : figures.threads()) {
        figures
            .multiplyAdds(arm, n)
            .ifPresent(
                v ->
                    table.row(
                        "multiply-adds in registers, " + arm,
                        String.valueOf(n),
                        Table.number(v) + " GFLOP/s"));
      }
    }
    bandwidth(table, figures, "copy", "copy of 64 MB, read and written");
    bandwidth(table, figures, "copyByVectors", "the same by loads and stores of vectors");
    bandwidth(table, figures, "inPlace", "64 MB changed in place by vectors");
    page.append(
            "### The limits\n\nThe best iteration of the loops alone, in forks of their own. The shares below are of what"
                + " the machine could do just before each iteration, which was more at times, and medians.\n\n")
        .append(table);
    if (picture != null && Roofline.points(figures) > 0) {
      Roofline.draw(figures, docs.resolve(picture));
      page.append("\n![Speed of the convolutions under the limits](").append(picture).append(")\n");
    }
    page.append('\n');
  }

  private static void bandwidth(Table table, Figures figures, String how, String name) {
    for (int n : figures.threads()) {
      figures
          .bandwidth(how, n)
          .ifPresent(v -> table.row(name, String.valueOf(n), Table.number(v) + " GB/s"));
    }
  }
}
