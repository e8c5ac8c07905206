package com.example;

import io.github.lanewise.kernel.Convolution;
import io.github.lanewise.kernel.Lanewise;
import io.github.lanewise.kernel.Workspace;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Runs a convolution without the incubator module and reads what was logged about it. */
public final class Embedder {
  private static final String REMEDY = "--add-modules jdk.incubator.vector";

  private Embedder() {}

  public static void main(String[] args) {
    check(
        ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty(),
        "the incubator module is there, so this shows nothing");

    // before the first log line, since the JDK's handler keeps the stream it finds
    PrintStream stderr = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    for (int i = 0; i < 2; i++) {
      convolve();
    }
    System.setErr(stderr);

    String log = captured.toString(StandardCharsets.UTF_8);
    System.out.println(log);
    System.out.println(Lanewise.describe());
    check(log.split(REMEDY, -1).length == 2, "the log names the remedy not once: " + log);
    check(Lanewise.describe().startsWith("scalar backend"), "the scalar twins are not used");
    check(Lanewise.describe().contains(REMEDY), "describe() names no remedy");
  }

  private static void convolve() {
    Convolution plan = Convolution.conv2d(1, 1, 1, 3, 3, 2).build();
    float[] input = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    float[] output = new float[plan.outputSize()];
    plan.forward(input, new float[] {1, 0, 0, 1}, null, output, new Workspace());
    check(
        Arrays.equals(output, new float[] {6, 8, 12, 14}),
        "convolved to " + Arrays.toString(output));
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
