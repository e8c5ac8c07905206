package com.example;

import io.github.lanewise.data.Batches;
import io.github.lanewise.data.BuiltInDigits;
import io.github.lanewise.io.Safetensors;
import io.github.lanewise.kernel.Lanewise;
import io.github.lanewise.nn.Adam;
import io.github.lanewise.nn.Conv2d;
import io.github.lanewise.nn.CrossEntropyLoss;
import io.github.lanewise.nn.Flatten;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.MaxPool2d;
import io.github.lanewise.nn.ReLU;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.Tensor;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private static final Set<String> PACKAGES = Set.of("kernel", "nn", "data", "io");

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
    check(seen.contains("mnist"), "the jar has no command line, so this shows little");
    System.out.println(loaded + " classes loaded from " + seen);

    train();
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

  /** Through data, nn (and so kernel) and io: learns sixteen drawn digits, saves and loads. */
  private static void train() throws IOException {
    Batches batches = new Batches(new BuiltInDigits(16, 0), 16, 0);
    float[] images = new float[16 * batches.imageFloats()];
    int[] labels = new int[16];
    batches.startEpoch(0);
    check(batches.next(images, labels) == 16, "the first batch is not whole");
    Tensor input = Tensor.of(images, 16, 1, 28, 28);

    Sequential model = network();
    model.initialize(0);
    CrossEntropyLoss loss = new CrossEntropyLoss();
    Adam optimizer = Adam.of(model.parameters()).lr(1e-2).build();
    float first = loss.forward(model.forward(input), labels);
    for (int step = 0; step < 20; step++) {
      loss.forward(model.forward(input), labels);
      optimizer.zeroGrad();
      model.backward(loss.backward());
      optimizer.step();
    }
    float last = loss.forward(model.forward(input), labels);
    check(last < first / 2, "the loss went from " + first + " to " + last);

    Path file = Files.createTempFile("model", ".safetensors");
    model.stateDict().write(file);
    Sequential loaded = network();
    loaded.loadStateDict(Safetensors.read(file));
    Files.delete(file);
    float again = loss.forward(loaded.forward(input), labels);
    check(again == last, "the loaded model has loss " + again + ", the saved one " + last);
  }

  private static Sequential network() {
    return new Sequential(
        new Conv2d(1, 4, 3), new ReLU(), new MaxPool2d(2), new Flatten(), new Linear(676, 10));
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
