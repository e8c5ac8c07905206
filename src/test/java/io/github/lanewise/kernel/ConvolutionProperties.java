package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.MaxPoolingTest.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.ConvolutionCase;
import io.github.lanewise.testing.ConvolutionCase.Axis;
import io.github.lanewise.testing.ConvolutionCases;
import io.github.lanewise.testing.ConvolutionData;
import io.github.lanewise.testing.ConvolutionPlan;
import io.github.lanewise.testing.ConvolutionResults;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.NaiveConvolution;
import io.github.lanewise.testing.Workspaces;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * What must hold for every pass of every convolution and transposed convolution. A failing sample
 * is printed as a line of the problem language.
 */
class ConvolutionProperties {
  @Provide
  Arbitrary<ConvolutionCase> problems() {
    return ConvolutionCases.any();
  }

  @Provide
  Arbitrary<ConvolutionCase> problemsWithDual() {
    return ConvolutionCases.any().filter(c -> dual(c) != null);
  }

  @Property(tries = 4000, edgeCases = EdgeCasesMode.NONE)
  void integersAreExact(@ForAll("problems") ConvolutionCase c, @ForAll long seed) {
    Random random = new Random(seed);
    ConvolutionData data = ConvolutionData.integers(c, random);
    ConvolutionResults.of(c, data, random).assertExactly(NaiveConvolution.of(c, data));
  }

  /** Tiles that read past a row must not run past an array that ends there. */
  @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
  void arraysMayBeAsShortAsTheirData(@ForAll("problems") ConvolutionCase c, @ForAll long seed) {
    ConvolutionData data = ConvolutionData.integers(c, new Random(seed));
    ConvolutionResults.of(c, data, null).assertExactly(NaiveConvolution.of(c, data));
  }

  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  void normalValuesAreWithinTheBoundOfSummation(
      @ForAll("problems") ConvolutionCase c, @ForAll long seed) {
    Random random = new Random(seed);
    ConvolutionData data = ConvolutionData.normals(c, random);
    NaiveConvolution e = NaiveConvolution.of(c, data);
    NaiveConvolution magnitude = NaiveConvolution.of(c, data.magnitudes());
    ConvolutionResults r = ConvolutionResults.of(c, data, random);
    Compare.withinSummation(
        "output", e.output(), magnitude.output(), NaiveConvolution.outputTerms(c), r.output());
    Compare.withinSummation(
        "grad_input",
        e.gradInput(),
        magnitude.gradInput(),
        NaiveConvolution.gradInputTerms(c),
        r.gradInput());
    Compare.withinSummation(
        "grad_weight",
        e.gradWeight(),
        magnitude.gradWeight(),
        NaiveConvolution.gradWeightTerms(c),
        r.gradWeight());
    Compare.withinSummation(
        "grad_bias",
        e.gradBias(),
        magnitude.gradBias(),
        NaiveConvolution.gradBiasTerms(c),
        r.gradBias());
  }

  /**
   * A NaN or an infinity reaches the results whose sums it is in, and no others. In the gradient of
   * the weight, padding may count as zeros that are multiplied, and 0 · ∞ is NaN: there it is the
   * operand that is padded which holds the special value.
   */
  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  void specialValuesStayWhereTheyBelong(
      @ForAll("problems") ConvolutionCase c, @ForAll boolean inInput, @ForAll long seed) {
    Random random = new Random(seed);
    ConvolutionData data = ConvolutionData.integers(c, random);
    float[] array = inInput ? data.input() : data.gradOutput();
    array[random.nextInt(array.length)] = special(random);
    ConvolutionResults results = ConvolutionResults.of(c, data, random);
    NaiveConvolution expected = NaiveConvolution.of(c, data);
    Compare.exact("output", expected.output(), results.output());
    Compare.exact("grad_input", expected.gradInput(), results.gradInput());
    Compare.exact("grad_bias", expected.gradBias(), results.gradBias());
    if (inInput != c.transposed()) {
      Compare.exact("grad_weight", expected.gradWeight(), results.gradWeight());
    }
  }

