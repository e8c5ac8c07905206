package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.NaiveBatchNormalization;
import io.github.lanewise.testing.Sizes;
import io.github.lanewise.testing.Workspaces;
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

class BatchNormalizationProperties {
  private static final double EPS = 1e-5;
  private static final double MOMENTUM = 0.1;

  private record Shape(int batch, int channels, int plane) {
    int size() {
      return batch * channels * plane;
    }
  }

  @Provide
  Arbitrary<Shape> shapes() {
    Arbitrary<Integer> batch = Arbitraries.of(1, 2, 3, 5, 300);
    Arbitrary<Integer> plane = Arbitraries.oneOf(Arbitraries.just(1), Sizes.any());
    return Combinators.combine(batch, Sizes.any(), plane)
        .as(Shape::new)
        .filter(s -> s.batch * s.plane > 1 && s.size() < 30_000);
  }

  /** Shapes for each way to cut the work: blocks, slabs, few and many large channels. */
  private static final Shape[] LARGE = {
    new Shape(100, 3, 784),
    new Shape(5, 3, 10_007),
    new Shape(1, 2, 140_001),
    new Shape(21, 2, 10_007),
    new Shape(2, 1, 1 << 16), // two slabs of a channel that a task takes whole
    new Shape(1501, 2, 100), // small planes, some images at a time
    new Shape(70, 65, 101),
    new Shape(1100, 70, 1),
    new Shape(2, 150_001, 1)
  };

  /** What a training step and its backward pass give. */
  private record Results(
      float[] output,
      float[] mean,
      float[] invStd,
      float[] runningMean,
      float[] runningVar,
      float[] gradInput,
      float[] gradWeight,
      float[] gradBias) {
    void assertSameBits(Results other) {
      Compare.bits("output", output, other.output);
      Compare.bits("saved_mean", mean, other.mean);
      Compare.bits("saved_inv_std", invStd, other.invStd);
      Compare.bits("running_mean", runningMean, other.runningMean);
      Compare.bits("running_var", runningVar, other.runningVar);
      Compare.bits("grad_input", gradInput, other.gradInput);
      Compare.bits("grad_weight", gradWeight, other.gradWeight);
      Compare.bits("grad_bias", gradBias, other.gradBias);
    }
  }

  /** The arrays of a problem. */
  private record Inputs(
      float[] x, float[] weight, float[] bias, float[] g, float[] runningMean, float[] runningVar) {
    static Inputs normal(Shape s, double offset, Random random) {
      float[] x = Data.normals(s.size(), random);
      for (int i = 0; i < x.length; i++) {
        x[i] += (float) offset * (i / s.plane % s.channels % 3 - 1);
      }
      float[] variances = Data.normals(s.channels, random);
      for (int c = 0; c < variances.length; c++) {
        variances[c] = variances[c] * variances[c] + 0.1f;
      }
      return new Inputs(
          x,
          Data.normals(s.channels, random),
          Data.normals(s.channels, random),
          Data.normals(s.size(), random),
          Data.normals(s.channels, random),
          variances);
    }
  }

