package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.lanewise.io.Safetensors;
import io.github.lanewise.kernel.Lanewise;
import io.github.lanewise.kernel.Workspace;
import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
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
  /** Never, with vectors of any width. */
  private static final int NEVER = Integer.MAX_VALUE;

  /**
   * A network in two copies: one of chains, and one whose layers are called one by one.
   *
   * @param norm where the normalisation is that this is about
   * @param outputBits vectors have so many bits, or more, where its output is left to the next
   *     layer
   * @param gradientBits likewise where the gradient of its input is left to the layer in front
   */
  record Net(
      String name, Supplier<Chain> make, int norm, int outputBits, int gradientBits, int... shape) {
    Chain chain(boolean oneByOne) {
      Chain chain = make.get();
      chain.oneByOne = oneByOne;
      chain.initialize(4);
      change(chain, 1);
      return chain;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Layers, perhaps behind a pooling and an unpooling, called as one or one by one. */
  private static final class Chain extends Layer {
    final MaxPool2d pool;
    final MaxUnpool2d unpool;
    final Sequential layers;
    boolean oneByOne;

    Chain(boolean unpooled, Layer... layers) {
      pool = unpooled ? add("pool", new MaxPool2d(2)) : null;
      unpool = unpooled ? add("unpool", new MaxUnpool2d(2)) : null;
      this.layers = add("layers", new Sequential(layers));
    }

    @Override
    public Tensor forward(Tensor input) {
      Tensor x = pool == null ? input : pool.forward(input);
      return through(pool == null ? x : unpool.forward(x, pool.indices()));
    }

    private Tensor through(Tensor input) {
      Tensor x = input;
      for (int i = 0; oneByOne && i < layers.size(); i++) {
        x = layers.get(i).forward(x);
      }
      return oneByOne ? x : layers.forward(x);
    }

    @Override
    public Tensor backward(Tensor gradOutput) {
      Tensor g = gradOutput;
      for (int i = layers.size() - 1; oneByOne && i >= 0; i--) {
        g = layers.get(i).backward(g);
      }
      g = oneByOne ? g : layers.backward(g);
      return pool == null ? g : pool.backward(unpool.backward(g));
    }
  }

  private static Chain chain(Layer... layers) {
    return new Chain(false, layers);
  }

  /** The decoder of mnist's dae. */
  private static Chain dae(BatchNorm2d norm, boolean bias) {
    return new Chain(
        true,
        ConvTranspose2d.of(16, 16, 3).stride(2).padding(1).outputPadding(1).bias(bias).build(),
        new ReLU(true),
        norm,
        ConvTranspose2d.of(16, 3, 3).padding(1).build(),
        new ReLU(true));
  }

  private static Net net(int norm, int bits, int gradientBits, Supplier<Chain> make, int... shape) {
    StringBuilder name = new StringBuilder();
    Sequential layers = make.get().layers;
    for (int i = 0; i < layers.size(); i++) {
      name.append(i == 0 ? "" : ", ").append(layers.get(i));
    }
    return new Net(name.append(" on ") + Tensor.text(shape), make, norm, bits, gradientBits, shape);
  }

  private static Conv2d narrow(int in) {
    return Conv2d.of(in, 2, 3).padding(1).build();
  }

  static Stream<Net> nets() {
    return Stream.of(
        net(2, 256, 128, () -> dae(new BatchNorm2d(16), true), 3, 16, 16, 16),
        net(
            2,
            512,
            128,
            () -> dae(BatchNorm2d.of(16).affine(false).cumulativeAverage().build(), false),
            2,
            16,
            16,
            18),
        net(
            2,
            256,
            128,
            () -> dae(BatchNorm2d.of(16).trackRunningStats(false).build(), true),
            2,
            16,
            16,
            16),
        net( // no ReLU between; nothing behind
            1,
            NEVER,
            128,
            () ->
                new Chain(
                    true, ConvTranspose2d.of(4, 16, 3).stride(2).build(), new BatchNorm2d(16)),
            3,
            4,
            14,
            16),
        net( // zeros have become another value, whose gradient is wanted, too
            3,
            128,
            NEVER,
            () ->
                new Chain(
                    true,
                    new BatchNorm2d(16),
                    ConvTranspose2d.of(16, 16, 3).build(),
                    new ReLU(true),
                    new BatchNorm2d(16),
                    Conv2d.of(16, 1, 3).build()),
            2,
            16,
            26,
            26),
        net(0, 128, NEVER, () -> chain(new BatchNorm2d(3), narrow(3)), 4, 3, 9, 19),
        net(1, 128, NEVER, () -> chain(new ReLU(), new BatchNorm2d(3), narrow(3)), 4, 3, 7, 15),
        net(
            2,
            128,
            NEVER,
            () ->
                chain(
                    ConvTranspose2d.of(3, 4, 3).padding(1).build(),
                    new ReLU(true),
                    BatchNorm2d.of(4).affine(false).build(),
                    ConvTranspose2d.of(4, 2, 3).build(),
                    new ReLU(true)),
            3,
            3,
            6,
            17),
        net(
            3,
            128,
            NEVER,
            () ->
                chain(
                    new BatchNorm1d(2),
                    Conv1d.of(2, 2, 5).padding(2).build(),
                    new Tanh(),
                    BatchNorm1d.of(2).cumulativeAverage().build(),
                    Conv1d.of(2, 1, 25).padding(12).build()),
            5,
            2,
            130),
        net(
            0,
            128,
            NEVER,
            () ->
                chain(
                    BatchNorm2d.of(6).trackRunningStats(false).build(),
                    Conv2d.of(6, 6, 3).groups(3).bias(false).build()),
            3,
            6,
            8,
            23),
        net( // the ReLU is behind, and computed with the normalisation
            0, NEVER, NEVER, () -> chain(new BatchNorm2d(3), new ReLU(), narrow(3)), 2, 3, 6, 7),
        net( // the last normalisation of several
            2,
            128,
            NEVER,
            () -> chain(new BatchNorm2d(3), new ReLU(), new BatchNorm2d(3), narrow(3)),
            4,
            3,
            6,
            17),
        net( // channels in lanes
            0,
            NEVER,
            NEVER,
            () -> chain(new BatchNorm2d(40), Conv2d.of(40, 64, 3).build()),
            2,
            40,
            7,
            9),
        net( // the input is widened first
            0,
            NEVER,
            NEVER,
            () ->
                chain(
                    new BatchNorm2d(3),
                    Conv2d.of(3, 2, 3).padding(1).paddingMode(PaddingMode.REFLECT).build()),
            2,
            3,
            9,
            19),
        net( // one element a plane
            0, NEVER, NEVER, () -> chain(new BatchNorm1d(3), new Conv1d(3, 2, 1)), 7, 3, 1));
  }

  private static void change(Layer layer, long seed) {
    Random random = new Random(seed);
    for (Parameter parameter : layer.parameters()) {
      float[] values = Data.normals(parameter.data().elements(), random);
      for (int i = 0; i < values.length; i++) {
        values[i] = parameter.data().data()[i] + 0.3f * values[i];
      }
      parameter.copyFrom(values);
    }
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

  private static void assertStep(Chain expected, Chain actual, long seed, int... shape) {
    Tensor output = expected.forward(normals(seed, shape));
    bits("output", output, actual.forward(normals(seed, shape)));
    assertBackward(expected, actual, seed, output.shape());
  }

  private static void assertBackward(Chain expected, Chain actual, long seed, int... shape) {
    Tensor gradient = expected.backward(normals(seed + 1, shape));
    bits("grad_input", gradient, actual.backward(normals(seed + 1, shape)));
    assertSameState(expected, actual);
  }

  private static void assertSameState(Chain expected, Chain actual) {
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
      Chain expected = net.chain(true);
      Chain actual = net.chain(false);
      actual.workspace(new Workspace(Workspaces.threads(threads)));
      int[] larger = net.shape.clone();
      larger[0]++;
      assertStep(expected, actual, 1, net.shape);
      assertStep(expected, actual, 2, net.shape);
      for (Chain chain : new Chain[] {expected, actual}) {
        change(chain, 2);
        chain.zeroGrad();
      }
      assertStep(expected, actual, 3, larger);
      expected.eval();
      actual.eval();
      assertStep(expected, actual, 4, larger);
      assertStep(expected, actual, 5, net.shape);
      expected.train();
      actual.train();
      assertStep(expected, actual, 6, net.shape);
    }
  }

  /** Now the same layers one by one, now as a chain; a pass of one may follow that of the other. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("nets")
  void layersMayBeCalledOneByOneInTurn(Net net) {
    Chain expected = net.chain(true);
    Chain actual = net.chain(false);
    assertStep(expected, actual, 1, net.shape);
    actual.oneByOne = true;
    assertStep(expected, actual, 2, net.shape);
    actual.oneByOne = false;
    assertStep(expected, actual, 3, net.shape);

    actual.oneByOne = true;
    Tensor output = expected.forward(normals(4, net.shape));
    bits("output", output, actual.forward(normals(4, net.shape)));
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
    Chain chain = net.chain(false);
    Layer norm = chain.layers.get(net.norm);
    for (int step = 0; step < 3; step++) {
      boolean training = step < 2;
      if (!training) {
        chain.eval();
      }
      int[] shape = chain.forward(normals(1, net.shape)).shape();
      assertPending("output", Lanewise.vectorBits() >= net.outputBits, latest("output", norm));
      chain.backward(normals(2, shape));
      assertPending("output", Lanewise.vectorBits() >= net.outputBits, latest("output", norm));
      // in evaluation the gradient is no sum, and computed at once
      boolean usedBatch = training || norm.namedBuffers().isEmpty();
      boolean pending = usedBatch && Lanewise.vectorBits() >= net.gradientBits;
      assertPending("gradient", pending, latest("gradInput", norm));
    }
  }

  /** In the first step too, and with memory of their own only then. */
  @Test
  void elementsThatNobodyAskedForHaveNoMemory() {
    Chain chain = dae(new BatchNorm2d(16), true);
    int[] shape = chain.forward(normals(1, 2, 16, 16, 16)).shape();
    chain.backward(normals(2, shape));
    Layer norm = chain.layers.get(2);
    assertEquals(
        Lanewise.vectorBits() >= 256, array(latest("output", norm)) == null, "of the output");
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
        Chain expected = net.chain(true);
        Chain actual = net.chain(false);
        assertStep(expected, actual, 1, net.shape); // for other statistics than the initial ones
        if (!training) {
          expected.eval();
          actual.eval();
        }
        Tensor output = expected.forward(normals(3, net.shape));
        bits("output", output, actual.forward(normals(3, net.shape)));
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
  private static void assertElements(String field, Net net, Chain expected, Chain actual) {
    boolean output = field.equals("output");
    int neighbour = output ? net.norm + 1 : net.norm - 1;
    boolean exists = neighbour >= 0 && neighbour < actual.layers.size();
    boolean relu = exists && actual.layers.get(neighbour) instanceof ReLU;
    Layer same = expected.layers.get(relu ? neighbour : net.norm);
    bits(field, latest(field, same), latest(field, actual.layers.get(net.norm)));
  }

  @Test
  void theInputsGradientMayBeSpared() {
    for (int front = 0; front < 2; front++) {
      Supplier<Sequential> make =
          front == 0
              ? () -> new Sequential(new ReLU(), new BatchNorm2d(3), narrow(3))
              : () -> new Sequential(BatchNorm2d.of(3).affine(false).build(), narrow(3));
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
