package io.github.lanewise.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A batch of images laid out as one picture, pixel for pixel as {@code
 * torchvision.utils.make_grid(images, nrow, padding, pad_value=...)} does it and {@code save_image}
 * converts it: rows are filled from the left, {@code padding} pixels surround every image, a batch
 * smaller than {@code nrow} makes a row of its own length, grey images become RGB, and a value v
 * becomes the byte {@code v * 255 + 0.5} clamped to 0 .. 255 and cut to an integer (NaN becomes 0).
 * As in torchvision, a batch of a single image is that image without padding.
 *
 * {@snippet :
 * ImageGrid.of(output, 100, 1, 28, 28, 10).writePng(Path.of("reconstructions.png"));
 * }
 */
public final class ImageGrid {

  /** Torchvision's default. */
  private static final int PADDING = 2;

  private final int width;
  private final int height;
  private final int[] rgb;

  private ImageGrid(int width, int height) {
    this.width = width;
    this.height = height;
    rgb = new int[width * height];
  }

  /**
   * Lays out a batch with torchvision's defaults: two pixels of black around each image.
   *
   * @param images (n, channels, height, width), row-major, 0 black to 1 white; may be longer than
   *     that
   * @param n number of images, at least 1
   * @param channels 1 (grey) or 3 (red, green, blue)
   * @param height rows of an image, at least 1
   * @param width columns of an image, at least 1
   * @param nrow images in a row of the grid, at least 1 (torchvision's name for it)
   * @return the grid
   * @throws IllegalArgumentException if an argument is out of its range, {@code images} is too
   *     short or the grid would have more pixels than an array can
   */
  public static ImageGrid of(float[] images, int n, int channels, int height, int width, int nrow) {
    return of(images, n, channels, height, width, nrow, PADDING, 0f);
  }

  /**
   * Lays out a batch.
   *
   * @param images (n, channels, height, width), row-major, 0 black to 1 white; may be longer than
   *     that
   * @param n number of images, at least 1
   * @param channels 1 (grey) or 3 (red, green, blue)
   * @param height rows of an image, at least 1
   * @param width columns of an image, at least 1
   * @param nrow images in a row of the grid, at least 1
   * @param padding pixels around each image, at least 0
   * @param padValue their value, 0 black to 1 white
   * @return the grid
   * @throws IllegalArgumentException if an argument is out of its range, {@code images} is too
   *     short or the grid would have more pixels than an array can
   */
  public static ImageGrid of(
      float[] images,
      int n,
      int channels,
      int height,
      int width,
      int nrow,
      int padding,
      float padValue) {
    atLeast("n", n, 1);
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException("channels: %d, must be 1 or 3".formatted(channels));
    }
    atLeast("height", height, 1);
    atLeast("width", width, 1);
    atLeast("nrow", nrow, 1);
    atLeast("padding", padding, 0);
    long pixels = (long) height * width; // below 2^62
    // Compared by division: the product of four sizes may pass 2^63.
    if (images.length / pixels / channels < n) {
      throw new IllegalArgumentException(
          "images: length %d, too short for shape (%d, %d, %d, %d)"
              .formatted(images.length, n, channels, height, width));
    }
    int border = n == 1 ? 0 : padding;
    int columns = Math.min(nrow, n);
    int rows = Math.ceilDiv(n, columns);
    long gridWidth = (long) columns * ((long) width + border) + border;
    long gridHeight = (long) rows * ((long) height + border) + border;
    if (gridWidth > Integer.MAX_VALUE
        || gridHeight > Integer.MAX_VALUE
        || gridWidth * gridHeight > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "the grid would have %d x %d pixels, more than an array can"
              .formatted(gridWidth, gridHeight));
    }

    ImageGrid grid = new ImageGrid((int) gridWidth, (int) gridHeight);
    int padByte = toByte(padValue);
    Arrays.fill(grid.rgb, padByte << 16 | padByte << 8 | padByte);
    int plane = (int) pixels;
    for (int image = 0; image < n; image++) {
      int top = image / columns * (height + border) + border;
      int left = image % columns * (width + border) + border;
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int red = image * channels * plane + y * width + x;
          int green = channels == 3 ? red + plane : red;
          int blue = channels == 3 ? green + plane : red;
          grid.rgb[(top + y) * grid.width + left + x] =
              toByte(images[red]) << 16 | toByte(images[green]) << 8 | toByte(images[blue]);
        }
      }
    }
    return grid;
  }

  private static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException("%s: %d, must be >= %d".formatted(name, value, least));
    }
  }

  private static int toByte(float value) {
    return (int) Math.max(0f, Math.min(255f, value * 255f + 0.5f)); // the cast makes NaN 0
  }

  /**
   * Columns of the picture.
   *
   * @return pixels
   */
  public int width() {
    return width;
  }

  /**
   * Rows of the picture.
   *
   * @return pixels
   */
  public int height() {
    return height;
  }

  /**
   * A pixel of the picture.
   *
   * @param x column, 0 to {@code width() - 1}
   * @param y row, 0 to {@code height() - 1}
   * @return {@code 0xRRGGBB}
   * @throws IllegalArgumentException if there is no such pixel
   */
  public int rgb(int x, int y) {
    if (x < 0 || x >= width || y < 0 || y >= height) {
      throw new IllegalArgumentException(
          "pixel (%d, %d), must be within (0, 0) to (%d, %d)"
              .formatted(x, y, width - 1, height - 1));
    }
    return rgb[y * width + x];
  }

  /**
   * Writes the picture as PNG, replacing what is there; the file is there whole or not at all.
   *
   * @param file the file to write, in a directory that exists
   * @throws IOException if it cannot be written
   */
  public void writePng(Path file) throws IOException {
    AtomicFile.write(file, out -> PngWriter.write(rgb, width, height, out));
  }
}
