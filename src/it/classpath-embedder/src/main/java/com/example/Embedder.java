package com.example;

import io.github.lanewise.kernel.Convolution;
import io.github.lanewise.kernel.Lanewise;
import io.github.lanewise.kernel.Parallelism;
import io.github.lanewise.kernel.Workspace;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Smooths a signal, in the calling thread and with a pool, and asks which kernels did it. */
public final class Embedder {
  private Embedder() {}

  public static void main(String[] args) {
    System.out.println(Lanewise.describe());
    check(Lanewise.describe().startsWith("vector backend"), "the vector kernels are not used");

    Convolution plan = Convolution.conv1d(1, 1, 1, 5, 3).padding(1).build();
    float[] signal = {1, 2, 3, 4, 5};
    float[] weight = {1, 2, 1};
    float[] bias = {10};
    float[] smoothed = new float[plan.outputSize()];

    plan.forward(signal, weight, bias, smoothed, new Workspace());
    float[] expected = {14, 18, 22, 26, 24};
    check(Arrays.equals(smoothed, expected), "smoothed to " + Arrays.toString(smoothed));

    float[] again = new float[plan.outputSize()];
    try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
      plan.forward(signal, weight, bias, again, new Workspace(Parallelism.of(pool, 2)));
    }
    check(Arrays.equals(again, expected), "with a pool smoothed to " + Arrays.toString(again));
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
