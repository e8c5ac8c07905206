package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.MaxPoolingTest.assertRefused;
import static io.github.lanewise.testing.Registers.choose;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.kernel.SplitNormalization.Variant;
import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.ConvolutionCase;
import io.github.lanewise.testing.ConvolutionCases;
import io.github.lanewise.testing.ConvolutionData;
import io.github.lanewise.testing.ConvolutionPlan;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.Sizes;
import io.github.lanewise.testing.Workspaces;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;
import net.jqwik.api.statistics.StatisticsReport.StatisticsReportMode;
import org.junit.jupiter.api.function.Executable;

/** Convolutions of what they normalise themselves, against the two operations one by one. */
class FusedNormalizationProperties {
  /** A problem that takes a normalisation where vectors have so many bits, or more. */
  private record Listed(int bits, ConvolutionCase problem) {
    Listed(int bits, String line) {
      this(bits, ConvolutionCase.parse(line));
    }
  }

  private static final int NEVER = Integer.MAX_VALUE;

  private static final Listed[] LISTED = {
    new Listed(choose(256, NEVER), "convT mb3ic16ih32iw32oc3kh3ph1"), // mnist's dae, its second one
    new Listed(choose(128, 256), "convT mb2ic4ih6iw16oc2kh3ph1"),
    new Listed(128, "convT mb2ic2ih6iw17oc2kh3ph1"), // a vector and one position
    new Listed(256, "convT mb2ic3ih9iw5oc1kh3ph1"), // rows shorter than a vector
    new Listed(128, "conv mb2ic3ih6iw7oc2kh3ph1"),
    new Listed(128, "conv mb2ic1iw130oc1kw25pw12"),
    new Listed(128, "conv mb2ic3ih9iw19oc2kh3ph1"),
    new Listed(128, "conv g3mb2ic6ih7iw21oc3kh3ph1"),
    new Listed(256, "conv g5mb2ic5ih7iw11oc15kh3ph1"),
    new Listed(128, "convT g3mb2ic6ih7iw21oc6kh3ph1"),
    new Listed(256, "convT g5mb2ic5ih7iw11oc15kh3ph1"),
    new Listed(128, "conv g67mb2ic67iw19oc67kw3pw1"),
    new Listed(128, "conv mb2ic2ih3iw5oc1kh3ph4"), // padding larger than the kernel
    new Listed(choose(128, 256), "convT mb2ic2ih9iw11oc2kh2kw3ph3pw4"), // the same crops
    new Listed(128, "conv mb2ic3ih19iw17oc2kh3sh2ph1sw1"), // rows that no window reaches
    new Listed(128, "convT mb2ic3ih9iw17oc2kh3sh2ph1sw1"),
    new Listed(256, "convT mb2ic3ih9iw19oc3kh1kw1"),
    new Listed(128, "convT mb2ic4ih70iw70oc2kh3ph1"), // the weight gradient in bands of rows
    new Listed(128, "conv mb2ic4ih70iw70oc2kh3ph1"),
    new Listed(128, "conv mb17ic4ih20iw23oc2kh3ph1"), // and in chunks of the batch
    new Listed(128, "convT mb17ic4ih20iw23oc2kh3ph1"),
    new Listed(256, "conv ic8ih61iw44oc3kh5ph2"), // one image in windows of rows
    new Listed(512, "convT ic8ih61iw44oc3kh5ph2"),
    new Listed(256, "conv ic1iw16001oc8kw9pw4"), // and of columns
    new Listed(256, "convT ic8iw16001oc1kw9pw4"),
    new Listed(NEVER, "conv mb2ic40iw19oc64kw3pw1"),
    new Listed(NEVER, "conv mb2ic2iw39oc2kw3sw2pw1"),
    new Listed(NEVER, "convT mb2ic2ih9iw9oc2kh3sh2ph1")
  };

  @Provide
  Arbitrary<ConvolutionCase> problems() {
    return Arbitraries.frequencyOf(
        Tuple.of(1, ConvolutionCases.any()), Tuple.of(4, ConvolutionCases.narrow()));
  }

  @Provide
  Arbitrary<Variant> variants() {
    return Arbitraries.of(Variant.ALL);
  }

  @Property(tries = 800, edgeCases = EdgeCasesMode.NONE)
  @StatisticsReport(StatisticsReportMode.OFF)
  void sameBitsAsOneByOne(
      @ForAll("problems") ConvolutionCase c, @ForAll("variants") Variant v, @ForAll long seed) {
    check(c, v, new Random(seed));
    if (Lanewise.vectorBits() > 0) {
      Statistics.label(c.transposed() ? "convT" : "conv")
          .collect(ConvolutionPlan.of(c).takesNormalization())
          .coverage(samples -> samples.check(true).percentage(p -> p >= 20));
    }
  }

  @Example
  void listedProblems() {
    List<String> others = new ArrayList<>();
    for (Listed listed : LISTED) {
      ConvolutionCase c = listed.problem;
      if (Lanewise.vectorBits() >= listed.bits != ConvolutionPlan.of(c).takesNormalization()) {
        others.add(c.toString());
      }
      for (Variant v : Variant.ALL) {
        check(c, v, new Random(5));
      }
    }
    assertEquals(List.of(), others);
  }

