package io.github.lanewise.mnist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.github.lanewise.data.BuiltInDigits;
import io.github.lanewise.kernel.Lanewise;
import io.github.lanewise.kernel.Workspace;
import io.github.lanewise.nn.Adam;
import io.github.lanewise.nn.Layer;
import io.github.lanewise.nn.Parameter;
import io.github.lanewise.nn.Tensor;
import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Jvm;
import io.github.lanewise.testing.Workspaces;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The four networks as MODELS.md describes them. */
class NetworksTest {
  /** The measurement itself may allocate a little; the smallest array of a step is larger. */
  private static final long FEW_BYTES = 256;

  private static int count(Layer network) {
    return network.parameters().stream().mapToInt(p -> p.data().elements()).sum();
  }

  @Test
  void parameters() {
    assertEquals(20, count(new PoolNetwork()));
    assertEquals(30, count(new ConvNetwork()));
    assertEquals(448 + 32 + 2320 + 32 + 435, count(new DaeNetwork()));
    assertEquals(
        832
            + 64
            + 51264
            + 128 // encode1, encode2
            + 5632 * 1024
            + 1024
            + 1024 * 30
            + 30 // encode3
            + 128
            + 51232
            + 64
            + 801 // decode1, decode2
            + 30 * 1024
            + 1024
            + 1024 * 5632
            + 5632, // decode3
        count(new Ae1dNetwork()));
  }

  @Test
  void ae1dIsNumberedInTheOrderOfTheReference() {
    List<String> names = List.copyOf(new Ae1dNetwork().namedParameters().keySet());
    assertEquals(
        List.of(
            "encode1.0.weight",
            "encode1.0.bias",
            "encode1.1.weight",
            "encode1.1.bias",
            "encode2.0.weight",
            "encode2.0.bias",
            "encode2.1.weight",
            "encode2.1.bias",
            "encode3.0.weight",
            "encode3.0.bias",
            "encode3.1.weight",
            "encode3.1.bias",
            "decode1.1.weight",
            "decode1.1.bias",
            "decode1.2.weight",
            "decode1.2.bias",
            "decode2.1.weight",
            "decode2.1.bias",
            "decode2.2.weight",
            "decode2.2.bias",
            "decode3.0.weight",
            "decode3.0.bias",
            "decode3.1.weight",
            "decode3.1.bias"),
        names);
    Map<String, Parameter> parameters = new Ae1dNetwork().namedParameters();
    assertArrayEquals(new int[] {64, 32, 25}, parameters.get("encode2.0.weight").data().shape());
    assertArrayEquals(new int[] {64, 32, 25}, parameters.get("decode1.2.weight").data().shape());
    assertArrayEquals(new int[] {5632, 1024}, parameters.get("decode3.1.weight").data().shape());
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void outputHasTheShapeOfTheTarget(Model model) {
    Task task = task(model, 2);
    Tensor output = model.network().forward(task.input());
    assertArrayEquals(task.target().shape(), output.shape());
  }

  private static Task task(Model model, int n) {
    Task task = new Task(model, n, 0, 0);
    new io.github.lanewise.data.Batches(new BuiltInDigits(n, 1), n).next(task.images(), null);
    task.prepare(n);
    return task;
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void sameBitsForAnyNumberOfThreads(Model model) {
    List<float[]> one = gradients(model, new Workspace());
    List<float[]> three = gradients(model, new Workspace(Workspaces.threads(3)));
    for (int i = 0; i < one.size(); i++) {
      Compare.bits("gradient " + i, one.get(i), three.get(i));
    }
  }

  private static List<float[]> gradients(Model model, Workspace workspace) {
    Task task = task(model, 6);
    Layer network = model.network();
    network.initialize(1);
    network.workspace(workspace);
    network.inputGradient(false);
    network.forward(task.input());
    assertNull(network.backward(task.target()));
    List<float[]> gradients = new ArrayList<>();
    for (Parameter parameter : network.parameters()) {
      gradients.add(parameter.grad().data().clone());
    }
    return gradients;
  }

  /** In a JVM of its own: other tests' calls would change what the JVM compiles, and how. */
  @ParameterizedTest
  @EnumSource(Model.class)
  void stepAllocatesNothing(Model model) throws Exception {
    List<String> printed =
        Jvm.run(AllocationProbe.class, Jvm.mode(), model.name(), String.valueOf(FEW_BYTES));
    assertEquals(1, printed.size(), printed::toString);
    long least = Long.parseLong(printed.getFirst());
    assertTrue(least <= FEW_BYTES, "a step allocates " + least + " bytes");
  }

  /**
   * Forward pass, loss, backward pass and Adam, from the second step on. Only without vectors:
   * these are objects until the JVM has compiled the loop that they are in, which {@link
   * #stepAllocatesNothing} waits for.
   */
  @ParameterizedTest
  @EnumSource(Model.class)
  void layersAllocateNothing(Model model) {
    assumeTrue(Lanewise.vectorBits() == 0, "vectors may be objects");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Task task = task(model, 2);
    Trainer trainer =
        new Trainer(new Trainer.Settings(model, 1, 2, 1e-3, 0, 1, 0), new Workspace());
    Adam adam = trainer.adam();
    trainer.step(adam, task);
    long least = Long.MAX_VALUE;
    for (int step = 2; step <= 4; step++) { // a class is loaded here and there
      long before = threads.getCurrentThreadAllocatedBytes();
      trainer.step(adam, task);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertTrue(least <= FEW_BYTES, "a step allocates " + least + " bytes");
  }
}
