package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.NaiveBatchNormalization;
import io.github.lanewise.testing.Sizes;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Batch normalisation with what its plan does besides, against loops that do one after another. */
class BatchNormalizationVariantProperties {
  private static final double EPS = 1e-5;
  private static final double MOMENTUM = 0.1;

  private record Variant(
      int batch, int channels, int plane, int zeros, boolean reluInput, boolean reluOutput) {
    /** With a ReLU in front. */
    Variant(int batch, int channels, int plane) {
      this(batch, channels, plane, 0, true, false);
    }

    Variant relus(boolean input, boolean output) {
      return new Variant(batch, channels, plane, zeros, input, output);
    }

    int size() {
      return batch * channels * plane;
    }

    int count() {
      return batch * (plane + zeros);
    }

    BatchNormalization plan(double eps) {
      return BatchNormalization.of(batch, channels, plane)
          .eps(eps)
          .zeros(zeros)
          .reluInput(reluInput)
          .reluOutput(reluOutput)
          .build();
    }
  }

  @Provide
  Arbitrary<Variant> variants() {
    Arbitrary<Integer> batch = Arbitraries.of(1, 2, 3, 5, 300);
    Arbitrary<Integer> plane = Arbitraries.oneOf(Arbitraries.just(1), Sizes.any());
    Arbitrary<Integer> zeros = Arbitraries.of(0, 1, 7, 100);
    Arbitrary<Boolean> relu = Arbitraries.of(false, true);
    return Combinators.combine(batch, Sizes.any(), plane, zeros, relu, relu)
        .as((n, c, p, z, in, out) -> new Variant(n, c, p, out ? 0 : z, in, out))
        .filter(v -> v.count() > 1 && v.size() < 30_000 && v.count() * v.channels < 300_000);
  }

  /** Shapes for each way to cut the work. */
  private static final Variant[] LARGE = {
    new Variant(100, 3, 784),
    new Variant(1, 2, 140_001),
    new Variant(70, 65, 101),
    new Variant(1100, 70, 1),
    new Variant(1, 2, 140_001, 0, false, true),
    new Variant(1100, 70, 1, 0, false, true),
    new Variant(100, 3, 784, 784, true, false),
    new Variant(1, 2, 140_001, 50_000, true, false),
    new Variant(1100, 70, 1, 3, false, false)
  };

  /** The arrays that a plan takes, and those that it gives. */
  private static final class Run {
    final float[] x;
    final float[] g;
    final float[] weight;
    final float[] bias;
    final float[] runningMean;
    final float[] runningVar;
    final float[] y;
    final float[] mean;
    final float[] invStd;
    float[] dx;

    /** Gradients of all elements in their places, of which the plan gets the sum over the zeros. */
    final double[] zerosGradients;

    final float[] gradZeros;
    final float[] dw;
    final float[] db;
    private final Workspace workspace = new Workspace();

    Run(Variant v, boolean integers, Random random) {
      x = values(v.size(), integers, random);
      g = values(v.size(), integers, random);
      weight = values(v.channels, integers, random);
      bias = values(v.channels, integers, random);
      runningMean = values(v.channels, integers, random);
      runningVar = new float[v.channels];
      for (int c = 0; c < v.channels; c++) {
        runningVar[c] = random.nextBoolean() ? 0.75f : 3.75f; // roots of 1 and 4 with eps 0.25
      }
      int dense = v.plane + v.zeros;
      zerosGradients = widened(values(v.batch * v.channels * dense, integers, random));
      for (int place : places(v, new Random(v.size()))) {
        zerosGradients[place] = 0;
      }
      double[] sums = new double[v.channels];
      for (int i = 0; i < zerosGradients.length; i++) {
        sums[i / dense % v.channels] += zerosGradients[i];
      }
      gradZeros = new float[v.channels];
      for (int c = 0; c < v.channels; c++) {
        gradZeros[c] = (float) sums[c];
      }
      y = new float[v.size()];
      mean = new float[v.channels];
      invStd = new float[v.channels];
      dx = new float[v.size()];
      dw = new float[v.channels];
      db = new float[v.channels];
    }

