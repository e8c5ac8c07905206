package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.MaxPoolingTest.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.NaivePooling;
import io.github.lanewise.testing.PoolingCase;
import io.github.lanewise.testing.PoolingCase.Axis;
import io.github.lanewise.testing.Workspaces;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AveragePoolingTest {
  private static final Workspace WORKSPACE = new Workspace();

  @Provide
  Arbitrary<PoolingCase> problems() {
    return PoolingCase.undilated();
  }

  private static AveragePooling plan(PoolingCase c, boolean countIncludePad, int divisorOverride) {
    AveragePooling.Builder builder =
        c.dimensions() == 1
            ? AveragePooling.avgPool1d(
                c.batch(), c.channels(), c.width().size(), c.width().kernel())
            : AveragePooling.avgPool2d(
                c.batch(), c.channels(), c.height().size(), c.width().size(), c.axes(Axis::kernel));
    builder
        .stride(c.axes(Axis::stride))
        .padding(c.axes(Axis::padding))
        .ceilMode(c.ceilMode())
        .countIncludePad(countIncludePad);
    return divisorOverride == 0
        ? builder.build()
        : builder.divisorOverride(divisorOverride).build();
  }

  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  void isWhatTheFormulaSays(
      @ForAll("problems") PoolingCase c, @ForAll boolean countIncludePad, @ForAll long seed) {
    Random random = new Random(seed);
    int override = random.nextInt(4) == 0 ? 1 + random.nextInt(7) : 0;
    float[] input = Data.integers(c.inputSize(), random);
    if (random.nextInt(4) == 0) {
      float[] special = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
      input[random.nextInt(input.length)] = special[random.nextInt(3)];
    }
    float[] gradOutput = Data.normals(c.outputSize(), random);
    AveragePooling plan = plan(c, countIncludePad, override);
    assertEquals(c.inputSize(), plan.inputSize());
    assertEquals(c.outputSize(), plan.outputSize());

    Workspace workspace =
        Workspaces.filled(
            plan.workspaceSize(Parallelism.SEQUENTIAL), Float.NaN, Parallelism.SEQUENTIAL);
    Guarded in = Guarded.of(input, random);
    Guarded output = Guarded.forResult(c.outputSize(), random);
    plan.forward(in.array, in.offset, output.array, output.offset, workspace);
    // a sum of integers, divided once: the nearest float is the only right answer
    float[] expected = rounded(NaivePooling.average(c, countIncludePad, override, input));
    Compare.exact("output", expected, output.values("output"));

    Guarded grad = Guarded.of(gradOutput, random);
    Guarded gradInput = Guarded.forResult(c.inputSize(), random);
    plan.backward(grad.array, grad.offset, gradInput.array, gradInput.offset, workspace);
    Compare.withinSummation(
        "grad_input",
        NaivePooling.averageBackward(c, countIncludePad, override, gradOutput),
        NaivePooling.averageBackward(c, countIncludePad, override, Data.magnitudes(gradOutput)),
        c.height().kernel() * c.width().kernel() + 1L,
        gradInput.values("grad_input"));
  }

  private static float[] rounded(double[] values) {
    float[] result = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = (float) values[i];
    }
    return result;
  }

  /** Vectors that read past a row must not run past an array that ends there. */
  @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
  void arraysMayBeAsShortAsTheirData(@ForAll("problems") PoolingCase c, @ForAll long seed) {
    float[] input = Data.integers(c.inputSize(), new Random(seed));
    float[] output = new float[c.outputSize()];
    plan(c, true, 0).forward(input, output, WORKSPACE);
    Compare.exact("output", rounded(NaivePooling.average(c, true, 0, input)), output);
    float[] gradOutput = Data.integers(c.outputSize(), new Random(seed));
    float[] gradInput = new float[c.inputSize()];
    plan(c, true, 1).backward(gradOutput, gradInput, WORKSPACE);
    double[] expected = NaivePooling.averageBackward(c, true, 1, gradOutput);
    Compare.exact("grad_input", expected, gradInput);

    // arrays that end with their data, but begin before it
    int before = 50;
    float[] shifted = new float[before + gradOutput.length];
    System.arraycopy(gradOutput, 0, shifted, before, gradOutput.length);
    float[] shiftedResult = new float[before + gradInput.length];
    plan(c, true, 1).backward(shifted, before, shiftedResult, before, WORKSPACE);
    float[] result = Arrays.copyOfRange(shiftedResult, before, shiftedResult.length);
    Compare.exact("grad_input behind others", expected, result);
  }

  /** A sum that begins with 0 never is -0. */
  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void thereIsNoNegativeZero(@ForAll("problems") PoolingCase c) {
    AveragePooling plan = plan(c, true, 0);
    float[] output = new float[c.outputSize()];
    plan.forward(negativeZeros(c.inputSize()), output, WORKSPACE);
    Compare.bits("output", new float[c.outputSize()], output);
    float[] gradInput = new float[c.inputSize()];
    plan.backward(negativeZeros(c.outputSize()), gradInput, WORKSPACE);
    Compare.bits("grad_input", new float[c.inputSize()], gradInput);
  }

  private static float[] negativeZeros(int size) {
    float[] zeros = new float[size];
    Arrays.fill(zeros, -0f);
    return zeros;
  }

  /** Windows that neither overlap nor leave gaps, but for a rest at the edges. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void windowsMayTileTheInput(int side) {
    for (int padding = 0; padding <= side / 2; padding++) {
      for (int rest = 0; rest < side; rest++) {
        for (int windows : new int[] {3, 5, 17, 33}) {
          Axis height = new Axis(3 * side - 2 * padding + rest, side, side, padding, 1);
          Axis width = new Axis(windows * side - 2 * padding + rest, side, side, padding, 1);
          PoolingCase c = new PoolingCase(2, 2, 3, height, width, false);
          isWhatTheFormulaSays(c, true, windows);
          arraysMayBeAsShortAsTheirData(c, windows);
          thereIsNoNegativeZero(c);
          Axis whole = new Axis(windows * side - 2 * padding, side, side, padding, 1);
          c = new PoolingCase(2, 2, 3, height, whole, true); // the last row reaches beyond
          isWhatTheFormulaSays(c, true, windows);
        }
      }
    }
  }

  /** A window at -1, and none at 1, where the second element lies. */
  @Test
  void aWindowThatDoesNotFitGivesNoGradient() {
    Axis none = new Axis(1, 1, 1, 0, 1);
    PoolingCase c = new PoolingCase(1, 2, 3, none, new Axis(2, 3, 2, 1, 1), false);
    isWhatTheFormulaSays(c, true, 1);
  }

  @Test
  void threadsDoNotChangeTheResult() {
    Random random = new Random(1);
    AveragePooling plan = AveragePooling.avgPool2d(10, 23, 28, 30, 3).stride(2).padding(1).build();
    float[] input = Data.normals(plan.inputSize(), random);
    float[] gradOutput = Data.normals(plan.outputSize(), random);
    float[] output = new float[plan.outputSize()];
    float[] gradInput = new float[plan.inputSize()];
    plan.forward(input, output, WORKSPACE);
    plan.backward(gradOutput, gradInput, WORKSPACE);
    for (int width = 2; width <= 4; width++) {
      Workspace workspace = new Workspace(Workspaces.threads(width));
      float[] output2 = new float[output.length];
      float[] gradInput2 = new float[gradInput.length];
      plan.forward(input, output2, workspace);
      plan.backward(gradOutput, gradInput2, workspace);
      Compare.bits("output", output, output2);
      Compare.bits("grad_input", gradInput, gradInput2);
    }
  }

  @Test
  void divisors() {
    float[] input = {1, 2, 3, 4, 5};
    // windows of 3 at distance 2: [pad 1 2] [2 3 4] [4 5 pad]
    AveragePooling.Builder builder = AveragePooling.avgPool1d(1, 1, 5, 3).stride(2).padding(1);
    assertAverages(input, builder.build(), 1, 3, 3);
    assertAverages(input, builder.countIncludePad(false).build(), 1.5f, 3, 4.5f);
    assertAverages(input, builder.divisorOverride(2).build(), 1.5f, 4.5f, 4.5f);
    // [1 2 3] [4 5 beyond]: what is beyond the padding is never counted
    AveragePooling ceil = AveragePooling.avgPool1d(1, 1, 5, 3).ceilMode(true).build();
    assertAverages(input, ceil, 2, 4.5f);
  }

  private static void assertAverages(float[] input, AveragePooling plan, float... expected) {
    float[] output = new float[expected.length];
    plan.forward(input, output, WORKSPACE);
    assertArrayEquals(expected, output);
    assertArrayEquals(new int[] {1, 1, expected.length}, plan.outputShape());
  }

  /** The reciprocal would give 0.99999994. */
  @Test
  void theSumIsDivided() {
    float[] input = new float[41];
    Arrays.fill(input, 1);
    float[] output = new float[1];
    AveragePooling.avgPool1d(1, 1, 41, 41).build().forward(input, output, WORKSPACE);
    assertEquals(1, output[0]);
  }

  @Test
  void badArgumentsAreNamed() {
    assertRefused("kernel_size is -3", () -> AveragePooling.avgPool2d(1, 1, 4, 4, -3));
    assertRefused("stride is -1", () -> AveragePooling.avgPool2d(1, 1, 4, 4, 2).stride(1, -1));
    assertRefused(
        "divisor_override is 0", () -> AveragePooling.avgPool2d(1, 1, 4, 4, 2).divisorOverride(0));
    assertRefused(
        "padding is 2 but must be at most half of kernel_size 3",
        () -> AveragePooling.avgPool1d(1, 1, 8, 3).padding(2).build());
    assertRefused(
        "kernel_size [3, 13] is larger than the input [10, 10] with padding [0, 1]",
        () -> AveragePooling.avgPool2d(1, 1, 10, 10, 3, 13).padding(0, 1).build());
    AveragePooling plan = AveragePooling.avgPool1d(1, 1, 6, 2).build();
    float[] six = new float[6];
    assertRefused("output has 2", () -> plan.forward(six, new float[2], WORKSPACE));
    assertRefused("overlap", () -> plan.forward(six, 0, six, 1, WORKSPACE));
    assertRefused("grad_output is null", () -> plan.backward(null, six, WORKSPACE));
    assertRefused("overlap", () -> plan.backward(six, 3, six, 0, WORKSPACE));
  }
}
