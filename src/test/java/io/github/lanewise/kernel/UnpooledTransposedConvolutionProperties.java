package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.MaxPoolingTest.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.ConvolutionCase;
import io.github.lanewise.testing.ConvolutionData;
import io.github.lanewise.testing.NaiveConvolution;
import io.github.lanewise.testing.NaiveUnpooled;
import io.github.lanewise.testing.NaiveUnpooled.Given;
import io.github.lanewise.testing.UnpooledCase;
import io.github.lanewise.testing.UnpooledResults;
import io.github.lanewise.testing.UnpooledResults.Wanted;
import io.github.lanewise.testing.Workspaces;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;
import net.jqwik.api.statistics.StatisticsReport.StatisticsReportMode;

/** A transposed convolution of unpooled values against that of the dense input. */
class UnpooledTransposedConvolutionProperties {
  /** A problem of which both passes are worthwhile, or only the backward pass. */
  private record Listed(boolean forward, UnpooledCase problem) {
    static Listed both(String line, int entries) {
      return new Listed(true, UnpooledCase.parse(line, entries));
    }

    static Listed backward(String line, int entries) {
      return new Listed(false, UnpooledCase.parse(line, entries));
    }
  }

  /** L: floats of a vector. Behind the lines: what each is for, such as tiles of a kernel row. */
  private static final Listed[] LISTED = {
    Listed.both("convT mb2ic16iw20oc1Lkw25pw12", 10), // 10, 10, 3, 1, 1
    Listed.both("convT mb3ic17iw20oc1Lkw31pw15", 10), // 10, 10, 10, 1
    Listed.both("convT mb2ic16iw22oc1Lkw1", 11), // 1
    Listed.both("convT mb2ic19iw9oc2Lkw2", 4), // 3, 1
    Listed.both("convT mb2ic16iw20oc2Lkw5sw2opw1", 10), // 10; columns that no tap reaches
    Listed.both("convT mb3ic16ih4iw6oc1Lkh3ph1", 12), // three rows of 3
    Listed.both("convT mb2ic16ih4iw5oc1Lkh7kw9sh2sw1oph1opw0", 10), // rows that no tap reaches
    Listed.both("convT mb2ic24ih4iw4oc2L-1kh4kw3dh2dw1", 8), // an incomplete vector
    Listed.both("convT mb2ic16iw20oc1Lkw3pw5", 10), // crops more than the kernel's extent
    Listed.both("convT mb2ic16ih6iw7oc1Lkh2kw3ph3pw4", 21),
    Listed.both("convT mb19ic16iw8oc2Lkw3pw1", 4), // more images than parts
    Listed.both("convT mb2ic64iw16oc32kw25pw12", 8), // weights packed in several tasks
    Listed.backward("convT mb2ic3ih14iw14oc1Lkh3sh2ph1", 49),
    Listed.backward("convT mb3ic2ih20iw20oc4Lkh3sh2ph1oph1", 101), // bands of entries
    Listed.backward("convT mb17ic1iw40oc2L-1kw9sw3", 1),
    Listed.backward("convT mb1ic2ih33iw33oc1Lkh2sh2", 100) // gradients copied in several steps
  };

  private static final Random RANDOM = new Random(4);

  @Provide
  Arbitrary<UnpooledCase> problems() {
    return UnpooledCase.any();
  }

  @Example
  void listedProblems() {
    for (Listed listed : LISTED) {
      UnpooledCase c = listed.problem;
      UnpooledTransposedConvolution plan = c.plan();
      if (Lanewise.vectorBits() > 0) {
        assertEquals(
            "forward scatter-add sparse, backward channel-lanes sparse",
            plan.describe(),
            c::toString);
        assertEquals(listed.forward, plan.isForwardWorthwhile(), c::toString);
      }
      Random random = new Random(1);
      Parallelism threads = Workspaces.threads(3);
      for (int repetition = 0; repetition < 4; repetition++) { // with and without fill value, bias
        Given data = Given.random(c.dense(), c.entries(), true, random);
        long floats = plan.workspaceSize(threads);
        Workspace workspace = Workspaces.filled(floats, Float.NaN, threads);
        assertDense(
            c, data, UnpooledResults.of(plan, data, Wanted.ALL, workspace, random), c.toString());
        assertEquals(floats, workspace.size(), "the workspace had to grow");
      }
    }
  }

