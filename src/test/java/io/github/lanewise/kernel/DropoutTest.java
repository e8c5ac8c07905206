package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.Workspaces;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DropoutTest {
  private static float[] ones(int size) {
    float[] ones = new float[size];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static float[] mask(int size, double p, long seed) {
    float[] output = new float[size];
    Dropout.of(size, p).forward(ones(size), output, seed, new Workspace());
    return output;
  }

  /** The hash, written once more: lowbias32 of the index and the two halves of the seed. */
  private static boolean dropped(int index, long seed, double p) {
    int h = lowbias32(lowbias32(index ^ (int) seed) + (int) (seed >>> 32));
    return (h >>> 8) < p * (1 << 24);
  }

  private static int lowbias32(int x) {
    x ^= x >>> 16;
    x *= 0x21f0aaad;
    x ^= x >>> 15;
    x *= 0xd35a2d97;
    return x ^ (x >>> 15);
  }

  @Test
  void theBitsAreTheSameInEveryBackendAndAtEveryWidth() {
    long seed = 0x123456789abcdefL;
    for (int size : new int[] {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 1000}) {
      float[] mask = mask(size, 0.25, seed);
      for (int i = 0; i < size; i++) {
        assertEquals(dropped(i, seed, 0.25) ? 0 : 4 / 3f, mask[i], "at " + i + " of " + size);
      }
    }
  }

  @Test
  void theShareIsThatAskedForAndNeighboursAndSeedsAreIndependent() {
    int size = 100_000;
    for (double p : new double[] {0.1, 0.5, 0.9}) {
      float[] first = mask(size, p, 1);
      float[] second = mask(size, p, 2);
      float[] third = mask(size, p, 1L << 32);
      int dropped = 0;
      int neighbours = 0;
      int seeds = 0;
      int highSeeds = 0;
      for (int i = 0; i < size; i++) {
        dropped += first[i] == 0 ? 1 : 0;
        neighbours += first[i] == 0 && first[(i + 1) % size] == 0 ? 1 : 0;
        seeds += first[i] == 0 && second[i] == 0 ? 1 : 0;
        highSeeds += first[i] == 0 && third[i] == 0 ? 1 : 0;
      }
      // five standard deviations of a binomial distribution
      assertEquals(p, dropped / (double) size, 5 * Math.sqrt(p * (1 - p) / size));
      double both = 5 * Math.sqrt(p * p * (1 - p * p) / size);
      assertEquals(p * p, neighbours / (double) size, both);
      assertEquals(p * p, seeds / (double) size, both);
      assertEquals(p * p, highSeeds / (double) size, both);
    }
  }

  @Test
  void theGradientIsMaskedLikeTheOutput() {
    Random random = new Random(1);
    float[] x = Data.normals(67, random);
    Dropout plan = Dropout.of(67, 0.5);
    Workspace w = new Workspace();
    Guarded input = Guarded.of(x, random);
    Guarded output = Guarded.forResult(67, random);
    Guarded gradient = Guarded.of(x, random);
    plan.forward(input.array, input.offset, output.array, output.offset, 5, w);
    plan.backward(gradient.array, gradient.offset, gradient.array, gradient.offset, 5, w);
    Compare.bits("in place", output.values("output"), gradient.values("grad_input"));
  }

  @Test
  void allOrNothing() {
    Compare.exact("p = 0", ones(50), mask(50, 0, 3));
    Compare.exact("p = 1", new float[50], mask(50, 1, 3));
  }

  @Test
  void droppedNanStaysNan() {
    float[] x = new float[40];
    Arrays.fill(x, Float.NaN);
    float[] y = new float[40];
    Dropout.of(40, 0.5).forward(x, y, 1, new Workspace());
    for (float value : y) {
      assertTrue(Float.isNaN(value));
    }
  }

  @Test
  void bitsDoNotDependOnThreads() {
    int size = 300_007;
    float[] actual = new float[size];
    Dropout.of(size, 0.3).forward(ones(size), actual, 11, new Workspace(Workspaces.threads(3)));
    Compare.bits("output", mask(size, 0.3, 11), actual);
    assertNotEquals(Arrays.hashCode(mask(size, 0.3, 12)), Arrays.hashCode(actual));
  }

  @Test
  void probabilitiesOutOfRangeAreRefused() {
    for (double p : new double[] {-0.1, 1.1, Double.NaN}) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> Dropout.of(1, p)).getMessage();
      assertTrue(message.contains("p is " + p + " but must be between 0.0 and 1.0"), message);
    }
  }
}
