package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.MaxPoolingTest.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.GuardedInts;
import io.github.lanewise.testing.Sizes;
import io.github.lanewise.testing.Workspaces;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

/** Adaptive average and max pooling, against loops written from the formula. */
class AdaptivePoolingTest {
  private static final Workspace WORKSPACE = new Workspace();

  /** Planes of height × width to outHeight × outWidth; the output may be the larger one. */
  record Case(int planes, int height, int width, int outHeight, int outWidth) {
    int first(int out, int size, int outSize) {
      return (int) Math.floor((double) out * size / outSize);
    }

    int end(int out, int size, int outSize) {
      return (int) Math.ceil((out + 1.0) * size / outSize);
    }

    int inputSize() {
      return planes * height * width;
    }

    int outputSize() {
      return planes * outHeight * outWidth;
    }

    interface Window {
      void visit(int output, int input, int index, int elements);
    }

    void forEach(Window window) {
      int o = 0;
      for (int plane = 0; plane < planes; plane++) {
        for (int y = 0; y < outHeight; y++) {
          for (int x = 0; x < outWidth; x++, o++) {
            int h0 = first(y, height, outHeight);
            int h1 = end(y, height, outHeight);
            int w0 = first(x, width, outWidth);
            int w1 = end(x, width, outWidth);
            for (int h = h0; h < h1; h++) {
              for (int w = w0; w < w1; w++) {
                int index = h * width + w;
                window.visit(o, plane * height * width + index, index, (h1 - h0) * (w1 - w0));
              }
            }
          }
        }
      }
    }
  }

  @Provide
  Arbitrary<Case> problems() {
    Arbitrary<Integer> few = Arbitraries.integers().between(1, 9);
    return Combinators.combine(
            Arbitraries.integers().between(1, 5), few, Sizes.any(), few, Sizes.any())
        .as(Case::new);
  }

  @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
  void averageIsWhatTheFormulaSays(@ForAll("problems") Case c, @ForAll long seed) {
    Random random = new Random(seed);
    float[] input = Data.integers(c.inputSize(), random);
    float[] gradOutput = Data.normals(c.outputSize(), random);
    double[] sums = new double[c.outputSize()];
    int[] elements = new int[c.outputSize()];
    double[] gradients = new double[c.inputSize()];
    double[] magnitudes = new double[c.inputSize()];
    long[] terms = {0};
    c.forEach(
        (o, i, index, count) -> {
          sums[o] += input[i];
          elements[o] = count;
          gradients[i] += (double) gradOutput[o] / count;
          magnitudes[i] += Math.abs((double) gradOutput[o]) / count;
        });
    float[] expected = new float[sums.length];
    for (int o = 0; o < sums.length; o++) {
      expected[o] = (float) sums[o] / elements[o];
      terms[0] = Math.max(terms[0], elements[o]);
    }

    AdaptiveAveragePooling plan =
        AdaptiveAveragePooling.adaptiveAvgPool2d(
                1, c.planes, c.height, c.width, c.outHeight, c.outWidth)
            .build();
    Workspace workspace =
        Workspaces.filled(
            plan.workspaceSize(Parallelism.SEQUENTIAL), Float.NaN, Parallelism.SEQUENTIAL);
    Guarded in = Guarded.of(input, random);
    Guarded output = Guarded.forResult(c.outputSize(), random);
    plan.forward(in.array, in.offset, output.array, output.offset, workspace);
    Compare.exact("output", expected, output.values("output"));
    Guarded grad = Guarded.of(gradOutput, random);
    Guarded gradInput = Guarded.forResult(c.inputSize(), random);
    plan.backward(grad.array, grad.offset, gradInput.array, gradInput.offset, workspace);
    // where the output is larger, many windows share an element
    long most = (long) c.outHeight * c.outWidth + 1;
    Compare.withinSummation(
        "grad_input", gradients, magnitudes, most, gradInput.values("grad_input"));
  }

