package io.github.lanewise.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageGridTest {
  @TempDir Path directory;

  /** {@code n} grey images, the k-th of them filled with byte value {@code k + 1}. */
  private static float[] numbered(int n, int pixels) {
    float[] images = new float[n * pixels];
    for (int i = 0; i < images.length; i++) {
      images[i] = (i / pixels + 1) / 255f;
    }
    return images;
  }

  private static int grey(int value) {
    return value * 0x010101;
  }

  @Test
  void hundredDigitsMakeThePictureTorchvisionMakes() {
    ImageGrid grid = ImageGrid.of(numbered(100, 28 * 28), 100, 1, 28, 28, 10);
    assertEquals(302, grid.width()); // 10 * (28 + 2) + 2
    assertEquals(302, grid.height());
    for (int y = 0; y < 302; y++) {
      for (int x = 0; x < 302; x++) {
        boolean padding = x % 30 < 2 || y % 30 < 2;
        int image = y / 30 * 10 + x / 30;
        assertEquals(padding ? 0 : grey(image + 1), grid.rgb(x, y), x + ", " + y);
      }
    }
  }

  @Test
  void theLastRowMayBeIncomplete() {
    ImageGrid grid = ImageGrid.of(numbered(5, 2), 5, 1, 1, 2, 3, 1, 1f);
    assertEquals(10, grid.width()); // 3 * (2 + 1) + 1
    assertEquals(5, grid.height()); // 2 * (1 + 1) + 1
    assertEquals(grey(4), grid.rgb(1, 3));
    assertEquals(grey(5), grid.rgb(4, 3));
    assertEquals(0xffffff, grid.rgb(7, 3)); // no sixth image: padding
    assertEquals(0xffffff, grid.rgb(0, 0));
  }

  @Test
  void aBatchSmallerThanARowMakesAShortRow() {
    ImageGrid grid = ImageGrid.of(numbered(2, 1), 2, 1, 1, 1, 8);
    assertEquals(8, grid.width()); // 2 * (1 + 2) + 2
    assertEquals(5, grid.height());
  }

  @Test
  void aSingleImageHasNoPadding() {
    ImageGrid grid = ImageGrid.of(numbered(1, 6), 1, 1, 2, 3, 8);
    assertEquals(3, grid.width());
    assertEquals(2, grid.height());
    assertEquals(grey(1), grid.rgb(0, 0));
  }

  @Test
  void threeChannelsAreRedGreenAndBlue() {
    float[] images = {1, 0, /* green */ 0.5f, 0, /* blue */ 0, 1};
    ImageGrid grid = ImageGrid.of(images, 1, 3, 1, 2, 1);
    assertEquals(0xff8000, grid.rgb(0, 0)); // 0.5 * 255 + 0.5 = 128
    assertEquals(0x0000ff, grid.rgb(1, 0));
  }

  @Test
  void valuesAreRoundedAndClamped() {
    float[] values = {
      -0.1f, -1e30f, 1.1f, Float.POSITIVE_INFINITY, Float.NaN, 1.4f / 255, 1.6f / 255, 1
    };
    int[] expected = {0, 0, 255, 255, 0, 1, 2, 255};
    ImageGrid grid = ImageGrid.of(values, 1, 1, 1, values.length, 1);
    for (int i = 0; i < values.length; i++) {
      assertEquals(grey(expected[i]), grid.rgb(i, 0), "value " + values[i]);
    }
  }

  @Test
  void thePngHasThePixels() throws IOException {
    ImageGrid grid = ImageGrid.of(numbered(6, 12), 6, 1, 3, 4, 3);
    Path file = directory.resolve("grid.png");
    Files.writeString(file, "old");
    grid.writePng(file);
    BufferedImage read = ImageIO.read(file.toFile());
    assertEquals(grid.width(), read.getWidth());
    assertEquals(grid.height(), read.getHeight());
    for (int y = 0; y < grid.height(); y++) {
      for (int x = 0; x < grid.width(); x++) {
        assertEquals(grid.rgb(x, y), read.getRGB(x, y) & 0xffffff);
      }
    }
  }

  @Test
  void refusesWrongArguments() {
    float[] images = new float[4];
    refuses(images, 0, 1, 2, 2, 1, 2);
    refuses(images, 1, 2, 1, 2, 1, 2);
    refuses(images, 1, 1, 0, 2, 1, 2);
    refuses(images, 1, 1, 2, -1, 1, 2);
    refuses(images, 1, 1, 2, 2, 0, 2);
    refuses(images, 1, 1, 2, 2, 1, -1);
    refuses(images, 2, 1, 2, 2, 1, 2); // too short
    refuses(images, Integer.MAX_VALUE, 3, Integer.MAX_VALUE, Integer.MAX_VALUE, 1, 0);
    refuses(images, 2, 1, 1, 1, 1, Integer.MAX_VALUE); // too many pixels
    ImageGrid grid = ImageGrid.of(images, 1, 1, 2, 2, 1);
    assertThrows(IllegalArgumentException.class, () -> grid.rgb(2, 0));
  }

  private static void refuses(
      float[] images, int n, int channels, int height, int width, int nrow, int padding) {
    assertThrows(
        IllegalArgumentException.class,
        () -> ImageGrid.of(images, n, channels, height, width, nrow, padding, 0));
  }
}
