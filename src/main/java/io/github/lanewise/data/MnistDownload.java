package io.github.lanewise.data;

import io.github.lanewise.io.AtomicFile;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Fetches MNIST's four files from the public mirrors. Each is checked against the length and MD5 of
 * the original before it gets its name, so a directory never holds a wrong or half-written one;
 * when a mirror fails, the next is asked.
 */
public final class MnistDownload {

  /** The mirrors in the order in which they are asked. */
  public static final List<URI> MIRRORS =
      List.of(
          URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"),
          URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/"));

  /**
   * A published file, as it is when decompressed; there is more than one compressed form.
   *
   * @param name its name without {@code .gz}
   * @param bytes its length
   * @param md5 its MD5 in hexadecimal
   */
  record Published(String name, int bytes, String md5) {}

  private static final List<Published> FILES =
      List.of(
          new Published("train-images-idx3-ubyte", 47_040_016, "6bbc9ace898e44ae57da46a324031adb"),
          new Published("train-labels-idx1-ubyte", 60_008, "a25bea736e30d166cdddb491f175f624"),
          new Published("t10k-images-idx3-ubyte", 7_840_016, "2646ac647ad5339dbf082846283269ea"),
          new Published("t10k-labels-idx1-ubyte", 10_008, "27ae3e4e09519cfbb04c329615203637"));

  private static final Duration SILENCE = Duration.ofSeconds(30);
  private static final Duration PER_FILE = Duration.ofMinutes(10);

  private final List<URI> mirrors;
  private final List<Published> files;
  private final Duration silence;
  private final Duration perFile;

  /** For tests: other mirrors, files and patience. */
  MnistDownload(List<URI> mirrors, List<Published> files, Duration silence, Duration perFile) {
    this.mirrors = mirrors;
    this.files = files;
    this.silence = silence;
    this.perFile = perFile;
  }

  /**
   * Fetches those of the four files that a directory lacks, compressed as they are published. The
   * directory is made if need be. A mirror may be silent for 30 seconds and take 10 minutes a file.
   *
   * @param directory where the files go, for example {@link Mnist#cacheDirectory}
   * @throws IOException if a file could be had from no mirror, with what went wrong at each; or if
   *     the directory cannot be written
   */
  public static void into(Path directory) throws IOException {
    new MnistDownload(MIRRORS, FILES, SILENCE, PER_FILE).fetch(directory);
  }

  void fetch(Path directory) throws IOException {
    Files.createDirectories(directory);
    for (Published file : files) {
      Path target = directory.resolve(file.name() + ".gz");
      if (!Files.exists(target) && !Files.exists(directory.resolve(file.name()))) {
        fetch(file, target);
      }
    }
  }

  private void fetch(Published file, Path target) throws IOException {
    IOException failure = new IOException("could not download " + file.name() + ".gz");
    for (URI mirror : mirrors) {
      URI source = mirror.resolve(file.name() + ".gz");
      byte[] compressed;
      try {
        compressed = get(source, file.bytes());
        verify(file, compressed);
      } catch (IOException e) {
        failure =
            new IOException(
                failure.getMessage() + "\n  from " + source + ": " + reason(e),
                failure.getCause() == null ? e : failure.getCause());
        continue;
      }
      // A directory that cannot be written is not a mirror's fault: no second try.
      AtomicFile.write(target, out -> out.write(compressed));
      return;
    }
    throw failure;
  }

  /** The body, or its first {@code maxBytes} if it is longer. */
  private byte[] get(URI source, int maxBytes) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) source.toURL().openConnection();
    try {
      connection.setConnectTimeout((int) silence.toMillis());
      connection.setReadTimeout((int) silence.toMillis());
      long deadline = System.nanoTime() + perFile.toNanos();
      int status = connection.getResponseCode();
      if (status != HttpURLConnection.HTTP_OK) {
        throw new IOException("HTTP status " + status);
      }
      long announced = connection.getContentLengthLong();
      if (announced > maxBytes) {
        throw new IOException("%d bytes announced, more than decompressed".formatted(announced));
      }
      try (InputStream in = connection.getInputStream()) {
        byte[] body = new byte[announced >= 0 ? (int) announced : maxBytes];
        int length = 0;
        while (length < body.length) {
          int n = in.read(body, length, Math.min(body.length - length, 1 << 16));
          if (n < 0) {
            break;
          }
          length += n;
          if (System.nanoTime() > deadline) {
            throw new IOException("not complete after " + perFile.toSeconds() + " seconds");
          }
        }
        return Arrays.copyOf(body, length);
      }
    } finally {
      connection.disconnect();
    }
  }

  private static void verify(Published file, byte[] compressed) throws IOException {
    MessageDigest md5;
    try {
      md5 = MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform must have MD5", e);
    }
    long length = 0;
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(compressed), 1 << 16)) {
      byte[] buffer = new byte[1 << 16];
      // Stops as soon as it is longer than the original, however much more there is.
      for (int n; length <= file.bytes() && (n = in.read(buffer)) > 0; length += n) {
        md5.update(buffer, 0, n);
      }
    } catch (EOFException e) {
      throw new IOException("truncated gzip data", e);
    } catch (ZipException e) {
      throw new IOException("corrupt gzip data: " + e.getMessage(), e);
    }
    if (length != file.bytes()) {
      throw new IOException(
          "decompresses to %s%d bytes, not %d"
              .formatted(
                  length > file.bytes() ? "more than " : "",
                  Math.min(length, file.bytes()),
                  file.bytes()));
    }
    String actual = HexFormat.of().formatHex(md5.digest());
    if (!actual.equals(file.md5())) {
      throw new IOException(
          "MD5 of the decompressed file %s, not %s".formatted(actual, file.md5()));
    }
  }

  /** Some exceptions, as UnknownHostException, say in their message only the host. */
  private static String reason(IOException e) {
    return e.getClass() == IOException.class ? e.getMessage() : e.toString();
  }
}