  /** Compares with the dense input, in which values of equal indices are added up. */
  private static void assertDense(UnpooledCase u, Given data, UnpooledResults r, String what) {
    ConvolutionCase c = u.dense();
    int plane = u.plane();
    float[] input = new float[c.inputSize()];
    for (int x = 0; x < input.length && data.fillValue() != null; x++) {
      input[x] = data.fillValue()[x / plane % c.inChannels()];
    }
    boolean[] held = new boolean[input.length];
    for (int e = 0; e < data.values().length; e++) {
      int x = e / u.entries() * plane + data.indices()[e];
      float fill =
          data.fillValue() == null ? 0 : data.fillValue()[e / u.entries() % c.inChannels()];
      input[x] = held[x] ? input[x] + data.values()[e] - fill : data.values()[e];
      held[x] = true;
    }
    NaiveConvolution dense =
        NaiveConvolution.of(
            c, new ConvolutionData(input, data.weight(), data.bias(), data.gradOutput()));
    double[] gradValues = new double[data.values().length];
    double[] gradFill = new double[c.inChannels()];
    for (int x = 0; x < input.length; x++) {
      gradFill[x / plane % c.inChannels()] += dense.gradInput()[x];
    }
    for (int e = 0; e < gradValues.length; e++) {
      gradValues[e] = dense.gradInput()[e / u.entries() * plane + data.indices()[e]];
      gradFill[e / u.entries() % c.inChannels()] -= gradValues[e];
    }
    Compare.exact(what + ": output", dense.output(), r.output());
    Compare.exact(what + ": grad_values", gradValues, r.gradValues());
    Compare.exact(what + ": grad_fill_value", gradFill, r.gradFillValue());
    Compare.exact(what + ": grad_weight", dense.gradWeight(), r.gradWeight());
    Compare.exact(what + ": grad_bias", dense.gradBias(), r.gradBias());
  }

  @Property(tries = 1200, edgeCases = EdgeCasesMode.NONE)
  @StatisticsReport(StatisticsReportMode.OFF)
  void integersAreExact(@ForAll("problems") UnpooledCase c, @ForAll long seed) {
    Random random = new Random(seed);
    Given data = Given.random(c.dense(), c.entries(), true, random);
    assertDense(c, data, UnpooledResults.of(c, data, random), "random");
    assertShare("forward scatter-add sparse", c, 12);
    assertShare("backward channel-lanes sparse", c, 30);
  }

  /** With vectors, enough samples must reach the kernels that this is about. */
  private static void assertShare(String name, UnpooledCase c, double percent) {
    if (Lanewise.vectorBits() > 0) {
      Statistics.label(name)
          .collect(c.plan().describe().contains(name))
          .coverage(samples -> samples.check(true).percentage(p -> p >= percent));
    }
  }

