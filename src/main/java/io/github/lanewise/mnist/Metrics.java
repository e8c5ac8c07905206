package io.github.lanewise.mnist;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Writes a JSON object a step, one a line, as they come; or nothing if there is no file. */
final class Metrics implements AutoCloseable {
  private final Path file;
  private final BufferedWriter writer;

  private Metrics(Path file, BufferedWriter writer) {
    this.file = file;
    this.writer = writer;
  }

  /**
   * Begins a file, which may be null for none.
   *
   * @throws IOException if it cannot be written
   */
  static Metrics to(Path file) throws IOException {
    return new Metrics(file, file == null ? null : Files.newBufferedWriter(file));
  }

  /**
   * Writes a line; whoever reads the file meanwhile sees whole lines only.
   *
   * @throws UncheckedIOException if that fails, with the name of the file
   */
  void add(long step, int epoch, float loss, double millis) {
    if (writer == null) {
      return;
    }
    String number = Float.isFinite(loss) ? Float.toString(loss) : "null"; // JSON has no NaN
    try {
      writer.write(
          String.format(
              Locale.ROOT,
              "{\"step\":%d,\"epoch\":%d,\"loss\":%s,\"millis\":%.4f}\n",
              step,
              epoch,
              number,
              millis));
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException(file + " cannot be written: " + Failure.reason(e), e));
    }
  }

  @Override
  public void close() throws IOException {
    if (writer != null) {
      writer.close();
    }
  }
}