  static float special(Random random) {
    return new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}
        [random.nextInt(3)];
  }

  /** {@code f(a·x + b·y) = a·f(x) + b·f(y)} in input, and likewise in gradOutput. */
  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void everyPassIsLinear(@ForAll("problems") ConvolutionCase c, @ForAll long seed) {
    Random random = new Random(seed);
    float[] weight = Data.integers(c.weightSize(), random);
    ConvolutionData first = linearPart(c, weight, random);
    ConvolutionData second = linearPart(c, weight, random);
    ConvolutionData sum =
        new ConvolutionData(
            combined(first.input(), second.input()),
            weight,
            null,
            combined(first.gradOutput(), second.gradOutput()));
    ConvolutionResults x = ConvolutionResults.of(c, first, random);
    ConvolutionResults y = ConvolutionResults.of(c, second, random);
    ConvolutionResults both = ConvolutionResults.of(c, sum, random);
    Compare.exact("output", combined(x.output(), y.output()), both.output());
    Compare.exact("grad_input", combined(x.gradInput(), y.gradInput()), both.gradInput());
    Compare.exact("grad_bias", combined(x.gradBias(), y.gradBias()), both.gradBias());
  }

  private static ConvolutionData linearPart(ConvolutionCase c, float[] weight, Random random) {
    return new ConvolutionData(
        Data.integers(c.inputSize(), random), weight, null, Data.integers(c.outputSize(), random));
  }

  private static float[] combined(float[] x, float[] y) {
    float[] sum = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      sum[i] = 2 * x[i] - 3 * y[i];
    }
    return sum;
  }

  /** Integers times the smallest float give integers times the smallest float. */
  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void subnormalsAreNumbersLikeOthers(@ForAll("problems") ConvolutionCase c, @ForAll long seed) {
    Random random = new Random(seed);
    ConvolutionData data = linearPart(c, Data.integers(c.weightSize(), random), random);
    ConvolutionData tiny =
        new ConvolutionData(tiny(data.input()), data.weight(), null, tiny(data.gradOutput()));
    ConvolutionResults expected = ConvolutionResults.of(c, data, random);
    ConvolutionResults actual = ConvolutionResults.of(c, tiny, random);
    Compare.exact("output", tiny(expected.output()), actual.output());
    Compare.exact("grad_input", tiny(expected.gradInput()), actual.gradInput());
    Compare.exact("grad_bias", tiny(expected.gradBias()), actual.gradBias());
  }

  private static float[] tiny(float[] x) {
    float[] result = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      result[i] = x[i] * Float.MIN_VALUE;
    }
    return result;
  }

  /** {@code ⟨f(x, w), y⟩ = ⟨x, backwardInput(y, w)⟩ = ⟨w, backwardWeight(x, y)⟩}. */
  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void gradientsAreTheAdjoints(@ForAll("problems") ConvolutionCase c, @ForAll long seed) {
    Random random = new Random(seed);
    ConvolutionData data = linearPart(c, Data.integers(c.weightSize(), random), random);
    ConvolutionResults r = ConvolutionResults.of(c, data, random);
    double product = Data.dot(r.output(), data.gradOutput());
    assertEquals(product, Data.dot(data.input(), r.gradInput()), "by the input gradient");
    assertEquals(product, Data.dot(data.weight(), r.gradWeight()), "by the weight gradient");
  }

  /** {@code ⟨conv(x), y⟩ = ⟨x, convT(y)⟩}: the two operations are each other's input gradient. */
  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  void convolutionAndTransposedConvolutionAreAdjoint(
      @ForAll("problemsWithDual") ConvolutionCase c, @ForAll long seed) {
    Random random = new Random(seed);
    ConvolutionData data = linearPart(c, Data.integers(c.weightSize(), random), random);
    ConvolutionCase dual = dual(c);
    ConvolutionData swapped =
        new ConvolutionData(data.gradOutput(), data.weight(), null, data.input());
    ConvolutionResults here = ConvolutionResults.of(c, data, random);
    ConvolutionResults there = ConvolutionResults.of(dual, swapped, random);
    Compare.exact("output", here.output(), there.gradInput());
    Compare.exact("grad_input", here.gradInput(), there.output());
    Compare.exact("grad_weight", here.gradWeight(), there.gradWeight());
    assertEquals(
        Data.dot(here.output(), data.gradOutput()), Data.dot(data.input(), there.output()));
  }

  /** The problem that goes the other way, or null where the sizes of one have no such problem. */
  private static ConvolutionCase dual(ConvolutionCase c) {
    Axis height = c.dimensions() == 1 ? Axis.NONE : dual(c, c.height(), c.outHeight());
    Axis width = dual(c, c.width(), c.outWidth());
    return height == null || width == null
        ? null
        : new ConvolutionCase(
            "",
            !c.transposed(),
            c.dimensions(),
            c.groups(),
            c.batch(),
            c.outChannels(),
            c.inChannels(),
            height,
            width);
  }

  private static Axis dual(ConvolutionCase c, Axis a, int output) {
    if (c.transposed()) {
      // output_padding of a stride or more gives the convolution further windows
      boolean legal = a.outputPadding() < a.stride() && a.extent() <= output + 2 * a.padding();
      return legal ? new Axis(output, a.kernel(), a.stride(), a.padding(), a.dilation(), 0) : null;
    }
    int remainder = (a.size() + 2 * a.padding() - a.extent()) % a.stride();
    return new Axis(output, a.kernel(), a.stride(), a.padding(), a.dilation(), remainder);
  }

  /** Offsets, threads, the memory's former content and repetition never change a bit. */
  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void resultsDependOnNothingElse(@ForAll("problems") ConvolutionCase c, @ForAll long seed) {
    Random random = new Random(seed);
    ConvolutionData data = ConvolutionData.normals(c, random);
    ConvolutionPlan plan = ConvolutionPlan.of(c);
    ConvolutionResults expected =
        ConvolutionResults.of(plan, c, data, new Workspace(), new Random(0));
    for (int width : new int[] {1, 2, 3, 5}) {
      Parallelism threads = Workspaces.threads(width);
      Workspace workspace =
          Workspaces.filled(plan.workspaceSize(threads) + random.nextInt(100), Float.NaN, threads);
      for (int repetition = 0; repetition < 2; repetition++) {
        ConvolutionResults.of(plan, c, data, workspace, random).assertSameBits(expected);
      }
    }
  }

  @Example
  void withoutOffsetsTheArraysBeginWithTheirData() {
    float[] x = {1, 2, 3};
    float[] w = {1, 10};
    float[] dy = {1, 2};
    float[] y = new float[2];
    float[] dx = new float[3];
    float[] dw = new float[2];
    float[] db = new float[1];
    Workspace workspace = new Workspace();
    Convolution plain = Convolution.conv1d(1, 1, 1, 3, 2).build();
    plain.forward(x, w, new float[] {100}, y, workspace);
    assertArrayEquals(new float[] {121, 132}, y);
    plain.backwardInput(dy, w, dx, workspace);
    assertArrayEquals(new float[] {1, 12, 20}, dx);
    plain.backwardWeight(x, dy, dw, workspace);
    assertArrayEquals(new float[] {5, 8}, dw);
    plain.backwardBias(dy, db, workspace);
    assertArrayEquals(new float[] {3}, db);
    assertTrue(plain.describe().startsWith("forward "), plain::describe);

    TransposedConvolution transposed = TransposedConvolution.convTranspose1d(1, 1, 1, 2, 2).build();
    transposed.forward(dy, w, new float[] {100}, dx, workspace);
    assertArrayEquals(new float[] {101, 112, 120}, dx);
    transposed.backwardInput(x, w, y, workspace);
    assertArrayEquals(new float[] {21, 32}, y);
    transposed.backwardWeight(dy, x, dw, workspace);
    assertArrayEquals(new float[] {5, 8}, dw);
    transposed.backwardBias(x, db, workspace);
    assertArrayEquals(new float[] {6}, db);
    assertTrue(transposed.describe().startsWith("forward "), transposed::describe);
  }

  @Example
  void badArgumentsAreNamed() {
    assertRefused(
        "groups is 2 but must divide in_channels 3 and out_channels 4",
        () -> Convolution.conv1d(1, 3, 4, 9, 2).groups(2).build());
    assertRefused(
        "groups is 2 but must divide in_channels 4 and out_channels 3",
        () -> TransposedConvolution.convTranspose1d(1, 4, 3, 9, 2).groups(2).build());
    assertRefused(
        "kernel_size 4 with dilation 3 is larger than the input 9 with padding 0",
        () -> Convolution.conv1d(1, 1, 1, 9, 4).dilation(3).build());
    assertRefused(
        "output_padding is [0, 2] but must be smaller",
        () ->
            TransposedConvolution.convTranspose2d(1, 1, 1, 9, 9, 3)
                .stride(2)
                .outputPadding(0, 2)
                .build());
    assertRefused(
        "weight of shape [65536, 32768, 1, 1]",
        () -> Convolution.conv1d(1, 32768, 65536, 1, 1).build());
    assertRefused(
        "input size + 2 · padding + dilation · (kernel_size − 1) + 1 + stride is 536870916 but"
            + " must be at most 536870911 in width: the input is [3, 3], kernel_size [1, 1], stride"
            + " [1, 536870912], padding [0, 0], dilation [1, 1]",
        () -> Convolution.conv2d(1, 1, 1, 3, 3, 1).stride(1, 1 << 29).build());
    assertRefused(
        "output size + 2 · padding + dilation · (kernel_size − 1) + 1 + stride is 536870918 but"
            + " must be at most 536870911: the output is 536870912, kernel_size 3, stride 1, padding"
            + " 1, dilation 1",
        () -> TransposedConvolution.convTranspose1d(1, 1, 1, 1 << 29, 3).padding(1).build());
    Convolution.conv1d(1, 1, 1, 10, 3).stride(536_870_911 - 13).build();
    assertRefused(
        "is 536870912 but must be at most 536870911: the input is 10, kernel_size 3",
        () -> Convolution.conv1d(1, 1, 1, 10, 3).stride(536_870_911 - 12).build());
  }
}
