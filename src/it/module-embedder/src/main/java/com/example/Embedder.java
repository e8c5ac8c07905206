package com.example;

import io.github.lanewise.io.ImageGrid;
import io.github.lanewise.kernel.Convolution;
import io.github.lanewise.kernel.Lanewise;
import io.github.lanewise.kernel.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Brightens an image and writes it, in a JVM that has only the modules it requires. */
public final class Embedder {
  private Embedder() {}

  public static void main(String[] args) throws IOException {
    System.out.println(Lanewise.describe());
    check(Lanewise.class.getModule().isNamed(), "Lanewise is not a named module here");
    check(Lanewise.describe().startsWith("vector backend"), "the vector kernels are not used");
    check(ModuleLayer.boot().findModule("java.desktop").isEmpty(), "java.desktop was inherited");

    Convolution plan = Convolution.conv2d(1, 1, 1, 2, 2, 1).build();
    float[] image = {0, 0.25f, 0.5f, 0.75f};
    float[] output = new float[plan.outputSize()];
    plan.forward(image, new float[] {2}, new float[] {-0.5f}, output, new Workspace());
    check(
        Arrays.equals(output, new float[] {-0.5f, 0, 0.5f, 1}),
        "convolved to " + Arrays.toString(output));

    Path png = Files.createTempFile("embedder", ".png");
    ImageGrid.of(output, 1, 1, 2, 2, 1).writePng(png);
    check(Files.size(png) > 0, "the picture is empty");
    Files.delete(png);

    for (String internal : new String[] {"internal", "scalar", "vector"}) {
      check(
          !Lanewise.class.getModule().isExported("io.github.lanewise." + internal),
          internal + " is exported");
    }
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
