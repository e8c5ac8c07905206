package io.github.lanewise.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Makes IDX files for tests. */
final class IdxFiles {
  private IdxFiles() {}

  /** A header of unsigned bytes with the dimensions as given, legal or not. */
  static byte[] header(int... dimensions) {
    ByteBuffer header = ByteBuffer.allocate(4 + 4 * dimensions.length);
    header.put((byte) 0).put((byte) 0).put((byte) 8).put((byte) dimensions.length);
    for (int dimension : dimensions) {
      header.putInt(dimension);
    }
    return header.array();
  }

  static byte[] concat(byte[] a, byte... b) {
    return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
  }

  static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream result = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(result)) {
      out.write(content);
    }
    return result.toByteArray();
  }

  /** {@code n} images, the i-th filled with i, and as many labels, i modulo 10. */
  static void writeSplit(Path directory, Split split, int n, String suffix, boolean gzip)
      throws IOException {
    byte[] pixels = new byte[n * Mnist.SIDE * Mnist.SIDE];
    byte[] labels = new byte[n];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i / (Mnist.SIDE * Mnist.SIDE));
    }
    for (int i = 0; i < n; i++) {
      labels[i] = (byte) (i % 10);
    }
    byte[] images = concat(header(n, Mnist.SIDE, Mnist.SIDE), pixels);
    byte[] classes = concat(header(n), labels);
    Files.createDirectories(directory);
    Files.write(
        directory.resolve(split.prefix() + "-images" + suffix.formatted(3)),
        gzip ? gzip(images) : images);
    Files.write(
        directory.resolve(split.prefix() + "-labels" + suffix.formatted(1)),
        gzip ? gzip(classes) : classes);
  }
}