  private static void check(ConvolutionCase c, Variant v, Random random) {
    ConvolutionPlan plan = ConvolutionPlan.of(c);
    int plane = c.height().size() * c.width().size();
    if (plane == 1) {
      BatchNormalization one = BatchNormalization.of(c.batch(), c.inChannels(), 1).build();
      assertRefused("plane must be at least 2", one::fused);
      return;
    }
    SplitNormalization n = new SplitNormalization(c.batch(), c.inChannels(), plane, v, random);
    ConvolutionData data = ConvolutionData.normals(c, random);
    if (plan.takesNormalization()) {
      checkSameBits(c, plan, n, data);
    } else {
      checkRefused(c, plan, n, data);
    }
  }

  private static void checkSameBits(
      ConvolutionCase c, ConvolutionPlan plan, SplitNormalization n, ConvolutionData data) {
    Workspace workspace = new Workspace();
    Guarded weight = Guarded.behind(data.weight());
    Guarded bias = Guarded.behind(data.bias());
    Guarded gradOutput = Guarded.behind(data.gradOutput());
    Guarded expected = Guarded.behind(c.outputSize());
    Guarded expectedGradient = Guarded.behind(c.weightSize());
    Guarded normalized = Guarded.of(n.output, null);
    plan.forward(normalized, weight, bias, expected, workspace);
    plan.backwardWeight(normalized, gradOutput, expectedGradient, workspace);
    Guarded input = Guarded.behind(n.input);
    for (int width = 1; width <= 2; width++) {
      Parallelism threads = Workspaces.threads(width);
      long floats = Math.max(plan.workspaceSize(threads), n.plan.workspaceSize(threads));
      Workspace filled = Workspaces.filled(floats, Float.NaN, threads);
      n.forward(filled);
      Guarded output = Guarded.behind(c.outputSize());
      Guarded gradWeight = Guarded.behind(c.weightSize());
      plan.forward(input, n.fused, weight, bias, output, filled);
      plan.backwardWeight(input, n.fused, gradOutput, gradWeight, filled);
      same("output", expected, output);
      same("grad_weight", expectedGradient, gradWeight);
      assertEquals(floats, filled.size(), "the workspace had to grow");
    }
    Compare.bits("input afterwards", n.input, input.values("input"));
  }

  private static void same(String name, Guarded expected, Guarded actual) {
    Compare.bitsOrNan(name, expected.values(name), actual.values(name));
  }

  private static void checkRefused(
      ConvolutionCase c, ConvolutionPlan plan, SplitNormalization n, ConvolutionData data) {
    n.forward(new Workspace(Workspaces.threads(2)));
    Guarded input = Guarded.behind(n.input);
    Guarded weight = Guarded.behind(data.weight());
    Guarded gradOutput = Guarded.behind(data.gradOutput());
    Guarded output = Guarded.behind(c.outputSize());
    Workspace w = new Workspace();
    String refusal = "normalization is given, but this plan does not take one";
    assertRefused(refusal, () -> plan.forward(input, n.fused, weight, null, output, w));
    assertRefused(refusal, () -> plan.backwardWeight(input, n.fused, gradOutput, weight, w));
    Compare.bits("weight afterwards", data.weight(), weight.values("weight"));
    assertTrue(Float.isNaN(output.array[0]), "nothing was written");
  }

  /** Neither fewer channels, whose coefficients would end too early, nor other planes. */
  @Example
  void normalizationMustBeOfTheInputsShape() {
    for (String line : new String[] {"conv mb4ic2ih4iw18oc2kh3", "convT mb4ic2ih4iw18oc2kh3"}) {
      ConvolutionPlan plan = ConvolutionPlan.of(ConvolutionCase.parse(line));
      Guarded x = Guarded.behind(plan.inputSize());
      Guarded w = Guarded.behind(plan.weightSize());
      Guarded y = Guarded.behind(plan.outputSize());
      Workspace workspace = new Workspace();
      if (Lanewise.vectorBits() == 0) {
        assertFalse(plan.takesNormalization());
        assertRefused("normalization", () -> plan.forward(x, null, w, null, y, workspace));
        continue;
      }
      assertTrue(plan.takesNormalization(), line);
      for (int[] s : new int[][] {{4, 1, 144}, {4, 4, 36}, {2, 2, 144}, {8, 2, 36}, {4, 2, 71}}) {
        FusedNormalization other = BatchNormalization.of(s[0], s[1], s[2]).build().fused();
        String refusal =
            "normalization is of arrays of shape "
                + Arrays.toString(s)
                + " but must be of [4, 2, 72]";
        assertRefused(refusal, () -> plan.forward(x, other, w, null, y, workspace));
        assertRefused(refusal, () -> plan.backwardWeight(x, other, y, w, workspace));
      }
      assertRefused("normalization is null", () -> plan.forward(x, null, w, null, y, workspace));
      assertRefused("normalization is null", () -> plan.backwardWeight(x, null, y, w, workspace));
    }
  }

