package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.MaxPoolingTest.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.kernel.MaxUnpooling.DuplicateGradient;
import io.github.lanewise.kernel.MaxUnpooling.Duplicates;
import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.GuardedInts;
import io.github.lanewise.testing.PoolingCase;
import io.github.lanewise.testing.PoolingCase.Axis;
import io.github.lanewise.testing.Sizes;
import io.github.lanewise.testing.Workspaces;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MaxUnpoolingTest {
  private static final Workspace WORKSPACE = new Workspace();

  @Provide
  Arbitrary<Integer> sizes() {
    return Sizes.any();
  }

  @Provide
  Arbitrary<PoolingCase> poolings() {
    return PoolingCase.undilated();
  }

  /** Any indices, many of them more than once. */
  private static int[] indices(MaxUnpooling plan, int planes, Random random) {
    int[] indices = new int[plan.inputSize()];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = random.nextInt(plan.outputSize() / planes);
    }
    return indices;
  }

  @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
  void isWhatTheFormulaSays(
      @ForAll("sizes") int length, @ForAll boolean winnerOnly, @ForAll long seed) {
    Random random = new Random(seed);
    int planes = 1 + random.nextInt(3);
    MaxUnpooling plan =
        MaxUnpooling.maxUnpool1d(1, planes, length, 1 + random.nextInt(4))
            .stride(1 + random.nextInt(3))
            .duplicateGradient(winnerOnly ? DuplicateGradient.WINNER_ONLY : DuplicateGradient.EVERY)
            .build();
    int[] indices = indices(plan, planes, random);
    float[] input = Data.normals(plan.inputSize(), random);
    float[] gradOutput = Data.normals(plan.outputSize(), random);
    float[] expected = new float[plan.outputSize()];
    int[] winner = new int[plan.outputSize()];
    int plane = plan.outputSize() / planes;
    for (int i = 0; i < input.length; i++) {
      int at = i / length * plane + indices[i];
      expected[at] = input[i];
      winner[at] = i;
    }
    float[] expectedGradient = new float[input.length];
    for (int i = 0; i < input.length; i++) {
      int at = i / length * plane + indices[i];
      expectedGradient[i] = winnerOnly && winner[at] != i ? 0 : gradOutput[at];
    }

    Workspace workspace =
        Workspaces.filled(plan.workspaceSize(Parallelism.SEQUENTIAL), 3, Parallelism.SEQUENTIAL);
    Guarded in = Guarded.of(input, random);
    GuardedInts at = GuardedInts.of(indices, random);
    Guarded output = Guarded.forResult(plan.outputSize(), random);
    plan.forward(
        in.array, in.offset, at.array, at.offset, null, 0, output.array, output.offset, workspace);
    Compare.bits("output", expected, output.values("output"));
    Guarded grad = Guarded.of(gradOutput, random);
    Guarded gradInput = Guarded.forResult(plan.inputSize(), random);
    plan.backward(
        grad.array,
        grad.offset,
        at.array,
        at.offset,
        gradInput.array,
        gradInput.offset,
        null,
        0,
        workspace);
    Compare.bits("grad_input", expectedGradient, gradInput.values("grad_input"));
  }

  /** {@code ⟨unpool(x), y⟩ = ⟨x, gradient(y)⟩}: so it is the true gradient. */
  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void winnerOnlyIsTheAdjoint(@ForAll("sizes") int length, @ForAll long seed) {
    Random random = new Random(seed);
    MaxUnpooling plan =
        MaxUnpooling.maxUnpool1d(2, 1, length, 2)
            .stride(1)
            .duplicateGradient(DuplicateGradient.WINNER_ONLY)
            .build();
    int[] indices = indices(plan, 2, random);
    float[] x = Data.integers(plan.inputSize(), random);
    float[] y = Data.integers(plan.outputSize(), random);
    float[] output = new float[plan.outputSize()];
    float[] gradInput = new float[plan.inputSize()];
    plan.forward(x, indices, output, WORKSPACE);
    plan.backward(y, indices, gradInput, WORKSPACE);
    assertEquals(Data.dot(output, y), Data.dot(x, gradInput));
  }

  /** A pooling's maxima come back to where they were, and nothing else is there. */
  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  void unpoolingUndoesPooling(@ForAll("poolings") PoolingCase c, @ForAll long seed) {
    MaxPooling pooling = MaxPoolingTest.plan(c);
    float[] input = Data.normals(c.inputSize(), new Random(seed));
    float[] maxima = new float[c.outputSize()];
    int[] indices = new int[c.outputSize()];
    pooling.forward(input, maxima, indices, WORKSPACE);
    if (!unpoolable(c.height(), c.outHeight()) || !unpoolable(c.width(), c.outWidth())) {
      return;
    }
    float[] expected = new float[c.inputSize()];
    for (int o = 0; o < maxima.length; o++) {
      expected[o / c.outputPlane() * c.inputPlane() + indices[o]] = maxima[o];
    }
    MaxUnpooling.Builder builder =
        c.dimensions() == 1
            ? MaxUnpooling.maxUnpool1d(c.batch(), c.channels(), c.outWidth(), c.width().kernel())
            : MaxUnpooling.maxUnpool2d(
                c.batch(), c.channels(), c.outHeight(), c.outWidth(), c.axes(Axis::kernel));
    MaxUnpooling plan =
        builder
            .stride(c.axes(Axis::stride))
            .padding(c.axes(Axis::padding))
            .outputSize(c.axes(Axis::size))
            .build();
    float[] output = new float[c.inputSize()];
    plan.forward(maxima, indices, output, WORKSPACE);
    Compare.bits("output", expected, output);
    assertArrayEquals(pooling.outputShape(), plan.inputShape());
  }

  /** A ceil_mode pooling may have left less than any output_size gives. */
  private static boolean unpoolable(Axis axis, int windows) {
    int usual = (windows - 1) * axis.stride() - 2 * axis.padding() + axis.kernel();
    return Math.abs(axis.size() - usual) < axis.stride();
  }

  @Test
  void workedExample() {
    MaxUnpooling plan = MaxUnpooling.maxUnpool2d(1, 1, 2, 2, 2).build();
    float[] output = new float[16];
    float[] gradInput = new float[4];
    int[] indices = {5, 2, 13, 10};
    plan.forward(new float[] {4, 8, 14, 16}, indices, output, WORKSPACE);
    assertArrayEquals(new float[] {0, 0, 8, 0, 0, 4, 0, 0, 0, 0, 16, 0, 0, 14, 0, 0}, output);
    float[] gradOutput = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    plan.backward(gradOutput, indices, gradInput, WORKSPACE);
    assertArrayEquals(new float[] {5, 2, 13, 10}, gradInput);
  }

  @Test
  void theLastOfEqualIndicesWins() {
    MaxUnpooling.Builder builder = MaxUnpooling.maxUnpool1d(1, 1, 3, 2);
    int[] indices = {4, 1, 4};
    float[] output = new float[6];
    float[] gradInput = new float[3];
    float[] gradOutput = {10, 11, 12, 13, 14, 15};
    MaxUnpooling plan = builder.build();
    plan.forward(new float[] {1, 2, 3}, indices, output, WORKSPACE);
    assertArrayEquals(new float[] {0, 2, 0, 0, 3, 0}, output);
    plan.backward(gradOutput, indices, gradInput, WORKSPACE);
    assertArrayEquals(new float[] {14, 11, 14}, gradInput);
    builder
        .duplicateGradient(DuplicateGradient.WINNER_ONLY)
        .build()
        .backward(gradOutput, indices, gradInput, WORKSPACE);
    assertArrayEquals(new float[] {0, 11, 14}, gradInput);
  }

  @Test
  void duplicatesAreRejectedOnRequest() {
    MaxUnpooling plan = MaxUnpooling.maxUnpool1d(1, 2, 3, 2).duplicates(Duplicates.REJECT).build();
    float[] output = new float[12];
    int[] good = {4, 1, 0, 0, 4, 1}; // the same index in another plane is no duplicate
    plan.forward(new float[6], good, output, WORKSPACE);
    int[] bad = {4, 1, 0, 3, 2, 3};
    Arrays.fill(output, 7);
    String message = "indices[5] (element 2 of plane 1) is 3, which occurs earlier";
    assertRefused(message, () -> plan.forward(new float[6], bad, output, WORKSPACE));
    int[] shifted = {7, 7, 7, 7, 7, 0, 0, 0, 0, 0, 0};
    System.arraycopy(bad, 0, shifted, 5, 6);
    assertRefused(
        "indices[10] (element 2 of plane 1) is 3, which occurs earlier",
        () -> plan.forward(new float[6], 0, shifted, 5, null, 0, output, 0, new Workspace()));
    assertAll(7, output);
    float[] gradInput = new float[6];
    Arrays.fill(gradInput, 7);
    assertRefused(message, () -> plan.backward(output, bad, gradInput, WORKSPACE));
    assertAll(7, gradInput);
  }

  /** Whichever thread meets which bad index first, the message names the first in the array. */
  @Test
  void badIndicesAreRefusedBeforeAnythingIsWritten() {
    MaxUnpooling plan = MaxUnpooling.maxUnpool2d(20, 30, 13, 13, 2).build();
    Random random = new Random(1);
    int[] indices = indices(plan, 600, random);
    indices[100_000] = 676;
    indices[99_999] = -1;
    indices[50_123] = Integer.MIN_VALUE;
    float[] input = new float[plan.inputSize()];
    float[] output = new float[plan.outputSize()];
    for (int width = 1; width <= 4; width++) {
      Workspace workspace = new Workspace(Workspaces.threads(width));
      String message =
          "indices[50123] (element 99 of plane 296) is -2147483648 but must be between 0 and 675";
      Arrays.fill(output, 7);
      assertRefused(message, () -> plan.forward(input, indices, output, workspace));
      assertAll(7, output);
      Arrays.fill(input, 7);
      assertRefused(message, () -> plan.backward(output, indices, input, workspace));
      assertAll(7, input);
    }
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void everyBadIndexIsFound(@ForAll("sizes") int length, @ForAll int bad, @ForAll long seed) {
    Random random = new Random(seed);
    MaxUnpooling plan = MaxUnpooling.maxUnpool1d(2, 1, length, 3).build();
    int plane = 3 * length;
    int[] indices = indices(plan, 2, random);
    int at = random.nextInt(indices.length);
    indices[at] = bad >= 0 && bad < plane ? plane : bad;
    float[] output = new float[plan.outputSize()];
    assertRefused(
        "indices[" + at + "]",
        () -> plan.forward(new float[plan.inputSize()], indices, output, WORKSPACE));
  }

  @Test
  void threadsDoNotChangeTheResult() {
    Random random = new Random(2);
    MaxUnpooling plan =
        MaxUnpooling.maxUnpool2d(20, 30, 13, 13, 2)
            .duplicateGradient(DuplicateGradient.WINNER_ONLY)
            .build();
    int[] indices = indices(plan, 600, random);
    float[] input = Data.normals(plan.inputSize(), random);
    float[] gradOutput = Data.normals(plan.outputSize(), random);
    float[] output = new float[plan.outputSize()];
    float[] gradInput = new float[plan.inputSize()];
    plan.forward(input, indices, output, WORKSPACE);
    plan.backward(gradOutput, indices, gradInput, WORKSPACE);
    for (int width = 2; width <= 4; width++) {
      Workspace workspace = new Workspace(Workspaces.threads(width));
      float[] output2 = new float[output.length];
      float[] gradInput2 = new float[gradInput.length];
      plan.forward(input, indices, output2, workspace);
      plan.backward(gradOutput, indices, gradInput2, workspace);
      Compare.bits("output", output, output2);
      Compare.bits("grad_input", gradInput, gradInput2);
    }
  }

  @Test
  void outputSizes() {
    assertArrayEquals(
        new int[] {2, 3, 264},
        MaxUnpooling.maxUnpool1d(2, 3, 88, 3).stride(3).padding(0).build().outputShape());
    assertArrayEquals(
        new int[] {2, 3, 262},
        MaxUnpooling.maxUnpool1d(2, 3, 88, 3).padding(1).build().outputShape());
    assertArrayEquals(
        new int[] {1, 1, 27, 25},
        MaxUnpooling.maxUnpool2d(1, 1, 13, 13, 2).outputSize(27, 25).build().outputShape());
    for (int size : new int[] {24, 28}) {
      assertRefused(
          "output_size is [26, " + size + "] but must lie strictly between 24 and 28 in width",
          () -> MaxUnpooling.maxUnpool2d(1, 1, 13, 13, 2).outputSize(26, size).build());
    }
    MaxUnpooling.Builder builder = MaxUnpooling.maxUnpool2d(1, 1, 13, 13, 2);
    assertRefused("output_size is [1, 2, 3]", () -> builder.outputSize(1, 2, 3));
    assertRefused("output_size is 0 but must be at least 1", () -> builder.outputSize(26, 0));
    assertRefused("output_size is null", () -> builder.outputSize((int[]) null));
    assertArrayEquals(new int[] {1, 1, 26, 26}, builder.build().outputShape());
    assertRefused(
        "default output_size is 0", () -> MaxUnpooling.maxUnpool1d(1, 1, 1, 2).padding(1).build());
    assertRefused(
        "padding is 2 but must be at most half",
        () -> MaxUnpooling.maxUnpool1d(1, 1, 9, 3).padding(2).build());
    assertRefused(
        "output of shape", () -> MaxUnpooling.maxUnpool2d(1, 1, 1 << 15, 1 << 15, 2).build());
  }

  /** A plan whose windows lie apart, and what positions each entry's window has. */
  private record Windows(MaxUnpooling plan, int planes, int plane, int[][] positions) {
    static Windows draw(int dimensions, Random random) {
      int planes = 1 + random.nextInt(4);
      int[] size = new int[2];
      int[] kernel = new int[2];
      int[] stride = new int[2];
      int[] padding = new int[2];
      int[] out = new int[2];
      for (int axis = 0; axis < 2; axis++) {
        boolean none = axis == 0 && dimensions == 1;
        size[axis] = none ? 1 : 1 + random.nextInt(9);
        kernel[axis] = none ? 1 : 1 + random.nextInt(4);
        stride[axis] = none ? 1 : kernel[axis] + random.nextInt(3);
        padding[axis] = random.nextInt(kernel[axis] / 2 + 1);
        int usual = (size[axis] - 1) * stride[axis] - 2 * padding[axis] + kernel[axis];
        out[axis] = usual + random.nextInt(2 * stride[axis] - 1) - stride[axis] + 1;
        if (out[axis] <= Math.max(0, (size[axis] - 1) * stride[axis] - padding[axis])) {
          return draw(dimensions, random); // nothing would be left, or not of the last window
        }
      }
      MaxUnpooling.Builder builder =
          dimensions == 1
              ? MaxUnpooling.maxUnpool1d(planes, 1, size[1], kernel[1])
              : MaxUnpooling.maxUnpool2d(1, planes, size[0], size[1], kernel);
      int from = 2 - dimensions;
      MaxUnpooling plan =
          builder
              .stride(Arrays.copyOfRange(stride, from, 2))
              .padding(Arrays.copyOfRange(padding, from, 2))
              .outputSize(Arrays.copyOfRange(out, from, 2))
              .build();
      int[][] positions = new int[size[0] * size[1]][];
      for (int e = 0; e < positions.length; e++) {
        int top = e / size[1] * stride[0] - padding[0];
        int left = e % size[1] * stride[1] - padding[1];
        positions[e] =
            IntStream.range(0, out[0] * out[1])
                .filter(p -> p / out[1] >= top && p / out[1] < top + kernel[0])
                .filter(p -> p % out[1] >= left && p % out[1] < left + kernel[1])
                .toArray();
      }
      return new Windows(plan, planes, out[0] * out[1], positions);
    }

    int[] indices(Random random) {
      int[] indices = new int[plan.inputSize()];
      for (int i = 0; i < indices.length; i++) {
        int[] window = positions[i % positions.length];
        indices[i] = window[random.nextInt(window.length)];
      }
      return indices;
    }
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void indicesInWindowsOfTheirOwnAreDisjoint(@ForAll boolean flat, @ForAll long seed) {
    Random random = new Random(seed);
    Windows windows = Windows.draw(flat ? 1 : 2, random);
    int[] indices = windows.indices(random);
    assertTrue(windows.plan.areDisjoint(indices));
    assertTrue(windows.plan.areDisjoint(Arrays.copyOf(indices, indices.length + 3)));
    int at = random.nextInt(indices.length);
    int[] own = windows.positions[at % windows.positions.length];
    for (int other = -2; other < windows.plane + 2; other++) {
      indices[at] = other;
      int position = other;
      assertEquals(
          Arrays.stream(own).anyMatch(p -> p == position),
          windows.plan.areDisjoint(indices),
          () -> "indices[" + at + "] = " + position);
    }
    for (int bad : new int[] {Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      indices[at] = bad;
      assertFalse(windows.plan.areDisjoint(indices), () -> "indices[" + at + "] = " + bad);
    }
    int[] tooShort = Arrays.copyOf(indices, indices.length - 1);
    assertRefused("indices", () -> windows.plan.areDisjoint(tooShort));
  }

  @Test
  void overlappingWindowsAreNeverDisjoint() {
    int[] apart = {0, 2, 4, 0, 2, 4};
    MaxUnpooling.Builder builder = MaxUnpooling.maxUnpool1d(2, 1, 3, 2);
    assertTrue(builder.build().areDisjoint(apart));
    assertFalse(builder.stride(1).outputSize(4).build().areDisjoint(new int[] {0, 1, 2, 0, 1, 2}));
    assertTrue(builder.stride(3).outputSize(8).build().areDisjoint(new int[] {0, 3, 6, 1, 4, 7}));
    assertFalse( // between the windows
        builder.stride(3).outputSize(8).build().areDisjoint(new int[] {0, 3, 6, 2, 4, 7}));
    int[] square = {0, 2, 6, 8};
    assertFalse(MaxUnpooling.maxUnpool2d(1, 1, 2, 2, 2, 1).stride(1).build().areDisjoint(square));
    assertFalse(MaxUnpooling.maxUnpool2d(1, 1, 2, 2, 1, 2).stride(1).build().areDisjoint(square));
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void theOtherPositionsHoldTheFillValue(@ForAll("sizes") int length, @ForAll long seed) {
    Random random = new Random(seed);
    int batch = 1 + random.nextInt(3);
    int channels = 1 + random.nextInt(4);
    MaxUnpooling plan = MaxUnpooling.maxUnpool1d(batch, channels, length, 2).build();
    int plane = 2 * length;
    int[] indices = indices(plan, batch * channels, random);
    float[] input = Data.normals(plan.inputSize(), random);
    float[] fill = Data.normals(channels, random);
    fill[random.nextInt(channels)] = new float[] {Float.NaN, -0.0f, 2}[random.nextInt(3)];
    float[] expected = new float[plan.outputSize()];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = fill[i / plane % channels];
    }
    for (int i = 0; i < input.length; i++) {
      expected[i / length * plane + indices[i]] = input[i];
    }
    float[] output = new float[expected.length];
    plan.forward(input, 0, indices, 0, fill, 0, output, 0, WORKSPACE);
    Compare.bits("output", expected, output);
    plan.forward(input, indices, output, WORKSPACE);
    float[] among = new float[expected.length];
    plan.forward(input, 0, indices, 0, null, 0, among, 0, WORKSPACE);
    Compare.bits("output among zeros", output, among);
    assertRefused(
        "fill_value",
        () -> plan.forward(input, 0, indices, 0, new float[0], 0, among, 0, WORKSPACE));
    assertRefused(
        "output", () -> plan.forward(input, 0, indices, 0, output, 0, output, 0, WORKSPACE));
  }

  private static void assertAll(float expected, float[] values) {
    for (float value : values) {
      assertEquals(expected, value);
    }
  }
}
