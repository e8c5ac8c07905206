package io.github.lanewise.io;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/**
 * Writes an RGB picture as PNG (W3C, Portable Network Graphics, third edition). By hand, since
 * javax.imageio lives in java.desktop, which a program that trains or filters need not have.
 */
final class PngWriter {
  private static final long SIGNATURE = 0x89504E470D0A1A0AL;
  private static final int BIT_DEPTH = 8;
  private static final int TRUECOLOUR = 2;
  private static final int NO_FILTER = 0;

  private PngWriter() {}

  /**
   * Writes the picture.
   *
   * @param rgb rows of pixels, each {@code 0xRRGGBB}
   * @param width pixels of a row
   * @param height rows
   * @param out where to write; stays open
   */
  static void write(int[] rgb, int width, int height, OutputStream out) throws IOException {
    DataOutputStream png = new DataOutputStream(out);
    png.writeLong(SIGNATURE);
    chunk("IHDR", header(width, height), png);
    chunk("IDAT", pixels(rgb, width, height), png);
    chunk("IEND", new byte[0], png);
    png.flush();
  }

  private static byte[] header(int width, int height) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(bytes);
    data.writeInt(width);
    data.writeInt(height);
    data.write(new byte[] {BIT_DEPTH, TRUECOLOUR, 0, 0, 0}); // deflate, five filters, no interlace
    return bytes.toByteArray();
  }

  private static byte[] pixels(int[] rgb, int width, int height) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflated = new DeflaterOutputStream(bytes)) {
      byte[] row = new byte[1 + 3 * width];
      row[0] = NO_FILTER;
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int pixel = rgb[y * width + x];
          row[1 + 3 * x] = (byte) (pixel >> 16);
          row[2 + 3 * x] = (byte) (pixel >> 8);
          row[3 + 3 * x] = (byte) pixel;
        }
        deflated.write(row);
      }
    }
    return bytes.toByteArray();
  }

  private static void chunk(String type, byte[] data, DataOutputStream png) throws IOException {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    png.writeInt(data.length);
    png.write(name);
    png.write(data);
    png.writeInt((int) crc.getValue());
  }
}
