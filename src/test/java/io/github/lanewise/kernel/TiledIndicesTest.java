package io.github.lanewise.kernel;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.Workspaces;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Windows of 3 side by side, whose indices lie in them, or elsewhere, as no pooling gives them. */
class TiledIndicesTest {
  private static final Workspace WORKSPACE = new Workspace();
  private static final Workspace THREE = new Workspace(Workspaces.threads(3));

  /** Rows of windows of 3, one plane after the other, and their indices. */
  private static final class Case {
    final int planes;
    final int rows;
    final int windows;
    final int padding;
    final int width;
    final int[] indices;
    final float[] values;
    final boolean two;

    Case(Random random) {
      planes = 1 + random.nextInt(random.nextInt(4) == 0 ? 300 : 5);
      two = random.nextBoolean();
      rows = two ? 1 + random.nextInt(4) : 1;
      windows = 1 + random.nextInt(70);
      padding = random.nextInt(2);
      int rest = random.nextInt(5) - 2;
      width = Math.max(3 * windows - 2 * padding + rest, Math.max(1, 3 * windows - padding - 2));
      indices = new int[planes * rows * windows];
      int strays = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0;
      for (int i = 0; i < indices.length; i++) {
        int first = i % windows * 3 - padding;
        int column = first + random.nextInt(3);
        if (column < 0 || column >= width) {
          column = Math.max(0, first);
        }
        indices[i] = i / windows % rows * width + column;
      }
      for (int i = 0; i < strays; i++) {
        indices[random.nextInt(indices.length)] = random.nextInt(rows * width);
      }
      values = Data.normals(indices.length, random);
      for (int i = 0; i < 3; i++) {
        values[random.nextInt(values.length)] = new float[] {-0f, Float.NaN, 0}[i];
      }
    }

    MaxUnpooling unpooling() {
      return two
          ? MaxUnpooling.maxUnpool2d(planes, 1, rows, windows, 1, 3)
              .padding(0, padding)
              .outputSize(rows, width)
              .build()
          : MaxUnpooling.maxUnpool1d(planes, 1, windows, 3)
              .padding(padding)
              .outputSize(width)
              .build();
    }

    int place(int i) {
      return i / (rows * windows) * rows * width + indices[i];
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
    float[] fill = {random.nextBoolean() ? 0 : random.nextFloat()};
    float[] expected = new float[plan.outputSize()];
    Arrays.fill(expected, fill[0]);
    for (int i = 0; i < c.indices.length; i++) {
      expected[c.place(i)] = c.values[i];
    }
    Workspace workspace = workspace(random);
    float[] output = new float[expected.length];
    plan.forward(c.values, 0, c.indices, 0, fill, 0, output, 0, workspace);
    Compare.bits("output", expected, output);

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
        c.indices,
        0,
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

  @Property(tries = 1500, edgeCases = EdgeCasesMode.NONE)
  void maxPoolingsGradient(@ForAll long seed) {
    Random random = new Random(seed);
    Case c = new Case(random);
    if (c.width + 2 * c.padding < 3 || c.windows != (c.width + 2 * c.padding - 3) / 3 + 1) {
      return; // an unpooling may have another output size, a pooling not
    }
    MaxPooling plan =
        c.two
            ? MaxPooling.maxPool2d(c.planes, 1, c.rows, c.width, 1, 3).padding(0, c.padding).build()
            : MaxPooling.maxPool1d(c.planes, 1, c.width, 3).padding(c.padding).build();
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
    plan.backward(c.values, 0, c.indices, 0, gradInput.array, gradInput.offset, workspace);
    Compare.bits("grad_input between others", expected, gradInput.values("grad_input"));
  }
}
