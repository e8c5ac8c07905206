package com.example;

import io.github.lanewise.kernel.Convolution;
import io.github.lanewise.kernel.Lanewise;
import io.github.lanewise.kernel.Workspace;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Loads every class of the jar but the command line's, and looks into each for a name of what only
 * the command line may use.
 */
public final class Embedder {
  private static final List<String> OPTIONAL =
      List.of(
          "picocli.CommandLine", "me.tongfei.progressbar.ProgressBar", "org.knowm.xchart.Chart");

  private static final List<String> FORBIDDEN =
      List.of(
          "picocli/",
          "me/tongfei/",
          "org/knowm/",
          "java/awt/",
          "javax/imageio/",
          "javax/swing/",
          "io/github/lanewise/mnist/");

  private static final Set<String> PACKAGES = Set.of("kernel", "data", "io");

  private Embedder() {}

  public static void main(String[] args) throws Exception {
    for (String name : OPTIONAL) {
      check(!isPresent(name), name + " was inherited");
    }

    Set<String> seen = new TreeSet<>();
    int loaded = 0;
    Path place =
        Path.of(Lanewise.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (JarFile jar = new JarFile(place.toFile())) {
      for (JarEntry entry : jar.stream().toList()) {
        String path = entry.getName();
        if (!path.startsWith("io/github/lanewise/") || !path.endsWith(".class")) {
          continue;
        }
        String within = path.substring("io/github/lanewise/".length());
        seen.add(within.contains("/") ? within.substring(0, within.indexOf('/')) : "");
        if (within.startsWith("mnist/")) {
          continue;
        }
        try (var in = jar.getInputStream(entry)) {
          checkNames(path, in.readAllBytes());
        }
        String name = path.substring(0, path.length() - ".class".length()).replace('/', '.');
        Class.forName(name, true, Embedder.class.getClassLoader());
        loaded++;
      }
    }
    check(seen.containsAll(PACKAGES), "the jar has only the packages " + seen);
    System.out.println(loaded + " classes loaded from " + seen);

    convolve();
  }

  private static void checkNames(String path, byte[] bytes) {
    for (PoolEntry entry : ClassFile.of().parse(bytes).constantPool()) {
      if (entry instanceof ClassEntry) {
        String name = ((ClassEntry) entry).asInternalName();
        for (String forbidden : FORBIDDEN) {
          check(!name.startsWith(forbidden), path + " refers to " + name);
        }
      }
    }
  }

  private static boolean isPresent(String name) {
    try {
      Class.forName(name);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
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