    private static float[] values(int size, boolean integers, Random random) {
      return integers ? Data.integers(size, random) : Data.normals(size, random);
    }

    void train(BatchNormalization plan) {
      plan.forwardTraining(
          x, weight, bias, y, mean, invStd, runningMean, runningVar, MOMENTUM, workspace);
      plan.backwardTraining(
          x, 0, y, 0, g, 0, gradZeros, 0, weight, 0, mean, 0, invStd, 0, dx, 0, dw, 0, db, 0,
          workspace);
    }

    void evaluate(BatchNormalization plan) {
      plan.forwardEval(x, weight, bias, runningMean, runningVar, y, workspace);
      plan.backwardEval(
          x,
          0,
          y,
          0,
          g,
          0,
          gradZeros,
          0,
          weight,
          0,
          runningMean,
          0,
          runningVar,
          0,
          dx,
          0,
          dw,
          0,
          db,
          0,
          workspace);
    }
  }

  /** What should come out: the loops of the reference, with a loop for each thing besides. */
  private static final class Expected {
    final NaiveBatchNormalization naive;
    final double[] output;
    final double[] gradInput;

    Expected(Variant v, Run r, double[] mean, double[] variance, double eps) {
      int[] places = places(v, new Random(v.size()));
      int dense = v.plane + v.zeros;
      double[] x = new double[v.batch * v.channels * dense];
      double[] g = r.zerosGradients.clone();
      for (int i = 0; i < places.length; i++) {
        x[places[i]] = v.reluInput ? Math.max(r.x[i], 0) : r.x[i];
        // the rounded output: near 0 it may have another sign than the reference
        g[places[i]] = v.reluOutput && r.y[i] <= 0 ? 0 : r.g[i];
      }
      double[] w = widened(r.weight);
      double[] b = widened(r.bias);
      naive =
          variance == null
              ? new NaiveBatchNormalization(x, v.channels, dense, w, b, eps)
              : new NaiveBatchNormalization(x, v.channels, dense, w, b, eps, mean, variance);
      naive.backward(g, variance == null);
      output = new double[places.length];
      gradInput = new double[places.length];
      for (int i = 0; i < places.length; i++) {
        double y = naive.output[places[i]];
        output[i] = v.reluOutput ? Math.max(y, 0) : y;
        gradInput[i] = v.reluInput && r.x[i] <= 0 ? 0 : naive.gradInput[places[i]];
      }
    }
  }

  /** Where each element is in the array that has the zeros, too. */
  private static int[] places(Variant v, Random random) {
    int dense = v.plane + v.zeros;
    int[] places = new int[v.size()];
    for (int p = 0; p < v.batch * v.channels; p++) {
      int placed = 0;
      for (int i = 0; i < dense; i++) { // each place with the chance that it has
        if (random.nextInt(dense - i) < v.plane - placed) {
          places[p * v.plane + placed++] = p * dense + i;
        }
      }
    }
    return places;
  }

  private static double[] widened(float[] values) {
    double[] result = new double[values.length];
    Arrays.setAll(result, i -> values[i]);
    return result;
  }

