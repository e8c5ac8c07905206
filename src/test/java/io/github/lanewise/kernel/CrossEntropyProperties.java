package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.Sizes;
import io.github.lanewise.testing.Workspaces;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class CrossEntropyProperties {
  private static final int IGNORED = -7;

  /** A problem with its arrays, and the reference computed from the formulas. */
  private static final class Problem {
    final int batch;
    final int classes;
    final int plane;
    final Reduction reduction;
    final double smoothing;
    final float[] x;
    final float[] weight;
    final float[] g;
    final int[] index;
    final float[] target;
    double[] value;
    double[] gradient;

    Problem(
        int batch,
        int classes,
        int plane,
        Reduction reduction,
        boolean probabilities,
        boolean smooth,
        Random random) {
      this.batch = batch;
      this.classes = classes;
      this.plane = plane;
      this.reduction = reduction;
      smoothing = smooth ? 0.2 : 0;
      x = Data.normals(batch * classes * plane, random);
      weight = random.nextBoolean() ? Data.magnitudes(Data.normals(classes, random)) : null;
      g = Data.normals(reduction == Reduction.NONE ? batch * plane : 1, random);
      target = probabilities ? Data.magnitudes(Data.normals(x.length, random)) : null;
      index = probabilities ? null : new int[batch * plane];
      for (int i = 0; index != null && i < index.length; i++) {
        index[i] = random.nextInt(5) == 0 ? IGNORED : random.nextInt(classes);
        if (i == 0) {
          index[i] = classes - 1; // which long rows have in their second block
        }
        if (index[i] == IGNORED && random.nextBoolean()) {
          x[(i / plane * classes + random.nextInt(classes)) * plane + i % plane] = Float.NaN;
        }
      }
    }

    CrossEntropy plan() {
      return CrossEntropy.of(batch, classes, plane)
          .reduction(reduction)
          .labelSmoothing(smoothing)
          .ignoreIndex(IGNORED)
          .build();
    }

    double weight(int c) {
      return weight == null ? 1 : weight[c];
    }

    /** The wanted share of a class. */
    double share(int position, int c) {
      double t =
          index == null
              ? target[(position / plane * classes + c) * plane + position % plane]
              : index[position] == c ? 1 : 0;
      return weight(c) * ((1 - smoothing) * t + smoothing / classes);
    }

    void computeReference() {
      int positions = batch * plane;
      double count = 0;
      value = new double[g.length];
      gradient = new double[x.length];
      for (int i = 0; i < positions; i++) {
        if (index == null) {
          count++;
        } else if (index[i] != IGNORED) {
          count += weight(index[i]);
        }
      }
      double scale = reduction == Reduction.MEAN ? 1 / count : 1;
      for (int i = 0; i < positions; i++) {
        if (index != null && index[i] == IGNORED) {
          continue;
        }
        int out = reduction == Reduction.NONE ? i : 0;
        int first = i / plane * classes * plane + i % plane;
        double sum = 0;
        for (int c = 0; c < classes; c++) {
          sum += Math.exp(x[first + c * plane]);
        }
        for (int c = 0; c < classes; c++) {
          double logP = x[first + c * plane] - Math.log(sum);
          value[out] -= share(i, c) * logP * scale;
          for (int k = 0; k < classes; k++) {
            double slope = (c == k ? 1 : 0) - Math.exp(x[first + k * plane]) / sum;
            gradient[first + k * plane] -= share(i, c) * slope * scale * g[out];
          }
        }
      }
    }

    /** Value and gradient, computed together; and checks that they are the same in other ways. */
    float[][] run(Workspace w, Random random) {
      CrossEntropy plan = plan();
      Guarded in = Guarded.of(x, random);
      Guarded dy = Guarded.of(g, random);
      Results together = new Results(random);
      Results apart = new Results(random);
      float[] value = new float[g.length];
      float[] gradient = new float[x.length];
      float[] valueAlone = new float[g.length];
      float[] gradientAlone = new float[x.length];
      int weightAt = random.nextInt(9);
      float[] weights = null;
      if (weight != null) {
        weights = new float[weightAt + classes];
        System.arraycopy(weight, 0, weights, weightAt, classes);
      }
      if (index != null) {
        int shift = random.nextInt(9);
        int[] shifted = new int[index.length + shift];
        System.arraycopy(index, 0, shifted, shift, index.length);
        plan.forwardBackward(
            in.array,
            in.offset,
            shifted,
            shift,
            weights,
            weightAt,
            dy.array,
            dy.offset,
            together.y.array,
            together.y.offset,
            together.dx.array,
            together.dx.offset,
            w);
        plan.forward(
            in.array,
            in.offset,
            shifted,
            shift,
            weights,
            weightAt,
            apart.y.array,
            apart.y.offset,
            w);
        plan.backward(
            in.array,
            in.offset,
            shifted,
            shift,
            weights,
            weightAt,
            dy.array,
            dy.offset,
            apart.dx.array,
            apart.dx.offset,
            w);
        plan.forwardBackward(x, index, weight, g, value, gradient, w);
        plan.forward(x, index, weight, valueAlone, w);
        plan.backward(x, index, weight, g, gradientAlone, w);
      } else {
        Guarded t = Guarded.of(target, random);
        plan.forwardBackward(
            in.array,
            in.offset,
            t.array,
            t.offset,
            weights,
            weightAt,
            dy.array,
            dy.offset,
            together.y.array,
            together.y.offset,
            together.dx.array,
            together.dx.offset,
            w);
        plan.forward(
            in.array,
            in.offset,
            t.array,
            t.offset,
            weights,
            weightAt,
            apart.y.array,
            apart.y.offset,
            w);
        plan.backward(
            in.array,
            in.offset,
            t.array,
            t.offset,
            weights,
            weightAt,
            dy.array,
            dy.offset,
            apart.dx.array,
            apart.dx.offset,
            w);
        plan.forwardBackward(x, target, weight, g, value, gradient, w);
        plan.forward(x, target, weight, valueAlone, w);
        plan.backward(x, target, weight, g, gradientAlone, w);
      }
      float[][] results = together.values();
      assertSame("of arrays from an offset on", results, apart.values());
      assertSame("together", results, value, gradient);
      assertSame("alone", results, valueAlone, gradientAlone);
      return results;
    }

    private static void assertSame(String how, float[][] expected, float[]... actual) {
      Compare.bits("output " + how, expected[0], actual[0]);
      Compare.bits("grad_input " + how, expected[1], actual[1]);
    }

    private final class Results {
      final Guarded y;
      final Guarded dx;

      Results(Random random) {
        y = Guarded.forResult(g.length, random);
        dx = Guarded.forResult(x.length, random);
      }

      float[][] values() {
        return new float[][] {y.values("output"), dx.values("grad_input")};
      }
    }
  }

  @Provide
  Arbitrary<Integer> sizes() {
    return Sizes.any();
  }

  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void followsTheFormulas(
      @ForAll @IntRange(min = 1, max = 4) int few,
      @ForAll("sizes") int classes,
      @ForAll("sizes") int size,
      @ForAll boolean flat,
      @ForAll Reduction reduction,
      @ForAll boolean probabilities,
      @ForAll boolean smooth,
      @ForAll long seed) {
    Random random = new Random(seed);
    int batch = flat ? size : few;
    int plane = flat ? 1 : size;
    Problem p = new Problem(batch, classes, plane, reduction, probabilities, smooth, random);
    p.computeReference();
    float[][] results = p.run(new Workspace(), random);
    // probabilities here do not add up to one, so that losses reach some hundreds
    Bounds.close("output", p.value, 4e-6, 2e-6, results[0]);
    Bounds.close("grad_input", p.gradient, 4e-6, 4e-6, results[1]);
  }

  /** Rows are taken in blocks; these have a second one. */
  @Example
  void longRowsFollowTheFormulas() {
    followsTheFormulas(1, 4157, 2, true, Reduction.NONE, false, false, 1);
    followsTheFormulas(1, 4157, 2, true, Reduction.MEAN, true, true, 2);
    followsTheFormulas(1, 4157, 2, true, Reduction.NONE, false, true, 3);
  }

  /** Rows of few classes are taken in blocks, up to 512 of them; these have more than one. */
  @Example
  void manyRowsFollowTheFormulas() {
    for (int classes : new int[] {1, 2, 3, 7, 8, 9, 16, 17, 33}) {
      for (int rows : new int[] {255, 256, 257, 513, 1027}) {
        for (int kind = 0; kind < 4; kind++) {
          boolean probabilities = kind % 2 == 1;
          boolean smooth = kind > 1;
          Reduction reduction = rows % 2 == 1 ? Reduction.NONE : Reduction.MEAN;
          followsTheFormulas(1, classes, rows, true, reduction, probabilities, smooth, rows);
        }
      }
    }
  }

  /** Positions of a plane are taken in blocks of 512; these have a third one. */
  @Example
  void largePlanesFollowTheFormulas() {
    for (int kind = 0; kind < 4; kind++) {
      followsTheFormulas(2, 5, 1030, false, Reduction.NONE, kind % 2 == 1, kind > 1, 1);
    }
  }

  @Example
  void bitsDoNotDependOnThreads() {
    int[][] shapes = {{300, 1003, 1}, {20_011, 10, 1}, {2, 21, 9001}};
    for (int[] s : shapes) {
      for (boolean probabilities : new boolean[] {false, true}) {
        Random random = new Random(8);
        Problem p = new Problem(s[0], s[1], s[2], Reduction.MEAN, probabilities, false, random);
        float[][] expected = p.run(new Workspace(), random);
        float[][] actual = p.run(Workspaces.filled(100, Float.NaN, Workspaces.threads(3)), random);
        Compare.bits("output", expected[0], actual[0]);
        Compare.bits("grad_input", expected[1], actual[1]);
      }
    }
  }

  /** Logits so far apart that exponentials overflow or vanish. */
  @Example
  void largeLogitsAreNoHarm() {
    for (int plane : new int[] {1, 2}) {
      float[] x = new float[3 * plane];
      Arrays.fill(x, 0, plane, 500);
      Arrays.fill(x, plane, 2 * plane, -500);
      int[] target = new int[plane];
      Arrays.fill(target, 1);
      float[] y = new float[1];
      float[] dx = new float[x.length];
      CrossEntropy plan = CrossEntropy.of(1, 3, plane).build();
      plan.forward(x, target, null, y, new Workspace());
      plan.backward(x, target, null, null, dx, new Workspace());
      assertEquals(1000, y[0]);
      double[] expected = new double[x.length];
      Arrays.fill(expected, 0, plane, 1.0 / plane);
      Arrays.fill(expected, plane, 2 * plane, -1.0 / plane);
      Bounds.close("grad_input", expected, 1e-6, 0, dx);
    }
  }

  @Example
  void anImpossibleClassMattersOnlyWhereItIsTheTarget() {
    for (int plane : new int[] {1, 2}) {
      float[] x = new float[2 * plane];
      Arrays.fill(x, 0, plane, Float.NEGATIVE_INFINITY);
      float[] y = new float[1];
      CrossEntropy plan = CrossEntropy.of(1, 2, plane).build();
      int[] target = new int[plane];
      plan.forward(x, target, null, y, new Workspace());
      assertEquals(Float.POSITIVE_INFINITY, y[0]);
      Arrays.fill(target, 1);
      plan.forward(x, target, null, y, new Workspace());
      assertEquals(0, y[0]);
    }
  }

  @Example
  void withEveryTargetIgnoredTheMeanIsNanAndTheGradientZero() {
    for (int plane : new int[] {1, 3}) {
      int[] target = new int[2 * plane];
      Arrays.fill(target, -100);
      float[] x = new float[2 * 5 * plane];
      float[] y = new float[1];
      float[] dx = new float[x.length];
      CrossEntropy plan = CrossEntropy.of(2, 5, plane).build();
      plan.forward(x, target, null, y, new Workspace());
      plan.backward(x, target, null, null, dx, new Workspace());
      assertTrue(Float.isNaN(y[0]));
      Compare.exact("grad_input", new float[x.length], dx);
    }
  }

  @Example
  void wrongArgumentsAreRefusedBeforeAnythingIsWritten() {
    CrossEntropy plan = CrossEntropy.of(2, 5, 1).build();
    float[] x = new float[10];
    float[] y = {42};
    Workspace w = new Workspace();
    refused(
        "target is 5 at position 1 but must be between 0 and 4, or ignore_index -100",
        () -> plan.forward(x, new int[] {0, 5}, null, y, w));
    refused("target is -6", () -> plan.forward(x, new int[] {-6, 0}, null, y, w));
    refused("target has 1", () -> plan.forward(x, new int[1], null, y, w));
    refused("target has 9", () -> plan.forward(x, new float[9], null, y, w));
    refused("weight has 4", () -> plan.forward(x, new int[2], new float[4], y, w));
    refused("label_smoothing is 1.3", () -> CrossEntropy.of(1, 1, 1).labelSmoothing(1.3));
    refused("reduction is null", () -> CrossEntropy.of(1, 1, 1).reduction(null));
    refused("classes is 0", () -> CrossEntropy.of(1, 0, 1));
    refused("overlap", () -> plan.backward(x, new int[2], null, null, x, w));
    assertEquals(42, y[0]);
  }

  private static void refused(String part, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
