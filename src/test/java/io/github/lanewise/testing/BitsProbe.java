package io.github.lanewise.testing;

import io.github.lanewise.kernel.Activation;
import io.github.lanewise.kernel.AdaptiveAveragePooling;
import io.github.lanewise.kernel.AveragePooling;
import io.github.lanewise.kernel.Convolution;
import io.github.lanewise.kernel.Dropout;
import io.github.lanewise.kernel.Lanewise;
import io.github.lanewise.kernel.MatrixProduct;
import io.github.lanewise.kernel.MaxPooling;
import io.github.lanewise.kernel.MaxUnpooling;
import io.github.lanewise.kernel.Workspace;
import java.util.Arrays;
import java.util.Random;

/**
 * Prints hashes of results that docs/accuracy.md says have the same bits in every backend ("all")
 * or at every vector width ("width"), for a test that compares JVMs.
 */
public final class BitsProbe {
  private static final Workspace WORKSPACE = new Workspace();
  private static final int SIZE = 10_007;

  private BitsProbe() {}

  public static void main(String[] arguments) {
    System.out.println("mode " + Lanewise.backend() + " " + Lanewise.vectorBits());
    for (int kernel : new int[] {2, 3, 5}) {
      for (int stride = 1; stride <= 4; stride++) {
        averagePooling(kernel, stride);
        maxPooling(kernel, stride);
      }
    }
    maxUnpooling();
    adaptiveAveragePooling();
    activation("all relu", Activation.relu(SIZE));
    activation("all leaky_relu", Activation.leakyRelu(SIZE, 0.1));
    activation("width sigmoid", Activation.sigmoid(SIZE));
    activation("width tanh", Activation.tanh(SIZE));
    float[] y = new float[SIZE];
    Dropout.of(SIZE, 0.3).forward(normals(SIZE, 1), y, 5, WORKSPACE);
    print("all dropout", y);
    integers();
  }

  private static float[] normals(int size, long seed) {
    return Data.normals(size, new Random(seed));
  }

  private static void print(String name, float[] values) {
    System.out.println(name + " " + Arrays.hashCode(values));
  }

  private static void averagePooling(int kernel, int stride) {
    AveragePooling plan =
        AveragePooling.avgPool2d(2, 3, 37, 53, kernel).stride(stride).padding(kernel / 2).build();
    float[] y = new float[plan.outputSize()];
    plan.forward(normals(plan.inputSize(), 1), y, WORKSPACE);
    print("all avg_pool " + kernel + " " + stride, y);
  }

  private static void maxPooling(int kernel, int stride) {
    MaxPooling plan =
        MaxPooling.maxPool2d(2, 3, 37, 53, kernel).stride(stride).padding(kernel / 2).build();
    float[] y = new float[plan.outputSize()];
    int[] indices = new int[y.length];
    float[] dx = new float[plan.inputSize()];
    plan.forward(normals(dx.length, 1), y, indices, WORKSPACE);
    plan.backward(normals(y.length, 2), indices, dx, WORKSPACE);
    String name = kernel + " " + stride;
    print("all max_pool " + name, y);
    print("all its gradient " + name, dx);
    System.out.println("all indices " + name + " " + Arrays.hashCode(indices));
  }

  private static void maxUnpooling() {
    MaxUnpooling plan = MaxUnpooling.maxUnpool1d(2, 3, 501, 3).build();
    float[] y = new float[plan.outputSize()];
    float[] dx = new float[plan.inputSize()];
    int[] indices = new Random(6).ints(dx.length, 0, 1503).toArray();
    plan.forward(normals(dx.length, 1), indices, y, WORKSPACE);
    plan.backward(normals(y.length, 2), indices, dx, WORKSPACE);
    print("all max_unpool", y);
    print("all its gradient", dx);
  }

  private static void adaptiveAveragePooling() {
    int[][] sizes = {{1, 1}, {5, 1}, {2, 2}, {3, 4}, {7, 8}, {37, 38}, {50, 51}};
    for (int[] size : sizes) {
      AdaptiveAveragePooling plan =
          AdaptiveAveragePooling.adaptiveAvgPool2d(2, 3, 37, 53, size).build();
      float[] y = new float[plan.outputSize()];
      float[] dx = new float[plan.inputSize()];
      plan.forward(normals(dx.length, 1), y, WORKSPACE);
      plan.backward(normals(y.length, 2), dx, WORKSPACE);
      String name = size[0] + "x" + size[1];
      print("width adaptive_avg_pool " + name, y);
      print("width its gradient " + name, dx);
    }
  }

  private static void activation(String name, Activation plan) {
    float[] x = normals(SIZE, 1);
    float[] y = new float[SIZE];
    float[] dx = new float[SIZE];
    plan.forward(x, y, WORKSPACE);
    plan.backward(x, y, normals(SIZE, 2), dx, WORKSPACE);
    print(name, y);
    print(name + " gradient", dx);
  }

  private static void integers() {
    Random random = new Random(4);
    Convolution conv = Convolution.conv2d(2, 7, 19, 17, 13, 3).stride(2).padding(1).build();
    float[] y = new float[conv.outputSize()];
    conv.forward(
        Data.integers(conv.inputSize(), random),
        Data.integers(conv.weightSize(), random),
        Data.integers(19, random),
        y,
        WORKSPACE);
    print("all conv2d of integers", y);
    float[] c = new float[37 * 41];
    MatrixProduct.of(37, 41, 300)
        .build()
        .run(Data.integers(37 * 300, random), Data.integers(300 * 41, random), null, c, WORKSPACE);
    print("all matrix product of integers", c);
  }
}
