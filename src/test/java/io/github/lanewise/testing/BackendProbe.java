package io.github.lanewise.testing;

import io.github.lanewise.kernel.Convolution;
import io.github.lanewise.kernel.Lanewise;
import io.github.lanewise.kernel.Workspace;
import java.util.Arrays;

/** A program that embeds Lanewise, for tests that start it in JVMs of other kinds. */
public final class BackendProbe {
  private BackendProbe() {}

  public static void main(String[] arguments) {
    for (int attempt = 1; attempt <= 2; attempt++) {
      try {
        System.out.println("describe: " + Lanewise.describe());
        System.out.println("backend: " + Lanewise.backend() + " " + Lanewise.vectorBits());
      } catch (RuntimeException e) {
        System.out.println("describe threw " + e);
      }
      try {
        System.out.println("convolution: " + Arrays.toString(convolution()));
      } catch (RuntimeException e) {
        System.out.println("convolution threw " + e);
      }
    }
  }

  private static float[] convolution() {
    Convolution convolution = Convolution.conv1d(1, 1, 1, 4, 2).build();
    float[] output = new float[convolution.outputSize()];
    convolution.forward(
        new float[] {1, 2, 3, 4}, new float[] {10, 1}, null, output, new Workspace());
    return output;
  }
}