  private static void checkTraining(Variant v, Random random) {
    Run r = new Run(v, false, random);
    double[] meanBefore = widened(r.runningMean);
    double[] varBefore = widened(r.runningVar);
    r.train(v.plan(EPS));
    Expected e = new Expected(v, r, null, null, EPS);
    double count = v.count();
    // with few values a variance may be small, and errors grow with 1 / √variance
    double least = Arrays.stream(e.naive.variance).min().getAsDouble();
    double grow = Math.max(1, 1 / Math.sqrt(least + EPS));
    double[] invStd = new double[v.channels];
    for (int c = 0; c < v.channels; c++) {
      double variance = e.naive.variance[c];
      invStd[c] = 1 / Math.sqrt(variance + EPS);
      meanBefore[c] += MOMENTUM * (e.naive.mean[c] - meanBefore[c]);
      varBefore[c] += MOMENTUM * (variance * count / (count - 1) - varBefore[c]);
    }
    Bounds.close("output", e.output, 4e-6 + 1e-6 * grow, 2e-6 * grow, r.y);
    Bounds.close("saved_mean", e.naive.mean, 1e-6, 1e-6, r.mean);
    Bounds.close("saved_inv_std", invStd, 0, 2e-6 * grow, r.invStd);
    Bounds.close("running_mean", meanBefore, 1e-6, 1e-6, r.runningMean);
    Bounds.close("running_var", varBefore, 1e-6, 4e-6, r.runningVar);
    double sums = 2e-6 * Math.sqrt(count); // with 1e-6, one sum of 300 in 20,000 is beyond
    Bounds.close("grad_bias", e.naive.gradBias, sums, 1e-6, r.db);
    Bounds.close("grad_weight", e.naive.gradWeight, sums * grow, 4e-6, r.dw);
    Bounds.close("grad_input", e.gradInput, 1e-5 * grow * grow, 4e-6 * grow, r.dx);
  }

  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  void trainingFollowsTheFormulas(@ForAll("variants") Variant v, @ForAll long seed) {
    checkTraining(v, new Random(seed));
  }

  @Example
  void trainingOfLargeArraysFollowsTheFormulas() {
    for (Variant v : LARGE) {
      checkTraining(v, new Random(v.size()));
    }
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void evaluationIsExactOnIntegers(@ForAll("variants") Variant v, @ForAll long seed) {
    Run r = new Run(v, true, new Random(seed));
    r.evaluate(v.plan(0.25));
    Expected e = new Expected(v, r, widened(r.runningMean), widened(r.runningVar), 0.25);
    Compare.exact("output", e.output, r.y);
    Compare.exact("grad_input", e.gradInput, r.dx);
    Compare.exact("grad_weight", e.naive.gradWeight, r.dw);
    Compare.exact("grad_bias", e.naive.gradBias, r.db);
  }

  @Example
  void evaluationOfLargeArraysIsExact() {
    for (Variant v : LARGE) {
      evaluationIsExactOnIntegers(v, v.size());
    }
  }

  @Example
  void gradientMayOverwriteGradOutput() {
    for (Variant shape : LARGE) {
      Variant v = shape.relus(true, shape.zeros == 0);
      Run apart = new Run(v, false, new Random(3));
      Run inPlace = new Run(v, false, new Random(3));
      inPlace.dx = inPlace.g;
      apart.train(v.plan(EPS));
      inPlace.train(v.plan(EPS));
      Compare.bits("grad_input", apart.dx, inPlace.dx);
      Compare.bits("grad_weight", apart.dw, inPlace.dw);
      apart = new Run(v, false, new Random(3));
      inPlace = new Run(v, false, new Random(3));
      inPlace.dx = inPlace.g;
      apart.evaluate(v.plan(EPS));
      inPlace.evaluate(v.plan(EPS));
      Compare.bits("grad_input", apart.dx, inPlace.dx);
      Compare.bits("grad_weight", apart.dw, inPlace.dw);
    }
  }

  @Example
  void aReluBehindNeedsTheOutput() {
    for (Variant shape : new Variant[] {new Variant(2, 5, 3), new Variant(4, 5, 1)}) {
      Run r = new Run(shape, false, new Random(1));
      BatchNormalization plan = shape.relus(false, true).plan(EPS);
      Workspace w = new Workspace();
      String refusal =
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      plan.backwardTraining(
                          r.x, r.g, r.weight, r.mean, r.invStd, r.dx, r.dw, r.db, w))
              .getMessage();
      assertEquals("output is null", refusal);
      assertTrue(plan.needsOutput());
      BatchNormalization plain = shape.relus(true, false).plan(EPS);
      assertFalse(plain.needsOutput());
      plain.backwardEval(r.x, r.g, r.weight, r.runningMean, r.runningVar, r.dx, r.dw, r.db, w);
    }
  }

