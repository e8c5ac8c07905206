package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.GuardedInts;
import io.github.lanewise.testing.NaivePooling;
import io.github.lanewise.testing.NaivePooling.Maxima;
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

class MaxPoolingTest {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;
  private static final Workspace WORKSPACE = new Workspace();

  static MaxPooling plan(PoolingCase c) {
    MaxPooling.Builder builder =
        c.dimensions() == 1
            ? MaxPooling.maxPool1d(c.batch(), c.channels(), c.width().size(), c.width().kernel())
            : MaxPooling.maxPool2d(
                c.batch(), c.channels(), c.height().size(), c.width().size(), c.axes(Axis::kernel));
    return builder
        .stride(c.axes(Axis::stride))
        .padding(c.axes(Axis::padding))
        .dilation(c.axes(Axis::dilation))
        .ceilMode(c.ceilMode())
        .build();
  }

  @Provide
  Arbitrary<PoolingCase> problems() {
    return PoolingCase.any();
  }

  /** Few different values, so that ties are the rule; or mostly NaN, infinities and zeros. */
  private static float[] values(int size, Random random) {
    float[] some = {0, 1, 2, -1};
    float[] special = {NAN, -INF, -INF, -INF, INF, -0f, 0f, 1, -Float.MIN_VALUE};
    float[] from = random.nextBoolean() ? some : special;
    float[] values = random.nextInt(4) == 0 ? Data.normals(size, random) : new float[size];
    if (values[0] == 0) {
      for (int i = 0; i < size; i++) {
        values[i] = from[random.nextInt(from.length)];
      }
    }
    return values;
  }

  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  void isWhatTheFormulaSays(@ForAll("problems") PoolingCase c, @ForAll long seed) {
    Random random = new Random(seed);
    float[] input = values(c.inputSize(), random);
    float[] gradOutput = Data.integers(c.outputSize(), random);
    Maxima expected = NaivePooling.max(c, input);
    MaxPooling plan = plan(c);
    assertEquals(c.inputSize(), plan.inputSize());
    assertEquals(c.outputSize(), plan.outputSize());

    Workspace workspace =
        Workspaces.filled(plan.workspaceSize(Parallelism.SEQUENTIAL), NAN, Parallelism.SEQUENTIAL);
    Guarded output = Guarded.forResult(c.outputSize(), random);
    GuardedInts indices = GuardedInts.forResult(c.outputSize(), random);
    Guarded in = Guarded.of(input, random);
    plan.forward(
        in.array, in.offset, output.array, output.offset, indices.array, indices.offset, workspace);
    Compare.bits("output", expected.output(), output.values("output"));
    Compare.exact("indices", expected.indices(), indices.values("indices"));

    Guarded gradInput = Guarded.forResult(c.inputSize(), random);
    Guarded grad = Guarded.of(gradOutput, random);
    plan.backward(
        grad.array,
        grad.offset,
        indices.array,
        indices.offset,
        gradInput.array,
        gradInput.offset,
        workspace);
    double[] expectedGradient = NaivePooling.maxBackward(c, gradOutput, expected.indices());
    Compare.exact("grad_input", expectedGradient, gradInput.values("grad_input"));
  }

