package io.github.lanewise.kernel;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Random;

/**
 * Prints the kernels that go on allocating: those with exponentials and logarithms, and adaptive
 * pooling, on shapes of which some fill no vector, one after the other in one JVM. What C2 inlines
 * in one depends on what it has compiled for those before.
 */
final class RowEndsAllocationProbe {
  private static final int BATCH = 1003;
  private static final int PLANE = 51;
  private static final int CALLS = 20;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private RowEndsAllocationProbe() {}

  /** How many bytes of {@value #CALLS} calls are few enough. */
  public static void main(String[] args) {
    long few = Long.parseLong(args[0]);
    for (int channels : new int[] {10, 16, 100}) {
      int size = BATCH * channels;
      float[] x = random(size);
      float[] y = new float[size];
      float[] dx = new float[size];
      float[] one = new float[1];
      int[] target = new int[BATCH];
      Workspace w = new Workspace();
      int images = BATCH / PLANE;
      for (int plane : new int[] {1, PLANE}) {
        int batch = plane == 1 ? BATCH : images;
        String shape = batch + "x" + channels + "x" + plane;
        for (boolean log : new boolean[] {false, true}) {
          Softmax plan =
              log
                  ? Softmax.logSoftmax(batch, channels, plane)
                  : Softmax.softmax(batch, channels, plane);
          check(
              few,
              (log ? "log-softmax " : "softmax ") + shape,
              () -> {
                plan.forward(x, y, w);
                plan.backward(y, x, dx, w);
              });
        }
        CrossEntropy loss = CrossEntropy.of(batch, channels, plane).build();
        check(
            few,
            "cross-entropy " + shape,
            () -> loss.forwardBackward(x, 0, target, 0, null, 0, null, 0, one, 0, dx, 0, w));
      }
      Activation tanh = Activation.tanh(size);
      check(few, "tanh " + size, () -> tanh.forward(x, y, w));
      Activation sigmoid = Activation.sigmoid(size);
      check(few, "sigmoid " + size, () -> sigmoid.forward(x, y, w));
    }
    int[][] planes = {{7, 7, 3}, {30, 30, 7}, {7, 7, 1}, {64, 64, 7}, {40, 300, 5}, {5, 3, 1}};
    for (int[] plane : planes) {
      adaptivePooling(few, plane[0], plane[1], plane[2]);
    }
  }

  private static void adaptivePooling(long few, int height, int width, int size) {
    AdaptiveMaxPooling max =
        AdaptiveMaxPooling.adaptiveMaxPool2d(5, 4, height, width, size).build();
    AdaptiveAveragePooling average =
        AdaptiveAveragePooling.adaptiveAvgPool2d(5, 4, height, width, size).build();
    float[] x = random(max.inputSize());
    float[] y = new float[max.outputSize()];
    int[] indices = new int[y.length];
    float[] dx = new float[x.length];
    Workspace w = new Workspace();
    String shape = height + "x" + width + " to " + size;
    check(few, "adaptive max pooling " + shape, () -> max.forward(x, y, indices, w));
    check(few, "adaptive average pooling " + shape, () -> average.forward(x, y, w));
    check(few, "its gradient " + shape, () -> average.backward(y, dx, w));
  }

  private static float[] random(int size) {
    Random random = new Random(1);
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = random.nextFloat();
    }
    return x;
  }

  private static void check(long few, String name, Runnable call) {
    // vectors are objects until the JVM has compiled the kernels, and it takes its time for that
    long deadline = System.nanoTime() + 10_000_000_000L;
    long least = Long.MAX_VALUE;
    while (least > few && System.nanoTime() < deadline) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    if (least > few) {
      System.out.println(name + ": " + least + " bytes in " + CALLS + " calls");
    }
  }
}
