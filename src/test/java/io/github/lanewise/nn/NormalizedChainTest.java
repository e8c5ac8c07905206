package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.lanewise.io.Safetensors;
import io.github.lanewise.kernel.Lanewise;
import io.github.lanewise.kernel.Workspace;
import io.github.lanewise.nn.NormalizedChain.Net;
import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Registers;
import io.github.lanewise.testing.Workspaces;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Convolutions of a chain that compute what a batch normalisation next to them left out, against
 * the layers one by one.
 */
class NormalizedChainTest {
  static Stream<Net> nets() {
    return NormalizedChain.nets();
  }

  private static Tensor normals(long seed, int... shape) {
    int elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return Tensor.of(Data.normals(elements, new Random(seed)), shape);
  }

  private static void bits(String name, Tensor expected, Tensor actual) {
    assertArrayEquals(expected.shape(), actual.shape(), name);
    Compare.bits(name, elements(expected), elements(actual));
  }

  private static float[] elements(Tensor tensor) {
    return Arrays.copyOf(tensor.data(), tensor.elements());
  }

  private static void assertStep(
      NormalizedChain expected, NormalizedChain actual, long seed, int... shape) {
    Tensor output = expected.forward(normals(seed, shape));
    bits("output", output, actual.forward(normals(seed, shape)));
    assertBackward(expected, actual, seed, output.shape());
  }

  private static void assertBackward(
      NormalizedChain expected, NormalizedChain actual, long seed, int... shape) {
    Tensor gradient = expected.backward(normals(seed + 1, shape));
    bits("grad_input", gradient, actual.backward(normals(seed + 1, shape)));
    assertSameState(expected, actual);
  }

  private static void assertSameState(NormalizedChain expected, NormalizedChain actual) {
    for (int i = 0; i < expected.parameters().size(); i++) {
      bits("gradient " + i, expected.parameters().get(i).grad(), actual.parameters().get(i).grad());
    }
    Safetensors state = actual.stateDict();
    expected
        .stateDict()
        .tensors()
        .forEach((name, t) -> assertSameTensor(name, t, state.tensors().get(name)));
  }

  private static void assertSameTensor(
      String name, Safetensors.Tensor expected, Safetensors.Tensor actual) {
    if (name.endsWith("num_batches_tracked")) {
      assertArrayEquals(expected.longs(), actual.longs(), name);
    } else {
      Compare.bits(name, expected.floats(), actual.floats());
    }
  }

  /** Steps in a row, in which gradients add up; other batches, weights and modes. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("nets")
  void sameBitsAsTheLayersOneByOne(Net net) {
    for (int threads = 1; threads <= 2; threads++) {
      NormalizedChain expected = net.chain(true);
      NormalizedChain actual = net.chain(false);
      actual.workspace(new Workspace(Workspaces.threads(threads)));
      int[] larger = net.shape().clone();
      larger[0]++;
      assertStep(expected, actual, 1, net.shape());
      assertStep(expected, actual, 2, net.shape());
      for (NormalizedChain chain : new NormalizedChain[] {expected, actual}) {
        NormalizedChain.change(chain, 2);
        chain.zeroGrad();
      }
      assertStep(expected, actual, 3, larger);
      expected.eval();
      actual.eval();
      assertStep(expected, actual, 4, larger);
      assertStep(expected, actual, 5, net.shape());
      expected.train();
      actual.train();
      assertStep(expected, actual, 6, net.shape());
    }
  }

  /** Now the same layers one by one, now as a chain; a pass of one may follow that of the other. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("nets")
  void layersMayBeCalledOneByOneInTurn(Net net) {
    NormalizedChain expected = net.chain(true);
    NormalizedChain actual = net.chain(false);
    assertStep(expected, actual, 1, net.shape());
    actual.oneByOne = true;
    assertStep(expected, actual, 2, net.shape());
    actual.oneByOne = false;
    assertStep(expected, actual, 3, net.shape());

    actual.oneByOne = true;
    Tensor output = expected.forward(normals(4, net.shape()));
    bits("output", output, actual.forward(normals(4, net.shape())));
    actual.oneByOne = false;
    assertBackward(expected, actual, 4, output.shape());
  }

  // what leads to these tensors is no business of callers

  private static Tensor latest(String field, Layer layer) {
    try {
      Field tensor = PlannedLayer.class.getDeclaredField(field);
      tensor.setAccessible(true);
      return (Tensor) tensor.get(layer);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertPending(String name, boolean pending, Tensor tensor) {
    assertEquals(pending, tensor.normalized() != null, name);
    if (pending) {
      assertNotNull(tensor.pending(), name);
    }
  }

  /** What no comparison of results would notice: that the elements are left out at all. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("nets")
  void elementsAreLeftToTheNeighbours(Net net) {
    NormalizedChain chain = net.chain(false);
    Layer norm = chain.layers.get(net.norm());
    for (int step = 0; step < 3; step++) {
      boolean training = step < 2;
      if (!training) {
        chain.eval();
      }
      int[] shape = chain.forward(normals(1, net.shape())).shape();
      assertPending("output", Lanewise.vectorBits() >= net.outputBits(), latest("output", norm));
      chain.backward(normals(2, shape));
      assertPending("output", Lanewise.vectorBits() >= net.outputBits(), latest("output", norm));
      // in evaluation the gradient is no sum, and computed at once
      boolean usedBatch = training || norm.namedBuffers().isEmpty();
      boolean pending = usedBatch && Lanewise.vectorBits() >= net.gradientBits();
      assertPending("gradient", pending, latest("gradInput", norm));
    }
  }

  /** Nobody can tell who reads the tensors of a layer that is called by itself. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("nets")
  void nothingIsLeftOutOneByOne(Net net) {
    NormalizedChain chain = net.chain(false);
    Layer norm = chain.layers.get(net.norm());
    for (int step = 0; step < 2; step++) {
      chain.oneByOne = step == 1;
      int[] shape = chain.forward(normals(1, net.shape())).shape();
      chain.backward(normals(2, shape));
    }
    assertPending("output", false, latest("output", norm));
    assertPending("gradient", false, latest("gradInput", norm));
  }

  /** In the first step too, and with memory of their own only then. */
  @Test
  void elementsThatNobodyAskedForHaveNoMemory() {
    NormalizedChain chain = NormalizedChain.dae(new BatchNorm2d(16), true);
    int[] shape = chain.forward(normals(1, 2, 16, 16, 16)).shape();
    chain.backward(normals(2, shape));
    Layer norm = chain.layers.get(2);
    assertEquals(
        Lanewise.vectorBits() >= Registers.choose(256, Integer.MAX_VALUE),
        array(latest("output", norm)) == null,
        "of the output");
    assertEquals(
        Lanewise.vectorBits() >= 128, array(latest("gradInput", norm)) == null, "of the gradient");
  }