  /** Vectors that read past a row must not run past an array that ends there. */
  @Property(tries = 1500, edgeCases = EdgeCasesMode.NONE)
  void arraysMayBeAsShortAsTheirData(@ForAll("problems") PoolingCase c, @ForAll long seed) {
    float[] input = values(c.inputSize(), new Random(seed));
    Maxima expected = NaivePooling.max(c, input);
    float[] output = new float[c.outputSize()];
    int[] indices = new int[c.outputSize()];
    plan(c).forward(input, output, indices, WORKSPACE);
    Compare.bits("output", expected.output(), output);
    Compare.exact("indices", expected.indices(), indices);
    float[] outputAlone = new float[c.outputSize()];
    plan(c).forward(input, outputAlone, null, WORKSPACE);
    Compare.bits("output without indices", expected.output(), outputAlone);
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
          isWhatTheFormulaSays(c, windows);
          arraysMayBeAsShortAsTheirData(c, windows);
          Axis whole = new Axis(windows * side - 2 * padding, side, side, padding, 1);
          c = new PoolingCase(2, 2, 3, height, whole, true); // the last row reaches beyond
          isWhatTheFormulaSays(c, windows);
        }
      }
    }
  }

  @Test
  void threadsDoNotChangeTheResult() {
    Random random = new Random(1);
    MaxPooling plan = MaxPooling.maxPool2d(10, 23, 28, 30, 3).stride(2).padding(1).build();
    float[] input = values(plan.inputSize(), random);
    float[] gradOutput = Data.normals(plan.outputSize(), random);
    float[] output = new float[plan.outputSize()];
    int[] indices = new int[plan.outputSize()];
    float[] gradInput = new float[plan.inputSize()];
    plan.forward(input, output, indices, WORKSPACE);
    plan.backward(gradOutput, indices, gradInput, WORKSPACE);
    for (int width = 2; width <= 4; width++) {
      Workspace workspace = new Workspace(Workspaces.threads(width));
      float[] output2 = new float[output.length];
      int[] indices2 = new int[indices.length];
      float[] gradInput2 = new float[gradInput.length];
      plan.forward(input, output2, indices2, workspace);
      plan.backward(gradOutput, indices, gradInput2, workspace);
      Compare.bits("output", output, output2);
      assertArrayEquals(indices, indices2);
      Compare.bits("grad_input", gradInput, gradInput2);
    }
  }

  @Test
  void workedExample() {
    float[] input = {1, 2, 8, 7, 3, 4, 6, 5, 9, 10, 16, 15, 13, 14, 12, 11};
    float[] output = new float[4];
    int[] indices = new int[4];
    float[] gradInput = new float[16];
    MaxPooling plan = MaxPooling.maxPool2d(1, 1, 4, 4, 2).build();
    plan.forward(input, output, indices, WORKSPACE);
    assertArrayEquals(new float[] {4, 8, 14, 16}, output);
    assertArrayEquals(new int[] {5, 2, 13, 10}, indices);
    assertArrayEquals(new int[] {1, 1, 2, 2}, plan.outputShape());
    plan.backward(new float[] {1, 2, 3, 4}, indices, gradInput, WORKSPACE);
    assertArrayEquals(new float[] {0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 4, 0, 0, 3, 0, 0}, gradInput);
  }

  @Test
  void specialValues() {
    assertMaximum(2, 1, new float[] {1, 2, 2}); // the first of equal maxima
    assertMaximum(-0f, 0, new float[] {-0f, 0f, -1}); // zeros are equal
    assertMaximum(NAN, 2, new float[] {1, NAN, NAN, INF}); // the last NaN
    assertMaximum(-INF, 0, new float[] {-INF, -INF, -INF});
  }

  private static void assertMaximum(float maximum, int index, float[] window) {
    float[] output = new float[1];
    int[] indices = new int[1];
    MaxPooling.maxPool1d(1, 1, window.length, window.length)
        .build()
        .forward(window, output, indices, WORKSPACE);
    Compare.bits("maximum", new float[] {maximum}, output);
    assertEquals(index, indices[0], Arrays.toString(window));
  }

  @Test
  void shapeInOneDimension() {
    MaxPooling plan = MaxPooling.maxPool1d(100, 32, 784, 3).padding(1).build();
    assertArrayEquals(new int[] {100, 32, 262}, plan.outputShape());
  }

  /** 65,536 × 65,536 positions a window, all but a row of them padding: more than an int counts. */
  @Test
  void aWindowMayBeLargerThanAnyArray() {
    int side = 1 << 16;
    float[] values = new float[side];
    values[side - 5] = 3;
    Random random = new Random(1);
    Guarded input = Guarded.of(values, random);
    Guarded output = Guarded.forResult(1, random);
    GuardedInts indices = GuardedInts.forResult(1, random);
    MaxPooling.maxPool2d(1, 1, 1, side, side)
        .stride(side, 1)
        .padding(side / 2, 0)
        .build()
        .forward(
            input.array,
            input.offset,
            output.array,
            output.offset,
            indices.array,
            indices.offset,
            WORKSPACE);
    assertArrayEquals(new float[] {3}, output.values("output"));
    assertArrayEquals(new int[] {side - 5}, indices.values("indices"));
  }

  /** Its positions are -2, 0, 2 and 4: a window after it would see nothing. */
  @Test
  void theOnlyWindowMayStepOverTheRestOfItsInput() {
    float[] output = new float[1];
    int[] indices = {7};
    MaxPooling plan =
        MaxPooling.maxPool1d(1, 1, 1, 4).padding(2).dilation(2).stride(3).ceilMode(true).build();
    plan.forward(new float[] {5}, output, indices, WORKSPACE);
    assertArrayEquals(new float[] {5}, output);
    assertArrayEquals(new int[] {0}, indices);
  }

  @Test
  void badArgumentsAreNamed() {
    assertRefused("batch is 0", () -> MaxPooling.maxPool1d(0, 1, 4, 2));
    assertRefused("channels is -1", () -> MaxPooling.maxPool1d(1, -1, 4, 2));
    assertRefused("input size is 0", () -> MaxPooling.maxPool1d(1, 1, 0, 2));
    assertRefused("kernel_size is 0", () -> MaxPooling.maxPool2d(1, 1, 4, 4, 2, 0));
    assertRefused("kernel_size is [2, 2, 2]", () -> MaxPooling.maxPool2d(1, 1, 4, 4, 2, 2, 2));
    assertRefused("kernel_size is null", () -> MaxPooling.maxPool2d(1, 1, 4, 4, (int[]) null));
    assertRefused("stride is 0", () -> MaxPooling.maxPool1d(1, 1, 4, 2).stride(0));
    assertRefused("padding is -1", () -> MaxPooling.maxPool1d(1, 1, 4, 2).padding(-1));
    assertRefused("dilation is 0", () -> MaxPooling.maxPool1d(1, 1, 4, 2).dilation(0));
    assertRefused(
        "padding is [0, 2] but must be at most half of kernel_size [2, 3]",
        () -> MaxPooling.maxPool2d(1, 1, 4, 4, 2, 3).padding(0, 2).build());
    assertRefused(
        "kernel_size 5 is larger than the input 4 with padding 0",
        () -> MaxPooling.maxPool1d(1, 1, 4, 5).build());
    assertRefused(
        "kernel_size 3 with dilation 2 is larger than the input 4",
        () -> MaxPooling.maxPool1d(1, 1, 4, 3).dilation(2).build());
    assertRefused(
        "dilation is 4, which makes window 0 see only padding",
        () -> MaxPooling.maxPool1d(1, 1, 3, 2).padding(1).dilation(4).build());
    assertRefused(
        "input of shape [65536, 65536, 1, 9]",
        () -> MaxPooling.maxPool1d(1 << 16, 1 << 16, 9, 3).build());
    assertRefused(
        "input size + 2 · padding + dilation · (kernel_size − 1) + 1 + stride is 3221225481 but"
            + " must be at most 536870911: the input is 9, kernel_size 1073741824, stride 1073741824,"
            + " padding 536870912, dilation 1",
        () -> MaxPooling.maxPool1d(1, 1, 9, 1 << 30).padding(1 << 29).build());
  }

  @Test
  void badArraysAreNamed() {
    MaxPooling plan = MaxPooling.maxPool1d(1, 1, 6, 2).build();
    float[] six = new float[6];
    float[] three = new float[3];
    int[] indices = new int[3];
    assertRefused("input is null", () -> plan.forward(null, three, indices, WORKSPACE));
    assertRefused("input has 3", () -> plan.forward(three, three, indices, WORKSPACE));
    assertRefused("output has 2", () -> plan.forward(six, new float[2], indices, WORKSPACE));
    assertRefused("indices has 2", () -> plan.forward(six, three, new int[2], WORKSPACE));
    assertRefused("overlap", () -> plan.forward(six, six, indices, WORKSPACE));
    assertRefused("indices is null", () -> plan.backward(three, null, six, WORKSPACE));
    assertRefused("grad_output has 2", () -> plan.backward(new float[2], indices, six, WORKSPACE));
    assertRefused("grad_input has 3", () -> plan.backward(three, indices, three, WORKSPACE));
    assertRefused("overlap", () -> plan.backward(six, indices, six, WORKSPACE));
  }

  @Test
  void neighboursInOneArrayDoNotOverlap() {
    MaxPooling plan = MaxPooling.maxPool1d(1, 1, 6, 2).build();
    float[] array = {1, 2, 3, 4, 5, 6, 0, 0, 0};
    plan.forward(array, 0, array, 6, new int[3], 0, WORKSPACE);
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6, 2, 4, 6}, array);
    plan.forward(array, 3, array, 0, new int[3], 0, WORKSPACE);
    assertArrayEquals(new float[] {5, 6, 6, 4, 5, 6, 2, 4, 6}, array);
    assertRefused(
        "input [2, 8) and output [1, 4) overlap",
        () -> plan.forward(array, 2, array, 1, new int[3], 0, WORKSPACE));
  }

  @Test
  void badIndicesAreRefusedBeforeAnythingIsWritten() {
    MaxPooling plan = MaxPooling.maxPool1d(1, 2, 6, 2).build();
    float[] gradInput = new float[12];
    Arrays.fill(gradInput, 7);
    assertRefused(
        "indices[4] (element 1 of plane 1) is 6 but must be between 0 and 5",
        () -> plan.backward(new float[6], new int[] {0, 1, 2, 3, 6, -1}, gradInput, WORKSPACE));
    for (float value : gradInput) {
      assertEquals(7, value);
    }
  }

  static void assertRefused(String message, Runnable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
    assertTrue(e.getMessage().contains(message), "\"" + e.getMessage() + "\": " + message);
  }
}
