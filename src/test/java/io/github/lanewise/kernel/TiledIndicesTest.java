package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.GuardedInts;
import io.github.lanewise.testing.Workspaces;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Windows of 3 or of 2 × 2 side by side, whose indices lie in them, or elsewhere, as no pooling
 * gives them.
 */
class TiledIndicesTest {
  private static final Workspace WORKSPACE = new Workspace();
  private static final Workspace THREE = new Workspace(Workspaces.threads(3));

  /** Rows of windows, one plane after the other, and their indices. */
  private static final class Case {
    final int batch;
    final int channels;
    final int planes;
    final int size;
    final int high;
    final int rows;
    final int windows;
    final int padding;
    final int height;
    final int width;

    /** Whether the last window of a row reaches beyond the padding, which takes ceil_mode. */
    final boolean beyond;

    final int[] indices;
    final float[] values;
    final boolean two;

    Case(Random random) {
      batch = 1 + random.nextInt(random.nextInt(4) == 0 ? 100 : 3);
      channels = 1 + random.nextInt(3);
      planes = batch * channels;
      size = 2 + random.nextInt(2);
      high = size == 2 ? 2 : 1;
      two = size == 2 || random.nextBoolean();
      rows = two ? 1 + random.nextInt(4) : 1;
      windows = 1 + random.nextInt(70);
      padding = random.nextInt(size == 2 ? 6 : 2) == 1 ? 1 : 0;
      int rest = random.nextInt(2 * size - 1) - (size - 1);
      int least = Math.max(1, size * windows - padding - (size - 1));
      width = Math.max(size * windows - 2 * padding + rest, least);
      beyond = size * windows > width + 2 * padding;
      height = high * rows + (beyond ? 0 : random.nextInt(high));
      indices = new int[planes * rows * windows];
      int strays = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0;
      for (int i = 0; i < indices.length; i++) {
        int first = i % windows * size - padding;
        int column = first + random.nextInt(size);
        if (column < 0 || column >= width) {
          column = Math.max(0, first);
        }
        int line = i / windows % rows * high + random.nextInt(high);
        indices[i] = line * width + column;
      }
      for (int i = 0; i < strays; i++) {
        int stray = random.nextInt(indices.length);
        if (random.nextBoolean()) {
          indices[stray] = random.nextInt(height * width);
        } else { // at an edge of a row, where the window reaches into the row before or behind
          int row = random.nextBoolean() ? 0 : stray / windows;
          stray = row * windows + random.nextInt(2) * (windows - 1);
          int near = indices[stray] + random.nextInt(5) - 2;
          indices[stray] = Math.clamp(near, 0, height * width - 1);
        }
      }
      values = Data.normals(indices.length, random);
      for (int i = 0; i < 3; i++) {
        values[random.nextInt(values.length)] = new float[] {-0f, Float.NaN, 0}[i];
      }
    }

    MaxUnpooling unpooling() {
      return two
          ? MaxUnpooling.maxUnpool2d(batch, channels, rows, windows, high, size)
              .padding(0, padding)
              .outputSize(height, width)
              .build()
          : MaxUnpooling.maxUnpool1d(batch, channels, windows, size)
              .padding(padding)
              .outputSize(width)
              .build();
    }

    MaxPooling pooling() {
      return two
          ? MaxPooling.maxPool2d(batch, channels, height, width, high, size)
              .padding(0, padding)
              .ceilMode(beyond)
              .build()
          : MaxPooling.maxPool1d(batch, channels, width, size)
              .padding(padding)
              .ceilMode(beyond)
              .build();
    }

    int place(int i) {
      return i / (rows * windows) * height * width + indices[i];
    }
  }

  private static Workspace workspace(Random random) {
    return random.nextBoolean() ? WORKSPACE : THREE;
  }