  @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
  void maximumIsWhatTheFormulaSays(@ForAll("problems") Case c, @ForAll long seed) {
    Random random = new Random(seed);
    float[] input = Data.integers(c.inputSize(), random);
    for (int i = random.nextInt(7); i < input.length; i += 1 + random.nextInt(20)) {
      input[i] = random.nextBoolean() ? Float.NaN : Float.NEGATIVE_INFINITY;
    }
    float[] gradOutput = Data.integers(c.outputSize(), random);
    float[] expected = new float[c.outputSize()];
    long[] indices = new long[c.outputSize()];
    Arrays.fill(indices, -1);
    int[] winners = new int[c.outputSize()];
    c.forEach(
        (o, i, index, count) -> {
          if (indices[o] < 0 || input[i] > expected[o] || Float.isNaN(input[i])) {
            expected[o] = input[i];
            indices[o] = index;
            winners[o] = i;
          }
        });
    double[] gradients = new double[c.inputSize()];
    for (int o = 0; o < winners.length; o++) {
      gradients[winners[o]] += gradOutput[o];
    }

    AdaptiveMaxPooling plan =
        AdaptiveMaxPooling.adaptiveMaxPool2d(
                c.planes, 1, c.height, c.width, c.outHeight, c.outWidth)
            .build();
    Guarded in = Guarded.of(input, random);
    Guarded output = Guarded.forResult(c.outputSize(), random);
    GuardedInts at = GuardedInts.forResult(c.outputSize(), random);
    plan.forward(in.array, in.offset, output.array, output.offset, at.array, at.offset, WORKSPACE);
    Compare.bits("output", expected, output.values("output"));
    Compare.exact("indices", indices, at.values("indices"));
    Guarded grad = Guarded.of(gradOutput, random);
    Guarded gradInput = Guarded.forResult(c.inputSize(), random);
    plan.backward(
        grad.array, grad.offset, at.array, at.offset, gradInput.array, gradInput.offset, WORKSPACE);
    Compare.exact("grad_input", gradients, gradInput.values("grad_input"));
  }