  private static Results train(
      BatchNormalization plan, Inputs in, Random random, Workspace w, boolean inPlace) {
    int channels = in.weight.length;
    Guarded x = Guarded.of(in.x, random);
    Guarded weight = Guarded.of(in.weight, random);
    Guarded bias = Guarded.of(in.bias, random);
    Guarded y = Guarded.forResult(in.x.length, random);
    Guarded mean = Guarded.forResult(channels, random);
    Guarded invStd = Guarded.forResult(channels, random);
    Guarded runningMean = Guarded.of(in.runningMean, random);
    Guarded runningVar = Guarded.of(in.runningVar, random);
    plan.forwardTraining(
        x.array,
        x.offset,
        weight.array,
        weight.offset,
        bias.array,
        bias.offset,
        y.array,
        y.offset,
        mean.array,
        mean.offset,
        invStd.array,
        invStd.offset,
        runningMean.array,
        runningMean.offset,
        runningVar.array,
        runningVar.offset,
        MOMENTUM,
        w);
    Guarded g = Guarded.of(in.g, random);
    Guarded dx = inPlace ? g : Guarded.forResult(in.x.length, random);
    Guarded dw = Guarded.forResult(channels, random);
    Guarded db = Guarded.forResult(channels, random);
    plan.backwardTraining(
        x.array,
        x.offset,
        null,
        0,
        g.array,
        g.offset,
        null,
        0,
        weight.array,
        weight.offset,
        mean.array,
        mean.offset,
        invStd.array,
        invStd.offset,
        dx.array,
        dx.offset,
        dw.array,
        dw.offset,
        db.array,
        db.offset,
        w);
    return new Results(
        y.values("output"),
        mean.values("saved_mean"),
        invStd.values("saved_inv_std"),
        runningMean.values("running_mean"),
        runningVar.values("running_var"),
        dx.values("grad_input"),
        dw.values("grad_weight"),
        db.values("grad_bias"));
  }

  private static double[] widened(float[] values) {
    double[] result = new double[values.length];
    Arrays.setAll(result, i -> values[i]);
    return result;
  }

  private static void checkTraining(Shape s, Inputs in, double offset, Random random) {
    BatchNormalization plan = BatchNormalization.of(s.batch, s.channels, s.plane).eps(EPS).build();
    Results r = train(plan, in, random, new Workspace(), random.nextBoolean());
    NaiveBatchNormalization e =
        new NaiveBatchNormalization(
            widened(in.x), s.channels, s.plane, widened(in.weight), widened(in.bias), EPS);
    e.backward(widened(in.g), true);
    double count = s.batch * s.plane;
    // the mean is kept as a float: its rounding error, in units of the spread, is everywhere
    double lost = 1e-7 * offset;
    // with few values a variance may be small, and errors grow with 1 / √variance
    double least = Arrays.stream(e.variance).min().getAsDouble();
    double grow = Math.max(1, 1 / Math.sqrt(least + EPS));
    Bounds.close("output", e.output, 4e-6 + 1e-6 * grow, 2e-6 * grow, r.output);
    Bounds.close("saved_mean", e.mean, 1e-6 + lost, 1e-6, r.mean);
    double[] invStd = new double[s.channels];
    double[] runningMean = new double[s.channels];
    double[] runningVar = new double[s.channels];
    for (int c = 0; c < s.channels; c++) {
      invStd[c] = 1 / Math.sqrt(e.variance[c] + EPS);
      runningMean[c] = (1 - MOMENTUM) * in.runningMean[c] + MOMENTUM * e.mean[c];
      runningVar[c] =
          (1 - MOMENTUM) * in.runningVar[c] + MOMENTUM * e.variance[c] * count / (count - 1);
    }
    Bounds.close("saved_inv_std", invStd, 0, 2e-6 * grow, r.invStd);
    Bounds.close("running_mean", runningMean, 1e-6 + lost, 1e-6, r.runningMean);
    Bounds.close("running_var", runningVar, 1e-6, 4e-6, r.runningVar);
    double sums = 2e-6 * Math.sqrt(count); // with 1e-6, one sum of 300 in 20,000 is beyond
    Bounds.close("grad_bias", e.gradBias, sums, 1e-6, r.gradBias);
    Bounds.close("grad_weight", e.gradWeight, (sums + count * lost) * grow, 4e-6, r.gradWeight);
    double gradient = (1e-5 + 4 * lost) * grow * grow;
    Bounds.close("grad_input", e.gradInput, gradient, 4e-6 * grow, r.gradInput);
  }

  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  void trainingFollowsTheFormulas(@ForAll("shapes") Shape s, @ForAll long seed) {
    Random random = new Random(seed);
    checkTraining(s, Inputs.normal(s, 0, random), 0, random);
  }

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  void aLargeMeanCostsNoPrecision(@ForAll("shapes") Shape s, @ForAll long seed) {
    Random random = new Random(seed);
    checkTraining(s, Inputs.normal(s, 1000, random), 1000, random);
  }