  @Property(tries = 1500, edgeCases = EdgeCasesMode.NONE)
  void unpooling(@ForAll long seed) {
    Random random = new Random(seed);
    Case c = new Case(random);
    MaxUnpooling plan = c.unpooling();
    float[] fill = random.nextBoolean() ? new float[c.channels] : Data.normals(c.channels, random);
    float[] expected = new float[plan.outputSize()];
    int plane = expected.length / c.planes;
    for (int i = 0; i < expected.length; i++) {
      expected[i] = fill[i / plane % c.channels];
    }
    for (int i = 0; i < c.indices.length; i++) {
      expected[c.place(i)] = c.values[i];
    }
    Workspace workspace = workspace(random);
    float[] output = new float[expected.length];
    plan.forward(c.values, 0, c.indices, 0, fill, 0, output, 0, workspace);
    Compare.bits("output", expected, output);
    Guarded values = Guarded.of(c.values, random);
    GuardedInts indices = GuardedInts.of(c.indices, random);
    Guarded fills = Guarded.of(fill, random);
    Guarded result = Guarded.forResult(expected.length, random);
    plan.forward(
        values.array,
        values.offset,
        indices.array,
        indices.offset,
        fills.array,
        fills.offset,
        result.array,
        result.offset,
        workspace);
    Compare.bits("output between others", expected, result.values("output"));

    float[] gradOutput = Data.normals(plan.outputSize(), random);
    gradOutput[random.nextInt(gradOutput.length)] = -0f;
    float[] expectedGradient = new float[c.indices.length];
    for (int i = 0; i < c.indices.length; i++) {
      expectedGradient[i] = gradOutput[c.place(i)];
    }
    Guarded grad = Guarded.of(gradOutput, random);
    Guarded gradInput = Guarded.forResult(c.indices.length, random);
    plan.backward(
        grad.array,
        grad.offset,
        indices.array,
        indices.offset,
        gradInput.array,
        gradInput.offset,
        null,
        0,
        workspace);
    Compare.bits("grad_input", expectedGradient, gradInput.values("grad_input"));
    float[] alone = new float[c.indices.length];
    plan.backward(gradOutput, c.indices, alone, workspace);
    Compare.bits("grad_input of short arrays", expectedGradient, alone);
  }

  /**
   * The last window of a row reaches into the next one. The first row and the last are not stored
   * as vectors, which would reach beyond the array.
   */
  @Example
  void anIndexBeyondItsRowIsOfTheNextOne() {
    MaxUnpooling plan =
        MaxUnpooling.maxUnpool2d(1, 1, 3, 20, 1, 3).padding(0, 1).outputSize(3, 57).build();
    for (int row = 0; row < 2; row++) {
      int[] indices = new int[60];
      float[] values = Data.normals(60, new Random(1));
      float[] expected = new float[171];
      for (int i = 0; i < 60; i++) {
        int own = i / 20 * 57 + i % 20 * 3 + (i % 20 == 19 ? -1 : 1);
        indices[i] = i == row * 20 + 19 ? (row + 1) * 57 : own;
        expected[indices[i]] = values[i];
      }
      float[] output = new float[171];
      plan.forward(values, indices, output, WORKSPACE);
      Compare.bits("output", expected, output);
    }
  }

  /** Rows that a stride steps over, and second rows of windows whose maxima are in the first. */
  @Example
  void rowsWithoutMaximaHaveNoGradient() {
    for (int kernel = 1; kernel <= 2; kernel++) {
      MaxPooling plan = MaxPooling.maxPool2d(1, 1, 2, 60, kernel, 3).stride(3 - kernel, 3).build();
      float[] gradOutput = Data.normals(20, new Random(kernel));
      int[] indices = new int[20];
      float[] expected = new float[120];
      for (int i = 0; i < 20; i++) {
        indices[i] = 3 * i + i % 3;
        expected[indices[i]] = gradOutput[i];
      }
      float[] gradInput = new float[120];
      Arrays.fill(gradInput, 7);
      plan.backward(gradOutput, indices, gradInput, WORKSPACE);
      Compare.bits("grad_input", expected, gradInput);
    }
  }

  @Property(tries = 1500, edgeCases = EdgeCasesMode.NONE)
  void maxPoolingsGradient(@ForAll long seed) {
    Random random = new Random(seed);
    Case c = new Case(random);
    MaxPooling plan = c.pooling();
    assertEquals(c.indices.length, plan.outputSize());
    float[] expected = new float[plan.inputSize()];
    for (int i = 0; i < c.indices.length; i++) {
      expected[c.place(i)] += c.values[i];
    }
    Workspace workspace = workspace(random);
    float[] alone = new float[expected.length];
    Arrays.fill(alone, 7);
    plan.backward(c.values, c.indices, alone, workspace);
    Compare.bits("grad_input", expected, alone);
    Guarded gradInput = Guarded.forResult(expected.length, random);
    Guarded values = Guarded.of(c.values, random);
    GuardedInts indices = GuardedInts.of(c.indices, random);
    plan.backward(
        values.array,
        values.offset,
        indices.array,
        indices.offset,
        gradInput.array,
        gradInput.offset,
        workspace);
    Compare.bits("grad_input between others", expected, gradInput.values("grad_input"));
  }
}
