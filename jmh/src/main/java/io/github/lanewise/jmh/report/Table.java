package io.github.lanewise.jmh.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** A table in Markdown: the first column or columns are text, the others are numbers. */
final class Table {
  private final List<String> lines = new ArrayList<>();

  Table(String... head) {
    this(1, List.of(head));
  }

  /** With so many columns of text. */
  Table(int texts, List<String> head) {
    row(head);
    lines.add("|" + "---|".repeat(texts) + "---:|".repeat(head.size() - texts));
  }

  void row(List<String> cells) {
    lines.add("| " + String.join(" | ", cells) + " |");
  }

  void row(String... cells) {
    row(List.of(cells));
  }

  boolean isEmpty() {
    return lines.size() == 2;
  }

  @Override
  public String toString() {
    return String.join("\n", lines) + "\n";
  }

  static String threads(int threads) {
    return threads == 1 ? "1 thread" : threads + " threads";
  }

  /** Three significant digits; nothing for what was not measured. */
  static String number(OptionalDouble value) {
    return value.isPresent() ? number(value.getAsDouble()) : "";
  }

  static String number(double value) {
    double size = Math.abs(value);
    int digits =
        size >= 99.95 || size == 0
            ? 0
            : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : size >= 0.09995 ? 3 : 4;
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** Whole bytes: less than half of one a call is what the measurement itself leaves. */
  static String bytes(double bytes) {
    return String.valueOf(Math.round(bytes));
  }

  static String percent(OptionalDouble share) {
    return share.isPresent()
        ? String.format(Locale.ROOT, "%.0f %%", 100 * share.getAsDouble())
        : "";
  }
}