  /** So large that a difference of squares would have nothing left of the variance. */
  @Example
  void aVeryLargeMeanCostsNoPrecision() {
    for (Shape s : new Shape[] {new Shape(300, 48, 1), new Shape(9, 3, 784)}) {
      checkTraining(s, Inputs.normal(s, 1e5, new Random(4)), 1e5, new Random(5));
    }
  }

  /** Squares that vanish as floats leave a difference below 0, of which there is no root. */
  @Example
  void aVanishingVarianceIsNotBelowZero() {
    for (Shape s : new Shape[] {new Shape(300, 70, 1), new Shape(3, 5, 4099)}) {
      Random random = new Random(6);
      Inputs in = Inputs.normal(s, 0, random);
      for (int i = 0; i < in.x.length; i++) {
        in.x[i] = i < in.x.length / s.batch ? 0 : 2e-23f;
      }
      BatchNormalization plan = BatchNormalization.of(s.batch, s.channels, s.plane).eps(0).build();
      for (float invStd : train(plan, in, random, new Workspace(), false).invStd) {
        assertTrue(invStd > 0, () -> "saved_inv_std is " + invStd + " for " + s);
      }
    }
  }

  @Example
  void largeArraysFollowTheFormulas() {
    for (Shape s : LARGE) {
      checkTraining(s, Inputs.normal(s, 10, new Random(1)), 10, new Random(2));
    }
  }

