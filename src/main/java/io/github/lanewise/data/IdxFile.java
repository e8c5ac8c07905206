package io.github.lanewise.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * An array of unsigned bytes read from an IDX file, the format of MNIST: two zero bytes, the
 * element type (0x08), the number of dimensions, each dimension as a big-endian 32-bit integer,
 * then the elements, row-major, and nothing after them. The file may be gzip-compressed, whatever
 * its name.
 *
 * <p>Memory is bounded: a file is refused before its elements are read if it declares more than the
 * limit or more than a file of its length can hold, and never more than declared is decompressed.
 *
 * <p>Source: the MNIST page of LeCun, Cortes and Burges, "The IDX file format".
 */
public final class IdxFile {

  /** The limit on the number of elements unless told otherwise: 2^30, one GiB. */
  public static final int DEFAULT_MAX_ELEMENTS = 1 << 30;

  /** Deflate makes at most 1032 bytes of one (258 bytes from two bits). */
  private static final long MAX_GZIP_RATIO = 1032;

  private static final int UNSIGNED_BYTE = 0x08;

  private final int[] shape;
  private final byte[] elements;

  private IdxFile(int[] shape, byte[] elements) {
    this.shape = shape;
    this.elements = elements;
  }

  /**
   * Reads a file of at most {@link #DEFAULT_MAX_ELEMENTS} elements.
   *
   * @param file the file, raw or gzip-compressed
   * @return its content
   * @throws IOException if the file cannot be read, is no IDX file of unsigned bytes, is truncated,
   *     has bytes after its elements, or declares a dimension below 1 or too many elements; the
   *     message names the file
   */
  public static IdxFile read(Path file) throws IOException {
    return read(file, DEFAULT_MAX_ELEMENTS);
  }

  /**
   * Reads a file.
   *
   * @param file the file, raw or gzip-compressed
   * @param maxElements the most elements to accept, at least 1
   * @return its content
   * @throws IOException as {@link #read(Path)}
   * @throws IllegalArgumentException if {@code maxElements} is below 1
   */
  public static IdxFile read(Path file, int maxElements) throws IOException {
    if (maxElements < 1) {
      throw new IllegalArgumentException("maxElements: %d, must be >= 1".formatted(maxElements));
    }
    long fileBytes = Files.size(file);
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      raw.mark(2);
      boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      InputStream in = gzip ? new GZIPInputStream(raw, 1 << 16) : raw;
      return read(file, in, gzip ? fileBytes * MAX_GZIP_RATIO : fileBytes, maxElements);
    } catch (ZipException e) {
      throw new IOException(file + ": corrupt gzip data: " + e.getMessage(), e);
    } catch (EOFException e) {
      throw new IOException(file + ": truncated", e);
    }
  }

  private static IdxFile read(Path file, InputStream in, long availableBytes, int maxElements)
      throws IOException {
    byte[] magic = readFully(in, new byte[4]);
    if (magic[0] != 0 || magic[1] != 0) {
      throw new IOException(
          file
              + ": not an IDX file: begins with %02x %02x, not 00 00"
                  .formatted(magic[0], magic[1]));
    }
    if (magic[2] != UNSIGNED_BYTE) {
      throw new IOException(
          file + ": element type 0x%02x, only unsigned bytes (0x08) are read".formatted(magic[2]));
    }
    int rank = magic[3] & 0xff;
    if (rank == 0) {
      throw new IOException(file + ": has no dimensions");
    }
    int[] shape = new int[rank];
    long elements = 1;
    byte[] dimension = new byte[4];
    for (int i = 0; i < rank; i++) {
      readFully(in, dimension);
      shape[i] =
          (dimension[0] & 0xff) << 24
              | (dimension[1] & 0xff) << 16
              | (dimension[2] & 0xff) << 8
              | (dimension[3] & 0xff);
      if (shape[i] < 1) {
        throw new IOException(
            file
                + ": dimension %d is %s, must be 1 to %d"
                    .formatted(i, Integer.toUnsignedString(shape[i]), Integer.MAX_VALUE));
      }
      elements *= shape[i]; // both factors are below 2^31
      if (elements > maxElements) {
        throw new IOException(
            file
                + ": too large: dimensions %s%s make more than %d elements"
                    .formatted(
                        Arrays.toString(Arrays.copyOf(shape, i + 1)),
                        i + 1 < rank ? " ..." : "",
                        maxElements));
      }
    }
    long declared = 4 + 4L * rank + elements;
    if (declared > availableBytes) {
      throw new IOException(
          file
              + ": truncated: dimensions %s need %d bytes, the file holds at most %d"
                  .formatted(Arrays.toString(shape), declared, availableBytes));
    }
    byte[] data = readFully(in, new byte[(int) elements]);
    if (in.read() >= 0) {
      throw new IOException(
          file + ": bytes left over after the elements of " + Arrays.toString(shape));
    }
    return new IdxFile(shape, data);
  }

  private static byte[] readFully(InputStream in, byte[] target) throws IOException {
    if (in.readNBytes(target, 0, target.length) < target.length) {
      throw new EOFException();
    }
    return target;
  }

  /**
   * The number of dimensions.
   *
   * @return at least 1
   */
  public int rank() {
    return shape.length;
  }

  /**
   * The size of a dimension.
   *
   * @param dimension which, 0 to {@code rank() - 1}
   * @return at least 1
   * @throws IllegalArgumentException if there is no such dimension
   */
  public int size(int dimension) {
    if (dimension < 0 || dimension >= shape.length) {
      throw new IllegalArgumentException(
          "dimension: %d, must be 0 to %d".formatted(dimension, shape.length - 1));
    }
    return shape[dimension];
  }

  /**
   * The sizes of all dimensions.
   *
   * @return a copy
   */
  public int[] shape() {
    return shape.clone();
  }

  /**
   * The elements, row-major. Read each as {@code b & 0xff}.
   *
   * @return the array itself, not a copy: it is the caller's from now on
   */
  public byte[] elements() {
    return elements;
  }
}