  private static float[] array(Tensor tensor) {
    try {
      Field data = Tensor.class.getDeclaredField("data");
      data.setAccessible(true);
      return (float[]) data.get(tensor);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** Elements that are asked for after all are right, and to ask changes nothing else. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("nets")
  void elementsAreThereForWhoeverAsks(Net net) {
    for (int when = 0; when < 3; when++) {
      for (boolean training : new boolean[] {true, false}) {
        NormalizedChain expected = net.chain(true);
        NormalizedChain actual = net.chain(false);
        assertStep(expected, actual, 1, net.shape()); // for other statistics than the initial ones
        if (!training) {
          expected.eval();
          actual.eval();
        }
        Tensor output = expected.forward(normals(3, net.shape()));
        bits("output", output, actual.forward(normals(3, net.shape())));
        if (when == 0) {
          assertElements("output", net, expected, actual);
        } else if (when == 1) {
          actual.eval(); // what the pass before was is what counts
        }
        assertBackward(expected, actual, 3, output.shape());
        if (when < 2) {
          assertElements("output", net, expected, actual);
        }
        assertElements("gradInput", net, expected, actual);
        assertElements("output", net, expected, actual);
        assertSameState(expected, actual);
        assertBackward(expected, actual, 3, output.shape()); // again of the same pass
      }
    }
  }

  /** Compares with the same tensor of the layers one by one; or the ReLU's, if it does its work. */
  private static void assertElements(
      String field, Net net, NormalizedChain expected, NormalizedChain actual) {
    boolean output = field.equals("output");
    int neighbour = output ? net.norm() + 1 : net.norm() - 1;
    boolean exists = neighbour >= 0 && neighbour < actual.layers.size();
    boolean relu = exists && actual.layers.get(neighbour) instanceof ReLU;
    Layer same = expected.layers.get(relu ? neighbour : net.norm());
    bits(field, latest(field, same), latest(field, actual.layers.get(net.norm())));
  }

  /** Of training only, whoever computes the elements, and whether they are asked for or not. */
  @Test
  void cumulativeAverageIsTheMeanOfAllBatches() {
    BatchNorm2d norm = BatchNorm2d.of(3).cumulativeAverage().build();
    Sequential chain = new Sequential(norm, NormalizedChain.narrow(3));
    double[] sums = new double[3];
    for (int step = 1; step <= 4; step++) {
      Tensor x = normals(step, 4, 3, 9, 19);
      for (int i = 0; i < x.elements(); i++) {
        sums[i / (9 * 19) % 3] += x.data()[i] / (4 * 9 * 19.0);
      }
      chain.forward(x);
      latest("output", norm).data();
      chain.eval();
      chain.forward(normals(9, 4, 3, 9, 19));
      chain.train();
      for (int c = 0; c < 3; c++) {
        float mean = norm.namedBuffers().get("running_mean").data()[c];
        assertEquals(sums[c] / step, mean, 1e-6);
      }
      long[] batches = norm.stateDict().tensors().get("num_batches_tracked").longs();
      assertArrayEquals(new long[] {step}, batches);
    }
  }

  @Test
  void theInputsGradientMayBeSpared() {
    for (int front = 0; front < 2; front++) {
      Supplier<Sequential> make =
          front == 0
              ? () -> new Sequential(new ReLU(), new BatchNorm2d(3), NormalizedChain.narrow(3))
              : () ->
                  new Sequential(
                      BatchNorm2d.of(3).affine(false).build(), NormalizedChain.narrow(3));
      Sequential expected = make.get();
      Sequential actual = make.get();
      expected.initialize(1);
      actual.initialize(1);
      actual.inputGradient(false);
      Tensor output = expected.forward(normals(1, 4, 3, 9, 19));
      bits("output", output, actual.forward(normals(1, 4, 3, 9, 19)));
      expected.backward(normals(2, output.shape()));
      assertNull(actual.backward(normals(2, output.shape())));
      for (int i = 0; i < expected.parameters().size(); i++) {
        bits("gradient", expected.parameters().get(i).grad(), actual.parameters().get(i).grad());
      }
    }
  }
}