  /** The first rows are where the deviations are taken from: they must not spoil the variance. */
  @Example
  void anOutlyingBeginningIsNoHarm() {
    for (Shape s : new Shape[] {new Shape(100, 2, 784), new Shape(400, 20, 1)}) {
      Random random = new Random(3);
      Inputs in = Inputs.normal(s, 0, random);
      Arrays.fill(in.x, 0, s.channels * s.plane, 500);
      BatchNormalization plan = BatchNormalization.of(s.batch, s.channels, s.plane).build();
      Results r = train(plan, in, random, new Workspace(), false);
      NaiveBatchNormalization e =
          new NaiveBatchNormalization(
              widened(in.x), s.channels, s.plane, widened(in.weight), widened(in.bias), EPS);
      Bounds.close("output", e.output, 4e-6, 2e-5, r.output);
    }
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void evaluationIsExactOnIntegers(@ForAll("shapes") Shape s, @ForAll long seed) {
    Random random = new Random(seed);
    float[] x = Data.integers(s.size(), random);
    float[] w = Data.integers(s.channels, random);
    float[] b = Data.integers(s.channels, random);
    float[] g = Data.integers(s.size(), random);
    float[] mean = Data.integers(s.channels, random);
    float[] variance = new float[s.channels];
    for (int c = 0; c < s.channels; c++) {
      variance[c] = random.nextBoolean() ? 0.75f : 3.75f; // roots of 1 and 4 with eps 0.25
    }
    NaiveBatchNormalization e =
        new NaiveBatchNormalization(
            widened(x),
            s.channels,
            s.plane,
            widened(w),
            widened(b),
            0.25,
            widened(mean),
            widened(variance));
    e.backward(widened(g), false);
    BatchNormalization plan = BatchNormalization.of(s.batch, s.channels, s.plane).eps(0.25).build();
    Workspace workspace = new Workspace();
    Guarded y = Guarded.forResult(s.size(), random);
    Guarded dx = Guarded.forResult(s.size(), random);
    Guarded dw = Guarded.forResult(s.channels, random);
    Guarded db = Guarded.forResult(s.channels, random);
    plan.forwardEval(x, 0, w, 0, b, 0, mean, 0, variance, 0, y.array, y.offset, workspace);
    plan.backwardEval(
        x, 0, null, 0, g, 0, null, 0, w, 0, mean, 0, variance, 0, dx.array, dx.offset, dw.array,
        dw.offset, db.array, db.offset, workspace);
    Compare.exact("output", e.output, y.values("output"));
    Compare.exact("grad_input", e.gradInput, dx.values("grad_input"));
    Compare.exact("grad_weight", e.gradWeight, dw.values("grad_weight"));
    Compare.exact("grad_bias", e.gradBias, db.values("grad_bias"));
  }

  @Example
  void largeArraysAreExactInEvaluation() {
    for (Shape s : LARGE) {
      evaluationIsExactOnIntegers(s, s.size());
    }
  }

  @Example
  void withoutWeightAndBiasTheyAreOneAndZero() {
    Random random = new Random(5);
    for (Shape s : new Shape[] {new Shape(4, 5, 7), new Shape(9, 5, 1)}) {
      Inputs in = Inputs.normal(s, 0, random);
      float[] ones = new float[s.channels];
      Arrays.fill(ones, 1);
      BatchNormalization plan = BatchNormalization.of(s.batch, s.channels, s.plane).build();
      float[][] y = new float[2][s.size()];
      float[][] dx = new float[2][s.size()];
      float[] mean = new float[s.channels];
      float[] invStd = new float[s.channels];
      for (int i = 0; i < 2; i++) {
        float[] weight = i == 0 ? null : ones;
        float[] bias = i == 0 ? null : new float[s.channels];
        Workspace w = new Workspace();
        plan.forwardTraining(in.x, weight, bias, y[i], mean, invStd, null, null, 0, w);
        plan.backwardTraining(in.x, in.g, weight, mean, invStd, dx[i], null, null, w);
      }
      Compare.bits("output", y[1], y[0]);
      Compare.bits("grad_input", dx[1], dx[0]);
    }
  }

  @Property(tries = 50, edgeCases = EdgeCasesMode.NONE)
  void referenceGradientsAreDifferenceQuotients(@ForAll("shapes") Shape s, @ForAll long seed) {
    Random random = new Random(seed);
    if (s.size() > 500) {
      return;
    }
    Inputs in = Inputs.normal(s, 0, random);
    double[] x = widened(in.x);
    double[] g = widened(in.g);
    NaiveBatchNormalization e = naive(s, in, x);
    e.backward(g, true);
    double h = 1e-6;
    for (int i = 0; i < x.length; i++) {
      double kept = x[i];
      x[i] = kept + h;
      double above = dot(naive(s, in, x).output, g);
      x[i] = kept - h;
      double below = dot(naive(s, in, x).output, g);
      x[i] = kept;
      double scale = 1 / (e.variance[i / s.plane % s.channels] + EPS);
      assertEquals((above - below) / (2 * h), e.gradInput[i], 1e-5 * (1 + scale), "at " + i);
    }
  }

  private static NaiveBatchNormalization naive(Shape s, Inputs in, double[] x) {
    return new NaiveBatchNormalization(
        x, s.channels, s.plane, widened(in.weight), widened(in.bias), 0.1);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Example
  void bitsDependOnTheArraysOnly() {
    for (Shape s : LARGE) {
      Random random = new Random(s.size());
      Inputs in = Inputs.normal(s, 1, random);
      BatchNormalization plan = BatchNormalization.of(s.batch, s.channels, s.plane).build();
      Results expected = train(plan, in, random, new Workspace(), false);
      for (int width = 1; width <= 3; width++) {
        Parallelism threads = Workspaces.threads(width);
        Workspace w = Workspaces.filled(plan.workspaceSize(threads), Float.NaN, threads);
        train(plan, in, random, w, width == 2).assertSameBits(expected);
      }
    }
  }

  @Example
  void nanAndInfinityStayInTheirChannel() {
    for (Shape s : new Shape[] {new Shape(3, 3, 19), new Shape(19, 3, 1), new Shape(19, 20, 1)}) {
      for (float special : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
        Random random = new Random(6);
        Inputs in = Inputs.normal(s, 0, random);
        in.x[s.plane] = special; // in channel 1
        BatchNormalization plan = BatchNormalization.of(s.batch, s.channels, s.plane).build();
        Results r = train(plan, in, random, new Workspace(), false);
        for (int i = 0; i < s.size(); i++) {
          boolean spoilt = i / s.plane % s.channels == 1;
          assertEquals(spoilt, Float.isNaN(r.output[i]), "output " + i);
          assertEquals(spoilt, Float.isNaN(r.gradInput[i]), "grad_input " + i);
        }
        assertEquals(special, r.runningMean[1]);
        assertTrue(Float.isNaN(r.runningVar[1]));
      }
    }
  }

  /** The lanes beyond a plane's last element add nothing, not even 0 · ∞. */
  @Example
  void anInfiniteMeanGivesAnInfiniteGradient() {
    for (int plane : new int[] {5, 19, 40}) {
      float[] x = new float[plane];
      float[] g = new float[plane];
      Arrays.fill(g, 1);
      float[] mean = {Float.POSITIVE_INFINITY};
      float[] dw = new float[1];
      BatchNormalization.of(1, 1, plane)
          .build()
          .backwardEval(
              x, g, null, mean, new float[1], new float[plane], dw, null, new Workspace());
      assertEquals(Float.NEGATIVE_INFINITY, dw[0]);
    }
  }

  @Example
  void oneValueAChannelIsRefusedInTraining() {
    BatchNormalization plan = BatchNormalization.of(1, 40, 1).build();
    float[] a = new float[40];
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    plan.forwardTraining(
                        a,
                        null,
                        null,
                        new float[40],
                        new float[40],
                        new float[40],
                        null,
                        null,
                        0.1,
                        new Workspace()))
            .getMessage();
    assertTrue(message.contains("more than 1 value per channel"), message);
    plan.forwardEval(a, null, null, a, a, new float[40], new Workspace());
  }

  @Example
  void wrongArraysAreRefusedByName() {
    BatchNormalization plan = BatchNormalization.of(2, 5, 3).build();
    float[] x = new float[30];
    float[] c = new float[5];
    float[] short4 = new float[4];
    Workspace w = new Workspace();
    refused("weight has 4", () -> plan.forwardEval(x, short4, c, c, c, new float[30], w));
    refused("bias has 4", () -> plan.forwardEval(x, c, short4, c, c, new float[30], w));
    refused("running_mean has 4", () -> plan.forwardEval(x, c, c, short4, c, new float[30], w));
    refused("running_var has 4", () -> plan.forwardEval(x, c, c, c, short4, new float[30], w));
    refused("running_mean is null", () -> plan.forwardEval(x, c, c, null, c, new float[30], w));
    refused("overlap", () -> plan.forwardEval(x, c, c, c, c, x, w));
    float[] y = new float[30];
    refused(
        "saved_mean [0, 5) and saved_inv_std [0, 5) overlap",
        () -> plan.forwardTraining(x, null, null, y, c, c, null, null, 0.1, w));
    refused(
        "running_var is null",
        () -> plan.forwardTraining(x, c, c, y, five(), five(), five(), null, 0.1, w));
    refused(
        "momentum is 1.5",
        () -> plan.forwardTraining(x, c, c, y, five(), five(), null, null, 1.5, w));
    refused("eps is -1.0", () -> BatchNormalization.of(1, 1, 1).eps(-1));
    refused("plane is 0", () -> BatchNormalization.of(1, 1, 0));
    refused("more elements", () -> BatchNormalization.of(1 << 20, 1 << 20, 1).build());
  }

  private static float[] five() {
    return new float[5];
  }

  private static void refused(String part, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
