package io.github.lanewise.mnist;

import java.io.Console;
import java.io.PrintWriter;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** A progress bar with images per second and the time left, if there is a terminal to show it. */
final class Progress implements AutoCloseable {
  /** To the beginning of the line, and clear it: the bar is redrawn below what is printed. */
  private static final String CLEAR_LINE = "\r\033[K";

  private static final int BAR_WIDTH = 79;

  private final ProgressBar bar;
  private final PrintWriter out;

  private Progress(ProgressBar bar, PrintWriter out) {
    this.bar = bar;
    this.out = out;
  }

  /** Begins to show the progress of a task of so many images. */
  static Progress of(String name, long images, PrintWriter out) {
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      return new Progress(null, out);
    }
    ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName(name)
            .setInitialMax(images)
            .setUnit(" images", 1)
            .setUpdateIntervalMillis(250)
            .showSpeed(new DecimalFormat("#.0", DecimalFormatSymbols.getInstance(Locale.ROOT)))
            // the default one moves the cursor up, over the line that was printed last
            .setConsumer(new ConsoleProgressBarConsumer(System.err, BAR_WIDTH))
            .build();
    return new Progress(bar, out);
  }

  void advance(int images) {
    if (bar != null) {
      bar.stepBy(images);
    }
  }

  /** Prints a line above the bar. */
  void println(String line) {
    out.println(bar == null ? line : CLEAR_LINE + line);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
