package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.MaxPoolingTest.assertRefused;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.Sizes;
import io.github.lanewise.testing.Workspaces;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class SoftmaxProperties {
  @Provide
  Arbitrary<Integer> sizes() {
    return Sizes.any();
  }

  private static Softmax plan(boolean log, int batch, int channels, int plane) {
    return log
        ? Softmax.logSoftmax(batch, channels, plane)
        : Softmax.softmax(batch, channels, plane);
  }

  @Property(tries = 400)
  void followTheFormulas(
      @ForAll boolean log,
      @ForAll @IntRange(min = 1, max = 3) int few,
      @ForAll("sizes") int channels,
      @ForAll("sizes") int size,
      @ForAll boolean flat,
      @ForAll boolean inPlace,
      @ForAll @IntRange(min = 0, max = 2) int magnitude,
      @ForAll long seed) {
    int batch = flat ? size : few;
    int plane = flat ? 1 : size;
    Random random = new Random(seed);
    float[] x = logits(batch * channels * plane, magnitude, random);
    double[] y = new double[x.length];
    for (int n = 0; n < batch; n++) {
      for (int i = 0; i < plane; i++) {
        softmax(x, y, n * channels * plane + i, channels, plane, log);
      }
    }
    Softmax plan = plan(log, batch, channels, plane);
    Workspace workspace = new Workspace();
    Guarded input = Guarded.of(x, random);
    Guarded output = inPlace ? input : Guarded.forResult(x.length, random);
    plan.forward(input.array, input.offset, output.array, output.offset, workspace);
    float[] actual = output.values("output");
    Bounds.close("output", y, 1e-6, log ? 4e-7 : 2e-6, actual);

    float[] g = logits(x.length, 0, random);
    double[] dx = new double[x.length];
    for (int n = 0; n < batch; n++) {
      for (int i = 0; i < plane; i++) {
        gradient(actual, g, dx, n * channels * plane + i, channels, plane, log);
      }
    }
    Guarded gradOutput = Guarded.of(g, random);
    Guarded gradInput = inPlace ? gradOutput : Guarded.forResult(x.length, random);
    plan.backward(
        output.array,
        output.offset,
        gradOutput.array,
        gradOutput.offset,
        gradInput.array,
        gradInput.offset,
        workspace);
    Bounds.close("grad_input", dx, 5e-6, 1e-6, gradInput.values("grad_input"));
  }

  /** Rows are taken in blocks; these have a second one. */
  @Example
  void longRowsFollowTheFormulas() {
    followTheFormulas(false, 1, 4157, 2, true, true, 0, 1);
    followTheFormulas(true, 1, 4157, 2, true, true, 0, 2);
  }

  /** Images of few channels are taken in blocks, up to 512 of them; these have more than one. */
  @Example
  void manyRowsFollowTheFormulas() {
    int[] rows = {255, 256, 257, 511, 512, 513, 1027, 1040};
    for (int channels : new int[] {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 33}) {
      for (int n : rows) {
        followTheFormulas(false, 1, channels, n, true, n % 3 == 0, 0, n);
        followTheFormulas(true, 1, channels, n, true, n % 3 != 0, 1, n);
      }
    }
  }

  private static float[] logits(int size, int magnitude, Random random) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) (random.nextGaussian() * Math.pow(20, magnitude));
    }
    return x;
  }

  private static void softmax(float[] x, double[] y, int first, int n, int plane, boolean log) {
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (int c = 0; c < n; c++) {
      max = Math.max(max, x[first + c * plane]);
    }
    for (int c = 0; c < n; c++) {
      sum += Math.exp(x[first + c * plane] - max);
    }
    for (int c = 0; c < n; c++) {
      double shifted = x[first + c * plane] - max;
      y[first + c * plane] = log ? shifted - Math.log(sum) : Math.exp(shifted) / sum;
    }
  }

  private static void gradient(
      float[] y, float[] g, double[] dx, int first, int n, int plane, boolean log) {
    for (int c = 0; c < n; c++) {
      double sum = 0; // over the Jacobian's row
      for (int k = 0; k < n; k++) {
        double same = c == k ? 1 : 0;
        double yc = y[first + c * plane];
        double yk = y[first + k * plane];
        double slope = log ? same - Math.exp(yc) : yk * (same - yc);
        sum += slope * g[first + k * plane];
      }
      dx[first + c * plane] = sum;
    }
  }

  @Property(tries = 8)
  void bitsDoNotDependOnThreads(@ForAll boolean log, @ForAll boolean flat, @ForAll long seed) {
    bitsDoNotDependOnThreads(log, flat ? 200 : 2, flat ? 1003 : 21, flat ? 1 : 10007, seed);
  }

  @Example
  void bitsOfManyRowsDoNotDependOnThreads() {
    bitsDoNotDependOnThreads(false, 20_011, 10, 1, 1);
    bitsDoNotDependOnThreads(true, 20_011, 10, 1, 2);
  }

  private static void bitsDoNotDependOnThreads(
      boolean log, int batch, int channels, int plane, long seed) {
    float[] x = logits(batch * channels * plane, 1, new Random(seed));
    Softmax plan = plan(log, batch, channels, plane);
    float[] expected = new float[x.length];
    float[] actual = new float[x.length];
    plan.forward(x, expected, new Workspace());
    plan.forward(x, actual, new Workspace(Workspaces.threads(3)));
    Compare.bits("output", expected, actual);
    float[] expectedGradient = new float[x.length];
    plan.backward(expected, x, expectedGradient, new Workspace());
    plan.backward(expected, x, actual, new Workspace(Workspaces.threads(3)));
    Compare.bits("grad_input", expectedGradient, actual);
  }

  /** The gradient may take the place of the one it comes from, but not a part of the output's. */
  @Example
  void inPlaceMeansOneArrayOnly() {
    float[] array = new float[9];
    assertRefused(
        "output [0, 6) and grad_input [3, 9) overlap",
        () ->
            Softmax.softmax(1, 6, 1)
                .backward(array, 0, new float[9], 3, array, 3, new Workspace()));
    assertRefused(
        "overlap",
        () -> Softmax.softmax(1, 6, 1).backward(array, 0, array, 3, array, 3, new Workspace()));
  }

  @Example
  void specialValuesSpoilTheirPositionOnly() {
    for (boolean log : new boolean[] {false, true}) {
      specialValuesSpoilTheirPositionOnly(log, 1, 1);
      specialValuesSpoilTheirPositionOnly(log, 1, 2);
      specialValuesSpoilTheirPositionOnly(log, 20, 1);
    }
  }

  private static void specialValuesSpoilTheirPositionOnly(boolean log, int times, int plane) {
    float infinity = Float.POSITIVE_INFINITY;
    float[][] rows = {
      {1, Float.NaN, 2}, {1, infinity, 2}, {-infinity, -infinity, -infinity}, {1, -infinity, 1}
    };
    float[] x = new float[times * rows.length * 3 * plane];
    for (int i = 0; i < x.length; i++) {
      x[i] = plane == 2 && i % 2 == 1 ? 0 : rows[i / plane / 3 % rows.length][i / plane % 3];
    }
    float[] y = new float[x.length];
    plan(log, times * rows.length, 3, plane).forward(x, y, new Workspace());
    float half = log ? (float) -Math.log(2) : 0.5f;
    float none = log ? -infinity : 0;
    for (int row = 0; row < times * rows.length; row++) {
      int first = row * 3 * plane;
      float[] actual = {y[first], y[first + plane], y[first + 2 * plane]};
      String name = "row " + row + " " + Arrays.toString(y);
      if (row % rows.length < 3) {
        Compare.exact(name, new float[] {Float.NaN, Float.NaN, Float.NaN}, actual);
      } else {
        Bounds.close(name, new double[] {half, none, half}, 0, 1e-6, actual);
      }
    }
  }
}
