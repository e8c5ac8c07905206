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
      @ForAll @IntRange(min = 1, max = 3) int batch,
      @ForAll("sizes") int channels,
      @ForAll("sizes") int size,
      @ForAll boolean flat,
      @ForAll @IntRange(min = 0, max = 2) int magnitude,
      @ForAll long seed) {
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
    Guarded output = flat ? input : Guarded.forResult(x.length, random); // flat: in place, too
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
    Guarded gradInput = flat ? gradOutput : Guarded.forResult(x.length, random);
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
    followTheFormulas(false, 2, 4157, 1, true, 0, 1);
    followTheFormulas(true, 2, 4157, 1, true, 0, 2);
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
    int channels = flat ? 1003 : 21;
    int plane = flat ? 1 : 10007;
    float[] x = logits(200 / (flat ? 1 : 100) * channels * plane, 1, new Random(seed));
    Softmax plan = plan(log, x.length / channels / plane, channels, plane);
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
      for (int plane : new int[] {1, 2}) {
        float infinity = Float.POSITIVE_INFINITY;
        float[][] rows = {
          {1, Float.NaN, 2}, {1, infinity, 2}, {-infinity, -infinity, -infinity}, {1, -infinity, 1}
        };
        float[] x = new float[rows.length * 3 * plane];
        for (int i = 0; i < x.length; i++) {
          x[i] = plane == 2 && i % 2 == 1 ? 0 : rows[i / plane / 3][i / plane % 3];
        }
        float[] y = new float[x.length];
        plan(log, rows.length, 3, plane).forward(x, y, new Workspace());
        float half = log ? (float) -Math.log(2) : 0.5f;
        float none = log ? -infinity : 0;
        for (int row = 0; row < 3; row++) {
          for (int c = 0; c < 3; c++) {
            double[] nan = {Double.NaN};
            float[] actual = {y[(row * 3 + c) * plane]};
            Compare.exact("row " + row + " " + Arrays.toString(y), nan, actual);
          }
        }
        double[] expected = {half, none, half};
        float[] actual = {y[9 * plane], y[10 * plane], y[11 * plane]};
        Bounds.close("a class of probability 0", expected, 0, 1e-6, actual);
      }
    }
  }
}
