package io.github.lanewise.mnist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.lanewise.testing.Compare;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Inputs and targets. */
class TaskTest {
  private static void fill(Task task, int n) {
    Random random = new Random(n);
    for (int i = 0; i < n * 784; i++) {
      task.images()[i] = random.nextInt(1, 256) / 255f;
    }
    task.prepare(n);
  }

  @Test
  void imagesAreTheirOwnTargets() {
    Task task = new Task(Model.POOL, 3, 0, 0);
    fill(task, 2);
    assertArrayEquals(new int[] {2, 1, 28, 28}, task.input().shape());
    assertSame(task.images(), task.input().data());
    assertSame(task.images(), task.target().data());
    Task flat = new Task(Model.AE1D, 3, 0, 0);
    fill(flat, 3);
    assertArrayEquals(new int[] {3, 1, 784}, flat.input().shape());
    assertArrayEquals(new int[] {3, 1, 784}, flat.target().shape());
  }

  @Test
  void daeIsPaddedRepeatedAndEnlarged() {
    for (double noise : new double[] {0, 0.5}) {
      Task task = new Task(Model.DAE, 2, noise, 1);
      fill(task, 2);
      fill(task, 2); // what an earlier batch left does not matter
      assertArrayEquals(new int[] {2, 3, 32, 32}, task.input().shape());
      assertArrayEquals(new int[] {2, 3, 64, 64}, task.target().shape());
      for (int image = 0; image < 2; image++) {
        for (int channel = 0; channel < 3; channel++) {
          for (int y = 0; y < 64; y++) {
            for (int x = 0; x < 64; x++) {
              float pixel = pixel(task, image, y / 2 - 2, x / 2 - 2);
              int plane = image * 3 + channel;
              assertEquals(pixel, task.target().data()[(plane * 64 + y) * 64 + x]);
              if (noise == 0) {
                assertEquals(pixel, task.input().data()[(plane * 32 + y / 2) * 32 + x / 2]);
              }
            }
          }
        }
      }
    }
  }

  private static float pixel(Task task, int image, int y, int x) {
    boolean inside = y >= 0 && y < 28 && x >= 0 && x < 28;
    return inside ? task.images()[(image * 28 + y) * 28 + x] : 0;
  }

  @Test
  void noiseIsGaussianAndFollowsFromTheSeed() {
    Task task = new Task(Model.CONV, 40, 0.5, 3);
    Task same = new Task(Model.CONV, 40, 0.5, 3);
    fill(task, 40);
    fill(same, 40);
    Compare.bits("input", task.input().data(), same.input().data());
    int n = 40 * 784;
    double sum = 0;
    double squares = 0;
    int beyond = 0;
    for (int i = 0; i < n; i++) {
      double noise = task.input().data()[i] - task.target().data()[i];
      sum += noise;
      squares += noise * noise;
      beyond += Math.abs(noise) > 1 ? 1 : 0;
    }
    assertEquals(0, sum / n, 5 * 0.5 / Math.sqrt(n));
    assertEquals(0.25, squares / n, 0.01);
    assertEquals(0.0455, (double) beyond / n, 0.005, "beyond two standard deviations");
    fill(task, 40);
    assertEquals(
        false, Arrays.equals(task.input().data(), same.input().data()), "each batch has its own");
  }

  @Test
  void smallerLastBatch() {
    Task task = new Task(Model.DAE, 5, 0.1, 0);
    fill(task, 5);
    fill(task, 2);
    assertArrayEquals(new int[] {2, 3, 32, 32}, task.input().shape());
    assertArrayEquals(new int[] {2, 3, 64, 64}, task.target().shape());
  }
}