  /** Tiles that read past a row must not run past an array that ends there. */
  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  void arraysMayBeAsShortAsTheirData(@ForAll("problems") UnpooledCase c, @ForAll long seed) {
    Given data = Given.random(c.dense(), c.entries(), true, new Random(seed));
    assertDense(c, data, UnpooledResults.of(c, data, null), "short arrays");
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void normalValuesAreWithinTheBoundOfSummation(
      @ForAll("problems") UnpooledCase u, @ForAll long seed) {
    ConvolutionCase c = u.dense();
    Random random = new Random(seed);
    Given data = Given.random(c, u.entries(), false, random);
    NaiveUnpooled e = NaiveUnpooled.of(c, data);
    NaiveUnpooled m = NaiveUnpooled.magnitudes(c, data);
    UnpooledResults r = UnpooledResults.of(u, data, random);
    Compare.withinSummation(
        "output", e.output(), m.output(), NaiveUnpooled.outputTerms(c, data), r.output());
    Compare.withinSummation(
        "grad_values",
        e.gradValues(),
        m.gradValues(),
        NaiveConvolution.gradInputTerms(c),
        r.gradValues());
    Compare.withinSummation(
        "grad_fill_value",
        e.gradFillValue(),
        m.gradFillValue(),
        NaiveUnpooled.gradFillValueTerms(c),
        r.gradFillValue());
    Compare.withinSummation(
        "grad_weight",
        e.gradWeight(),
        m.gradWeight(),
        NaiveUnpooled.gradWeightTerms(c, data),
        r.gradWeight());
    Compare.withinSummation(
        "grad_bias",
        e.gradBias(),
        m.gradBias(),
        data.gradOutput().length / c.outChannels(),
        r.gradBias());
  }

  /**
   * A NaN or an infinity reaches the results whose sums it is in, and no others; positions without
   * a value are in none. In the gradient of the weight, what is cropped may count as zeros that are
   * multiplied: there, such a value may spoil all of its channel.
   */
  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  void specialValuesStayWhereTheyBelong(
      @ForAll("problems") UnpooledCase u, @ForAll boolean inValues, @ForAll long seed) {
    ConvolutionCase c = u.dense();
    Random random = new Random(seed);
    Given data = Given.random(c, u.entries(), true, random);
    float[] array = inValues ? data.values() : data.gradOutput();
    int at = random.nextInt(array.length);
    array[at] = ConvolutionProperties.special(random);
    UnpooledResults results = UnpooledResults.of(u, data, random);
    NaiveUnpooled expected = NaiveUnpooled.of(c, data);
    Compare.exact("output", expected.output(), results.output());
    Compare.exact("grad_values", expected.gradValues(), results.gradValues());
    Compare.exact("grad_fill_value", expected.gradFillValue(), results.gradFillValue());
    double[] gradWeight = expected.gradWeight().clone();
    int channel = gradWeight.length / c.inChannels();
    for (int i = 0; i < channel && inValues; i++) {
      int w = at / u.entries() % c.inChannels() * channel + i;
      gradWeight[w] = Float.isNaN(results.gradWeight()[w]) ? Double.NaN : gradWeight[w];
    }
    Compare.exact("grad_weight", gradWeight, results.gradWeight());
    Compare.exact("grad_bias", expected.gradBias(), results.gradBias());
  }

  /** Offsets, threads, the memory's former content, and which gradients are wanted: no bit. */
  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void resultsDependOnNothingElse(@ForAll("problems") UnpooledCase c, @ForAll long seed) {
    Random random = new Random(seed);
    Given data = Given.random(c.dense(), c.entries(), false, random);
    UnpooledTransposedConvolution plan = c.plan();
    UnpooledResults expected =
        UnpooledResults.of(plan, data, Wanted.ALL, new Workspace(), new Random(0));
    for (int width = 1; width <= 3; width++) {
      Parallelism threads = Workspaces.threads(width);
      for (Wanted wanted : Wanted.values()) {
        Workspace workspace = Workspaces.filled(plan.workspaceSize(threads), Float.NaN, threads);
        UnpooledResults.of(plan, data, wanted, workspace, random).assertSameBits(expected);
      }
    }
  }

  @Example
  void withoutOffsetsTheArraysBeginWithTheirData() {
    UnpooledTransposedConvolution plan =
        TransposedConvolution.convTranspose1d(1, 1, 1, 4, 2).build().unpooled(2);
    assertEquals(2, plan.valuesSize());
    assertEquals(2, plan.weightSize());
    assertEquals(5, plan.outputSize());
    float[] values = {3, 5};
    int[] indices = {2, 0};
    float[] weight = {1, 10};
    Workspace workspace = new Workspace();
    float[] output = new float[5];
    plan.forward(values, indices, null, weight, new float[] {100}, output, workspace);
    assertArrayEquals(new float[] {105, 150, 103, 130, 100}, output);
    float[] two = {2};
    plan.forward(values, indices, two, weight, null, output, workspace); // of 5, 2, 3, 2
    assertArrayEquals(new float[] {5, 52, 23, 32, 20}, output);
    float[] gradOutput = {1, 2, 3, 4, 5}; // of which the input's gradient is 21, 32, 43, 54
    float[] gradValues = new float[2];
    float[] gradFill = new float[1];
    float[] gradWeight = new float[2];
    float[] gradBias = new float[1];
    plan.backward(
        values, indices, null, weight, gradOutput, gradValues, null, gradWeight, null, workspace);
    assertArrayEquals(new float[] {43, 21}, gradValues);
    assertArrayEquals(new float[] {5 + 9, 10 + 12}, gradWeight);
    plan.backward(
        values,
        indices,
        two,
        weight,
        gradOutput,
        gradValues,
        gradFill,
        gradWeight,
        gradBias,
        workspace);
    assertArrayEquals(new float[] {32 + 54}, gradFill);
    assertArrayEquals(new float[] {15}, gradBias);
    assertArrayEquals(new float[] {5 + 4 + 9 + 8, 10 + 6 + 12 + 10}, gradWeight);
  }

  @Example
  void equalIndicesAddUp() {
    UnpooledTransposedConvolution plan =
        TransposedConvolution.convTranspose1d(1, 1, 1, 4, 2).build().unpooled(3);
    float[] output = new float[5];
    float[] weight = {1, 10};
    plan.forward(
        new float[] {3, 5, 4},
        new int[] {1, 0, 1},
        new float[] {2},
        weight,
        null,
        output,
        new Workspace()); // of 5, 5, 2, 2
    assertArrayEquals(new float[] {5, 55, 52, 22, 20}, output);
  }

  @Example
  void gradientOfTheFillValueNeedsThoseOfTheValues() {
    for (Listed listed : LISTED) {
      UnpooledTransposedConvolution plan = listed.problem.plan();
      Given data = Given.random(listed.problem.dense(), listed.problem.entries(), true, RANDOM);
      float[] gradFill = filled(data.channels());
      float[] gradWeight = filled(plan.weightSize());
      assertRefused(
          "grad_values is null but must be present where grad_fill_value is",
          () ->
              plan.backward(
                  data.values(),
                  data.indices(),
                  null,
                  data.weight(),
                  data.gradOutput(),
                  null,
                  gradFill,
                  gradWeight,
                  null,
                  new Workspace()));
      assertArrayEquals(filled(gradFill.length), gradFill);
      assertArrayEquals(filled(gradWeight.length), gradWeight);
    }
  }

  private static float[] filled(int size) {
    float[] array = new float[size];
    Arrays.fill(array, 7);
    return array;
  }

  @Example
  void badIndicesAreRefusedBeforeAnythingIsWritten() {
    for (Listed listed : LISTED) {
      UnpooledCase c = listed.problem;
      UnpooledTransposedConvolution plan = c.plan();
      Given data = Given.random(c.dense(), c.entries(), true, RANDOM);
      int at = RANDOM.nextInt(plan.valuesSize());
      float[] output = filled(plan.outputSize());
      float[] gradValues = filled(plan.valuesSize());
      float[] gradFill = filled(data.channels());
      float[] gradWeight = filled(plan.weightSize());
      float[] gradBias = filled(data.outChannels());
      Workspace workspace = new Workspace(Workspaces.threads(2));
      for (int bad : new int[] {-1, Integer.MIN_VALUE, c.plane(), Integer.MAX_VALUE}) {
        data.indices()[at] = bad;
        String message =
            "indices[%d] (element %d of plane %d) is %d but must be between 0 and %d"
                .formatted(at, at % c.entries(), at / c.entries(), bad, c.plane() - 1);
        assertRefused(
            message,
            () ->
                plan.forward(
                    data.values(),
                    data.indices(),
                    data.fillValue(),
                    data.weight(),
                    null,
                    output,
                    workspace));
        assertRefused(
            message,
            () ->
                plan.backward(
                    data.values(),
                    data.indices(),
                    data.fillValue(),
                    data.weight(),
                    data.gradOutput(),
                    gradValues,
                    gradFill,
                    gradWeight,
                    gradBias,
                    workspace));
      }
      assertArrayEquals(filled(output.length), output);
      assertArrayEquals(filled(gradBias.length), gradBias);
      assertArrayEquals(filled(gradValues.length), gradValues);
      assertArrayEquals(filled(gradFill.length), gradFill);
      assertArrayEquals(filled(gradWeight.length), gradWeight);
    }
  }

  @Example
  void numberOfValuesIsChecked() {
    TransposedConvolution plan = TransposedConvolution.convTranspose2d(1, 1, 1, 3, 4, 2).build();
    assertRefused("entries is 0 but must be between 1 and 12", () -> plan.unpooled(0));
    assertRefused("entries is 13 but must be between 1 and 12", () -> plan.unpooled(13));
    assertEquals(12, plan.unpooled(12).valuesSize());
  }
}
