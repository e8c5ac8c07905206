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
      int batch, int channels, int plane, boolean reluInput, boolean reluOutput) {
    /** With a ReLU in front. */
    Variant(int batch, int channels, int plane) {
      this(batch, channels, plane, true, false);
    }

    Variant relus(boolean input, boolean output) {
      return new Variant(batch, channels, plane, input, output);
    }

    int size() {
      return batch * channels * plane;
    }

    int count() {
      return batch * plane;
    }

    BatchNormalization plan(double eps) {
      return BatchNormalization.of(batch, channels, plane)
          .eps(eps)
          .reluInput(reluInput)
          .reluOutput(reluOutput)
          .build();
    }
  }

  @Provide
  Arbitrary<Variant> variants() {
    Arbitrary<Integer> batch = Arbitraries.of(1, 2, 3, 5, 300);
    Arbitrary<Integer> plane = Arbitraries.oneOf(Arbitraries.just(1), Sizes.any());
    Arbitrary<Boolean> relu = Arbitraries.of(false, true);
    return Combinators.combine(batch, Sizes.any(), plane, relu, relu)
        .as(Variant::new)
        .filter(v -> v.count() > 1 && v.size() < 30_000);
  }

  /** Shapes for each way to cut the work. */
  private static final Variant[] LARGE = {
    new Variant(100, 3, 784),
    new Variant(1, 2, 140_001),
    new Variant(70, 65, 101),
    new Variant(1100, 70, 1),
    new Variant(1, 2, 140_001, false, true),
    new Variant(1100, 70, 1, false, true)
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
      if (plan.needsOutput()) {
        plan.backwardTraining(x, y, g, weight, mean, invStd, dx, dw, db, workspace);
      } else {
        plan.backwardTraining(x, g, weight, mean, invStd, dx, dw, db, workspace);
      }
    }

    void evaluate(BatchNormalization plan) {
      plan.forwardEval(x, weight, bias, runningMean, runningVar, y, workspace);
      if (plan.needsOutput()) {
        plan.backwardEval(x, y, g, weight, runningMean, runningVar, dx, dw, db, workspace);
      } else {
        plan.backwardEval(x, g, weight, runningMean, runningVar, dx, dw, db, workspace);
      }
    }
  }

  /** What should come out: the loops of the reference, with a loop for each thing besides. */
  private static final class Expected {
    final NaiveBatchNormalization naive;
    final double[] output;
    final double[] gradInput;

    Expected(Variant v, Run r, double[] mean, double[] variance, double eps) {
      double[] x = widened(r.x);
      for (int i = 0; i < x.length; i++) {
        x[i] = v.reluInput ? Math.max(x[i], 0) : x[i];
      }
      double[] w = widened(r.weight);
      double[] b = widened(r.bias);
      naive =
          variance == null
              ? new NaiveBatchNormalization(x, v.channels, v.plane, w, b, eps)
              : new NaiveBatchNormalization(x, v.channels, v.plane, w, b, eps, mean, variance);
      output = naive.output.clone();
      double[] g = widened(r.g);
      for (int i = 0; i < x.length && v.reluOutput; i++) {
        output[i] = Math.max(output[i], 0);
        g[i] = r.y[i] <= 0 ? 0 : g[i]; // the rounded one: near 0 it may have the other sign
      }
      naive.backward(g, variance == null);
      gradInput = naive.gradInput.clone();
      for (int i = 0; i < x.length; i++) {
        if (v.reluInput && r.x[i] <= 0) {
          gradInput[i] = 0;
        }
      }
    }
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
    double sums = 1e-6 * Math.sqrt(count);
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
      Variant v = shape.relus(true, true);
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
      plain.backwardEval(
          r.x, null, r.g, r.weight, r.runningMean, r.runningVar, r.dx, r.dw, r.db, w);
    }
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