  /** Planes that do not grow: windows of many rows and columns, and short rows. */
  @Provide
  Arbitrary<Case> shrinking() {
    Arbitrary<Integer> sizes =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.integers().between(1, 20)),
            Tuple.of(3, Sizes.any()),
            Tuple.of(1, Arbitraries.integers().between(60, 270)));
    Arbitrary<Integer> percent = Arbitraries.integers().between(0, 100);
    return Combinators.combine(
            Arbitraries.integers().between(1, 4), sizes, sizes, percent, percent, percent)
        .as(
            (planes, height, width, rows, columns, one) ->
                new Case(
                    planes,
                    height,
                    width,
                    1 + (height - 1) * rows / 100,
                    one < 30 ? 1 : 1 + (width - 1) * columns / 100));
  }

  /** What an input consists of. */
  enum Content {
    /** Few values: maxima come often, in several rows and columns of a window. */
    TIES(-1, 0, 1),
    /** The first of them is to be found by its bits. */
    ZEROS(-0f, 0f),
    NOTHING_GREATER(Float.NEGATIVE_INFINITY),
    HARDLY_GREATER(Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY, -Float.MAX_VALUE),
    NEGATIVE(-1, -2, -3, -Float.MIN_VALUE),
    INFINITE(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 1);

    private final float[] values;

    Content(float... values) {
      this.values = values;
    }

    /** An input with a NaN among so many elements, or without. */
    float[] draw(int size, int rarity, Random random) {
      float[] input = new float[size];
      for (int i = 0; i < size; i++) {
        boolean nan = rarity > 0 && random.nextInt(rarity) == 0;
        input[i] = nan ? Float.NaN : values[random.nextInt(values.length)];
      }
      return input;
    }
  }

  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  void maximumOfSpecialValues(
      @ForAll("shrinking") Case c,
      @ForAll Content content,
      @ForAll boolean nan,
      @ForAll boolean guards,
      @ForAll boolean indexed,
      @ForAll long seed) {
    Random random = new Random(seed);
    float[] input = content.draw(c.inputSize(), nan ? 300 : 0, random);
    float[] expected = new float[c.outputSize()];
    long[] indices = new long[c.outputSize()];
    Arrays.fill(indices, -1);
    c.forEach(
        (o, i, index, count) -> {
          if (indices[o] < 0 || input[i] > expected[o] || Float.isNaN(input[i])) {
            expected[o] = input[i];
            indices[o] = index;
          }
        });
    AdaptiveMaxPooling plan =
        AdaptiveMaxPooling.adaptiveMaxPool2d(
                1, c.planes, c.height, c.width, c.outHeight, c.outWidth)
            .build();
    Workspace workspace =
        Workspaces.filled(
            plan.workspaceSize(Parallelism.SEQUENTIAL), Float.NaN, Parallelism.SEQUENTIAL);
    // without guards the array ends with the last plane
    Guarded in = Guarded.of(input, guards ? random : null);
    Guarded output = Guarded.forResult(c.outputSize(), random);
    GuardedInts at = GuardedInts.forResult(c.outputSize(), random);
    plan.forward(
        in.array,
        in.offset,
        output.array,
        output.offset,
        indexed ? at.array : null,
        indexed ? at.offset : 0,
        workspace);
    Compare.bits("output", expected, output.values("output"));
    if (indexed) {
      Compare.exact("indices", indices, at.values("indices"));
    }
  }

  /** Integers add up exactly; a NaN or an infinity belongs to its own windows only. */
  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  void averageOfShrinkingPlanes(
      @ForAll("shrinking") Case c,
      @ForAll boolean special,
      @ForAll boolean guards,
      @ForAll long seed) {
    Random random = new Random(seed);
    float[] input = Data.integers(c.inputSize(), random);
    float[] gradOutput = Data.integers(c.outputSize(), random);
    if (special) {
      input[random.nextInt(input.length)] = Float.NaN;
      input[random.nextInt(input.length)] = Float.POSITIVE_INFINITY;
      gradOutput[random.nextInt(gradOutput.length)] = Float.NaN;
    }
    double[] sums = new double[c.outputSize()];
    int[] elements = new int[c.outputSize()];
    double[] gradients = new double[c.inputSize()];
    double[] magnitudes = new double[c.inputSize()];
    c.forEach(
        (o, i, index, count) -> {
          sums[o] += input[i];
          elements[o] = count;
          gradients[i] += (double) gradOutput[o] / count;
          magnitudes[i] += Math.abs((double) gradOutput[o]) / count;
        });
    float[] expected = new float[sums.length];
    for (int o = 0; o < sums.length; o++) {
      expected[o] = (float) sums[o] / elements[o];
    }
    AdaptiveAveragePooling plan =
        AdaptiveAveragePooling.adaptiveAvgPool2d(
                1, c.planes, c.height, c.width, c.outHeight, c.outWidth)
            .build();
    Workspace workspace =
        Workspaces.filled(
            plan.workspaceSize(Parallelism.SEQUENTIAL), Float.NaN, Parallelism.SEQUENTIAL);
    Guarded in = Guarded.of(input, guards ? random : null);
    Guarded output = Guarded.forResult(c.outputSize(), guards ? random : null);
    plan.forward(in.array, in.offset, output.array, output.offset, workspace);
    Compare.exact("output", expected, output.values("output"));
    Guarded grad = Guarded.of(gradOutput, guards ? random : null);
    Guarded gradInput = Guarded.forResult(c.inputSize(), guards ? random : null);
    plan.backward(grad.array, grad.offset, gradInput.array, gradInput.offset, workspace);
    float[] actual = gradInput.values("grad_input");
    for (int i = 0; i < actual.length; i++) {
      assertEquals(Double.isNaN(gradients[i]), Float.isNaN(actual[i]), "NaN at " + i);
      if (Double.isNaN(gradients[i])) {
        actual[i] = 0;
        gradients[i] = 0;
        magnitudes[i] = 0;
      }
    }
    // at most four windows share an element
    Compare.withinSummation("grad_input", gradients, magnitudes, 4 + 1, actual);
  }

  /**
   * Two maxima, wherever they lie: the first is in some vector, the second in the same or another.
   */
  @Test
  void theFirstOfTwoEqualMaxima() {
    int size = 135;
    AdaptiveMaxPooling plan = AdaptiveMaxPooling.adaptiveMaxPool1d(1, 1, size, 1).build();
    float[] output = new float[1];
    int[] indices = new int[1];
    float[] input = new float[size];
    for (int first = 0; first < size; first++) {
      for (int second = first; second < size; second++) {
        input[first] = 1;
        input[second] = 1;
        plan.forward(input, output, indices, WORKSPACE);
        assertEquals(first, indices[0], "of " + first + " and " + second);
        input[second] = 0;
      }
      input[first] = 0;
    }
  }

  /** Rows longer than this are the scalar twin's. */
  @Test
  void maximumOfTheLongestRows() {
    for (int width : new int[] {1 << 20, (1 << 20) + 1}) {
      float[] input = new float[width];
      input[0] = 1;
      input[width / 2] = 2;
      input[width - 1] = 3;
      float[] output = new float[3];
      int[] indices = new int[3];
      AdaptiveMaxPooling.adaptiveMaxPool1d(1, 1, width, 3)
          .build()
          .forward(input, output, indices, new Workspace());
      assertArrayEquals(new float[] {1, 2, 3}, output);
      assertArrayEquals(new int[] {0, width / 2, width - 1}, indices);
    }
  }

  @Test
  void oneDimension() {
    float[] input = {1, 2, 3, 4, 5};
    float[] output = new float[3];
    int[] indices = new int[3];
    // windows [0, 2) [1, 4) [3, 5)
    AdaptiveAveragePooling average = AdaptiveAveragePooling.adaptiveAvgPool1d(1, 1, 5, 3).build();
    average.forward(input, output, WORKSPACE);
    assertArrayEquals(new float[] {1.5f, 3, 4.5f}, output);
    assertArrayEquals(new int[] {1, 1, 3}, average.outputShape());
    float[] gradInput = new float[5];
    average.backward(new float[] {2, 3, 4}, gradInput, WORKSPACE);
    assertArrayEquals(new float[] {1, 2, 1, 3, 2}, gradInput);

    AdaptiveMaxPooling max = AdaptiveMaxPooling.adaptiveMaxPool1d(1, 1, 5, 3).build();
    max.forward(input, output, indices, WORKSPACE);
    assertArrayEquals(new float[] {2, 4, 5}, output);
    assertArrayEquals(new int[] {1, 3, 4}, indices);
    assertArrayEquals(new int[] {1, 1, 3}, max.outputShape());
    max.backward(new float[] {2, 3, 4}, indices, gradInput, WORKSPACE);
    assertArrayEquals(new float[] {0, 2, 0, 3, 4}, gradInput);
  }

  /** So many windows have no tables. */
  @Test
  void windowsMayBeManyMoreThanElements() {
    int windows = (1 << 20) + 5;
    float[] input = {1, 2, 3};
    float[] averages = new float[windows];
    float[] maxima = new float[windows];
    int[] indices = new int[windows];
    AdaptiveAveragePooling.adaptiveAvgPool1d(1, 1, 3, windows)
        .build()
        .forward(input, averages, WORKSPACE);
    AdaptiveMaxPooling.adaptiveMaxPool1d(1, 1, 3, windows)
        .build()
        .forward(input, maxima, indices, WORKSPACE);
    for (int w = 0; w < windows; w++) {
      long first = 3L * w / windows;
      long end = Math.ceilDiv(3L * (w + 1), windows);
      assertEquals((first + 1 + end) / 2f, averages[w], "window " + w);
      assertEquals(end, maxima[w], "window " + w);
      assertEquals(end - 1, indices[w], "window " + w);
    }
  }

  /** Tables of these windows would fill the memory of this JVM, and take seconds to make. */
  @Test
  void aPlanOfAnyLegalSizeIsSmall() {
    AdaptiveMaxPooling plan = AdaptiveMaxPooling.adaptiveMaxPool1d(1, 5, 2, 1 << 28).build();
    assertArrayEquals(new int[] {1, 5, 1 << 28}, plan.outputShape());
  }

  @Test
  void threadsDoNotChangeTheResult() {
    Random random = new Random(3);
    AdaptiveAveragePooling plan =
        AdaptiveAveragePooling.adaptiveAvgPool2d(16, 20, 23, 19, 7, 5).build();
    float[] input = Data.normals(plan.inputSize(), random);
    float[] gradOutput = Data.normals(plan.outputSize(), random);
    float[] output = new float[plan.outputSize()];
    float[] gradInput = new float[plan.inputSize()];
    plan.forward(input, output, WORKSPACE);
    plan.backward(gradOutput, gradInput, WORKSPACE);
    Workspace workspace = new Workspace(Workspaces.threads(3));
    float[] output2 = new float[output.length];
    float[] gradInput2 = new float[gradInput.length];
    plan.forward(input, output2, workspace);
    plan.backward(gradOutput, gradInput2, workspace);
    Compare.bits("output", output, output2);
    Compare.bits("grad_input", gradInput, gradInput2);
  }

  @Test
  void badArgumentsAreNamed() {
    assertRefused(
        "output_size is -2", () -> AdaptiveAveragePooling.adaptiveAvgPool1d(4, 23, 24, -2));
    assertRefused(
        "output_size is [2, 2, 2]",
        () -> AdaptiveAveragePooling.adaptiveAvgPool2d(1, 1, 13, 33, 2, 2, 2));
    assertRefused(
        "output_size is -1", () -> AdaptiveMaxPooling.adaptiveMaxPool2d(1, 22, 7, 19, -1, 2));
    assertRefused(
        "input size is 0", () -> AdaptiveMaxPooling.adaptiveMaxPool2d(2, 23, 13, 0, 2, 2));
    assertRefused(
        "output of shape",
        () -> AdaptiveMaxPooling.adaptiveMaxPool2d(1, 1, 2, 2, 1 << 16, 1 << 16));
  }
}