  /** Without gradZeros, the gradients of the zeros are 0. */
  @Example
  void gradZerosMayBeLeftOut() {
    for (Variant v :
        new Variant[] {
          new Variant(3, 5, 19, 4, false, false), new Variant(19, 20, 1, 2, true, false)
        }) {
      Run zero = new Run(v, false, new Random(4));
      Run none = new Run(v, false, new Random(4));
      Arrays.fill(zero.gradZeros, 0);
      zero.train(v.plan(EPS));
      none.train(v.plan(EPS)); // for the statistics
      v.plan(EPS)
          .backwardTraining(
              none.x,
              none.g,
              none.weight,
              none.mean,
              none.invStd,
              none.dx,
              none.dw,
              none.db,
              new Workspace());
      Compare.bits("grad_input", zero.dx, none.dx);
      Compare.bits("grad_weight", zero.dw, none.dw);
      Compare.bits("grad_bias", zero.db, none.db);
    }
  }

  /** One value that is held is enough where there are zeros. */
  @Example
  void oneValueAndAZeroHaveAVariance() {
    checkTraining(new Variant(1, 20, 1, 1, false, false), new Random(8));
    Run r = new Run(new Variant(1, 20, 1), false, new Random(8));
    assertThrows(
        IllegalArgumentException.class,
        () -> r.train(BatchNormalization.of(1, 20, 1).reluInput(true).build()));
  }

  @Example
  void tooManyZerosAreRefused() {
    refused("zeros is -1 but must be at least 0", () -> BatchNormalization.of(2, 3, 4).zeros(-1));
    int most = Integer.MAX_VALUE / 2 - 4;
    BatchNormalization.of(2, 3, 4).zeros(most).build();
    refused(
        "zeros is " + (most + 1) + " but must be between 0 and " + most,
        () -> BatchNormalization.of(2, 3, 4).zeros(most + 1).build());
    refused(
        "zeros is 1 but must be 0 with relu_output",
        () -> BatchNormalization.of(2, 3, 4).zeros(1).reluOutput(true).build());
  }

  private static void refused(String part, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  /** NaN passes a ReLU, both ways, and negative infinity does not. */
  @Example
  void reluTreatsSpecialValuesAsTheActivationDoes() {
    for (Variant shape : new Variant[] {new Variant(3, 3, 19), new Variant(19, 20, 1)}) {
      for (boolean training : new boolean[] {true, false}) {
        Variant v = shape.relus(true, false);
        Run fused = new Run(v, false, new Random(6));
        Run apart = new Run(v, false, new Random(6));
        fused.x[v.plane] = Float.NaN; // in channel 1
        fused.x[2 * v.plane] = Float.NEGATIVE_INFINITY; // in channel 2
        fused.x[2 * v.plane + v.plane / 2] = -0.0f;
        Activation relu = Activation.relu(v.size());
        relu.forward(fused.x, apart.x, new Workspace());
        BatchNormalization plain =
            BatchNormalization.of(v.batch, v.channels, v.plane).eps(EPS).build();
        if (training) {
          fused.train(v.plan(EPS));
          apart.train(plain);
        } else {
          fused.evaluate(v.plan(EPS));
          apart.evaluate(plain);
        }
        float[] dx = new float[v.size()];
        relu.backward(fused.x, apart.x, apart.dx, dx, new Workspace());
        Compare.exact("output", apart.y, fused.y);
        Compare.exact("grad_input", dx, fused.dx);
        Compare.exact("grad_weight", apart.dw, fused.dw);
        Compare.exact("running_mean", apart.runningMean, fused.runningMean);
      }
    }
  }
}
