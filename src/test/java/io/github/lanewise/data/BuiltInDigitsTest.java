package io.github.lanewise.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class BuiltInDigitsTest {
  private static byte[] image(ImageDataset data, int index) {
    byte[] pixels = new byte[784];
    data.copyPixels(index, pixels, 0);
    return pixels;
  }

  @Test
  void areTheSameBytesOnEveryMachine() {
    BuiltInDigits digits = new BuiltInDigits(500, 0);
    CRC32 crc = new CRC32();
    for (int i = 0; i < 500; i++) {
      crc.update(image(digits, i));
      crc.update(digits.label(i));
    }
    assertEquals(2321248542L, crc.getValue());
  }

  @Test
  void anImageDependsOnSeedAndIndexAlone() {
    BuiltInDigits small = new BuiltInDigits(10, 3);
    BuiltInDigits large = new BuiltInDigits(1000, 3);
    byte[] last = image(large, 9); // before the others are drawn
    for (int i = 0; i < 10; i++) {
      assertArrayEquals(image(small, i), image(large, i));
      assertEquals(small.label(i), large.label(i));
    }
    assertArrayEquals(last, image(large, 9)); // kept, not drawn anew
    assertFalse(Arrays.equals(image(small, 0), image(new BuiltInDigits(10, 4), 0)));
    assertFalse(
        Arrays.equals(
            image(BuiltInDigits.of(Split.TRAIN, 0), 0), image(BuiltInDigits.of(Split.TEST, 0), 0)));
  }

  @Test
  void severalThreadsSeeTheSameImages() {
    BuiltInDigits alone = new BuiltInDigits(400, 1);
    BuiltInDigits shared = new BuiltInDigits(400, 1);
    IntStream.range(0, 1600)
        .parallel()
        .forEach(i -> assertArrayEquals(image(alone, i % 400), image(shared, i % 400)));
  }

  @Test
  void lookLikeMnistInNumbers() {
    int n = 2000;
    BuiltInDigits digits = new BuiltInDigits(n, 5);
    double sum = 0;
    double squares = 0;
    int touchingTheBorder = 0;
    int[] perClass = new int[10];
    for (int i = 0; i < n; i++) {
      byte[] pixels = image(digits, i);
      boolean border = false;
      for (int p = 0; p < 784; p++) {
        double value = (pixels[p] & 0xff) / 255.0;
        sum += value;
        squares += value * value;
        border |= value > 0 && (p < 28 || p >= 756 || p % 28 == 0 || p % 28 == 27);
      }
      touchingTheBorder += border ? 1 : 0;
      perClass[digits.label(i)]++;
    }
    double mean = sum / n / 784;
    assertEquals(0.1307, mean, 0.01); // MNIST's
    assertEquals(0.3081, Math.sqrt(squares / n / 784 - mean * mean), 0.01);
    assertTrue(touchingTheBorder < n / 100, "touching the border: " + touchingTheBorder);
    for (int count : perClass) {
      assertEquals(200, count, 60); // more than four standard deviations
    }
  }

  /** The nearest of 1500 images has the right label: the classes can be told apart, and learned. */
  @Test
  void classesCanBeToldApart() {
    int known = 1500;
    int asked = 200;
    BuiltInDigits digits = new BuiltInDigits(known + asked, 2);
    byte[][] images = new byte[known + asked][];
    for (int i = 0; i < images.length; i++) {
      images[i] = image(digits, i);
    }
    int right = 0;
    for (int i = known; i < images.length; i++) {
      int nearest = 0;
      long least = Long.MAX_VALUE;
      for (int k = 0; k < known; k++) {
        long distance = 0;
        for (int p = 0; p < 784; p++) {
          int d = (images[i][p] & 0xff) - (images[k][p] & 0xff);
          distance += d * d;
        }
        if (distance < least) {
          least = distance;
          nearest = k;
        }
      }
      right += digits.label(nearest) == digits.label(i) ? 1 : 0;
    }
    assertTrue(right >= asked * 0.85, right + " of " + asked);
  }

  @Test
  void refuseWrongArguments() {
    assertThrows(IllegalArgumentException.class, () -> new BuiltInDigits(0, 0));
    assertThrows(IllegalArgumentException.class, () -> new BuiltInDigits(2_739_138, 0));
    BuiltInDigits digits = new BuiltInDigits(3, 0);
    byte[] target = new byte[784];
    assertThrows(IllegalArgumentException.class, () -> digits.copyPixels(3, target, 0));
    assertThrows(IllegalArgumentException.class, () -> digits.copyPixels(0, target, 1));
    assertThrows(IllegalArgumentException.class, () -> digits.label(-1));
  }
}