  /** Each of its forward passes will do, its backward pass will not. */
  @Example
  void normalizationMustHaveBeenRun() {
    if (Lanewise.vectorBits() == 0) {
      return; // no plan takes one
    }
    ConvolutionPlan plan = ConvolutionPlan.of(ConvolutionCase.parse("conv mb4ic2ih4iw18oc2kh3"));
    Guarded x = Guarded.behind(plan.inputSize());
    Guarded w = Guarded.behind(plan.weightSize());
    Guarded y = Guarded.behind(plan.outputSize());
    float[] elements = new float[4 * 2 * 72];
    float[] two = {1, 1};
    Workspace workspace = new Workspace();
    for (boolean training : new boolean[] {true, false}) {
      FusedNormalization n = BatchNormalization.of(4, 2, 72).build().fused();
      n.backwardTraining(elements, elements, null, two, two, null, null, workspace);
      Executable forward = () -> plan.forward(x, n, w, null, y, workspace);
      Executable backwardWeight = () -> plan.backwardWeight(x, n, y, w, workspace);
      for (Executable pass : new Executable[] {forward, backwardWeight}) {
        String message = assertThrows(IllegalStateException.class, pass).getMessage();
        assertEquals(
            "normalization has no coefficients yet: call its forwardTraining or forwardEval first",
            message);
      }
      if (training) {
        n.forwardTraining(elements, null, null, two, two.clone(), null, null, 0, workspace);
      } else {
        n.forwardEval(null, null, two, two, workspace);
      }
      assertDoesNotThrow(forward);
      assertDoesNotThrow(backwardWeight);
    }
  }

  @Example
  void plansThatOthersCannotComputeAreRefused() {
    String refusal = "plane must be at least 2, zeros 0 and relu_output false";
    for (BatchNormalization.Builder builder :
        new BatchNormalization.Builder[] {
          BatchNormalization.of(3, 4, 1),
          BatchNormalization.of(3, 4, 5).zeros(1),
          BatchNormalization.of(3, 4, 5).reluOutput(true)
        }) {
      assertFalse(builder.build().isFusable());
      assertRefused(refusal, () -> builder.build().fused());
    }
    assertTrue(BatchNormalization.of(3, 4, 2).reluInput(true).build().isFusable());
  }

  /** In each backend, also where no convolution reads them: elements follow from coefficients. */
  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void elementsFollowFromTheCoefficients(
      @ForAll("shapes") int[] shape, @ForAll("variants") Variant v, @ForAll long seed) {
    checkCoefficients(shape, v, new Random(seed));
  }

  @Provide
  Arbitrary<int[]> shapes() {
    return Combinators.combine(
            Arbitraries.of(1, 2, 3, 17), Sizes.any(), Sizes.any().filter(size -> size > 1))
        .as((batch, channels, plane) -> new int[] {batch, channels, plane});
  }

  /** Tasks that take a part of a channel, and of which one leaves the coefficients. */
  @Example
  void elementsOfLargeArraysFollowFromTheCoefficients() {
    for (int[] shape : new int[][] {{1, 2, 140_001}, {200, 3, 784}, {140, 70, 13}}) {
      for (Variant v : Variant.ALL) {
        checkCoefficients(shape, v, new Random(7));
      }
    }
  }

  private static void checkCoefficients(int[] shape, Variant v, Random random) {
    SplitNormalization n = new SplitNormalization(shape[0], shape[1], shape[2], v, random);
    float[] gradOutput = Data.normals(n.input.length, random);
    for (int width = 1; width <= 2; width++) {
      Parallelism threads = Workspaces.threads(width);
      Workspace w = Workspaces.filled(n.plan.workspaceSize(threads), Float.NaN, threads);
      Passes.spoil(n.fused);
      n.forward(w);
      float[] gradInput = v.training() ? n.backward(gradOutput, w) : null;
      for (int i = 0; i < n.input.length; i++) {
        int channel = i / shape[2] % shape[1];
        float x = v.reluInput() && n.input[i] <= 0 ? 0 : n.input[i];
        assertEquals(n.output[i], output(x, n.fused.output.coefficients(), 4 * channel));
        if (v.training()) {
          float g = gradient(x, gradOutput[i], n.fused.gradient.coefficients(), 4 * channel);
          assertEquals(gradInput[i], v.reluInput() && n.input[i] <= 0 ? 0 : g);
        }
      }
    }
  }

  /** In float where vectors are, in double without. */
  private static float output(float x, double[] k, int c) {
    return Lanewise.vectorBits() > 0
        ? Math.fma(x - (float) k[c], (float) k[c + 1], (float) k[c + 2])
        : (float) ((x - k[c]) * k[c + 1] + k[c + 2]);
  }

  private static float gradient(float x, float g, double[] k, int c) {
    return Lanewise.vectorBits() > 0
        ? Math.fma(x - (float) k[c], -(float) k[c + 2], g - (float) k[c + 1]) * (float) k[c + 3]
        : (float) ((g - k[c + 1] - (x - k[c]) * k[c + 2]) * k[c + 3]);
  }
}
