package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.kernel.Workspace;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Workspaces;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Batch normalisation behind an unpooling, which counts the zeros instead of reading them, against
 * the same layers on a copy of all elements.
 */
class UnpooledNormTest {
  private static final int CHANNELS = 24;

  /** What stands in front of the normalisation. */
  enum Front {
    NOTHING,
    RELU,
    RELU_IN_PLACE
  }

  /** Whether it is one network or layers called one by one, and who looks at all elements. */
  enum Look {
    NOBODY,
    AT_OUTPUT,
    AT_GRADIENT,
    AT_INPUT_GRADIENT,
    NOBODY_IN_SEQUENTIAL
  }

  static Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (Front front : Front.values()) {
      for (Look look : Look.values()) {
        for (int outChannels : new int[] {1, 32}) { // dense and sparse transposed convolution
          cases.add(Arguments.of(front, look, outChannels, false));
          cases.add(Arguments.of(front, look, outChannels, true));
        }
      }
    }
    return cases.stream();
  }

  /** The layers behind the unpooling. */
  private static final class Chain {
    final MaxPool1d pool = MaxPool1d.of(3).padding(1).build();
    final MaxUnpool1d unpool = MaxUnpool1d.of(3).padding(1).build();
    final List<Layer> layers = new ArrayList<>();
    final BatchNorm1d norm;
    final Sequential all;
    final boolean dense;
    final Look look;

    Chain(Front front, Look look, int outChannels, boolean affine, boolean dense) {
      this.dense = dense;
      this.look = look;
      if (front != Front.NOTHING) {
        layers.add(new ReLU(front == Front.RELU_IN_PLACE));
      }
      norm = BatchNorm1d.of(CHANNELS).affine(affine).build();
      layers.add(norm);
      layers.add(ConvTranspose1d.of(CHANNELS, outChannels, 5).padding(2).build());
      all = new Sequential(layers.toArray(Layer[]::new));
      all.initialize(3);
      if (affine) {
        Random random = new Random(4);
        for (int c = 0; c < CHANNELS; c++) {
          norm.weight().data().data()[c] = random.nextFloat() - 0.3f;
          norm.bias().data().data()[c] = random.nextFloat() - 0.5f;
        }
      }
    }

    Tensor forward(Tensor input) {
      Tensor pooled = pool.forward(input);
      Tensor x = unpool.forward(pooled, pool.indices(), input.size(2));
      assertNotNull(x.unpooled());
      if (dense) {
        x = copy(x);
      } else if (look == Look.NOBODY_IN_SEQUENTIAL) {
        return all.forward(x);
      }
      for (Layer layer : layers) {
        x = layer.forward(x);
        if (look == Look.AT_OUTPUT && layer == norm) {
          x = Tensor.of(x.data(), x.shape());
        }
      }
      return x;
    }

    Tensor backward(Tensor gradOutput) {
      Tensor g = gradOutput;
      if (!dense && look == Look.NOBODY_IN_SEQUENTIAL) {
        return unpool.backward(all.backward(g));
      }
      for (int i = layers.size() - 1; i >= 0; i--) {
        boolean behindNorm = layers.get(i) == norm;
        if (look == Look.AT_GRADIENT && behindNorm) {
          g = Tensor.of(g.data(), g.shape());
        }
        g = layers.get(i).backward(g);
        if (look == Look.AT_INPUT_GRADIENT && behindNorm) {
          g = Tensor.of(g.data(), g.shape());
        }
      }
      return unpool.backward(g);
    }
  }

  private static Tensor copy(Tensor tensor) {
    return Tensor.of(Arrays.copyOf(tensor.data(), tensor.elements()), tensor.shape());
  }

  private static Tensor normals(Random random, int... shape) {
    int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return Tensor.of(Data.normals(size, random), shape);
  }

  private static void close(String name, Tensor expected, Tensor actual) {
    double largest = 0;
    for (int i = 0; i < expected.elements(); i++) {
      largest = Math.max(largest, Math.abs(expected.data()[i]));
    }
    for (int i = 0; i < expected.elements(); i++) {
      assertEquals(expected.data()[i], actual.data()[i], 2e-5 * (1 + largest), name + " " + i);
    }
  }

  @ParameterizedTest(name = "{0}, {1}, {2} channels, affine {3}")
  @MethodSource("cases")
  void normalisationOfValuesIsThatOfAllElements(
      Front front, Look look, int outChannels, boolean affine) {
    Chain dense = new Chain(front, Look.NOBODY, outChannels, affine, true);
    Chain chain = new Chain(front, look, outChannels, affine, false);
    Random random = new Random(5);
    for (int step = 0; step < 4; step++) {
      if (step == 2) {
        dense.all.eval();
        chain.all.eval();
      }
      int batch = step == 1 ? 2 : 5; // the shape changes, and changes back
      Tensor input = normals(random, batch, CHANNELS, 61);
      Tensor expected = dense.forward(input);
      close("output", expected, chain.forward(input));
      dense.all.zeroGrad();
      chain.all.zeroGrad();
      Tensor gradient = normals(random, expected.shape());
      Tensor expectedGradient = copy(dense.backward(copy(gradient)));
      close("grad_input", expectedGradient, chain.backward(copy(gradient)));
      dense
          .all
          .namedParameters()
          .forEach((n, p) -> close(n, p.grad(), chain.all.namedParameters().get(n).grad()));
      dense.all.namedBuffers().forEach((n, t) -> close(n, t, chain.all.namedBuffers().get(n)));
    }
  }

  /** What the tests above would not notice: that the layers take the short way at all. */
  @Test
  void tensorsStayShort() {
    Chain chain = new Chain(Front.RELU, Look.NOBODY, 32, true, false);
    Tensor input = normals(new Random(6), 3, CHANNELS, 61);
    Tensor x = chain.unpool.forward(chain.pool.forward(input), chain.pool.indices(), 61);
    Tensor y = chain.norm.forward(chain.layers.get(0).forward(x));
    assertNotNull(y.unpooled());
    assertNotNull(y.unpooled().fillValue());
    Tensor g = chain.layers.get(2).backward(chain.layers.get(2).forward(y));
    assertNotNull(g.unpooled());
    assertNotNull(chain.norm.backward(g).unpooled());
    assertNotNull(y.pending());
    assertNotNull(x.pending());
  }

  @Test
  void sameBitsForAnyNumberOfThreads() {
    List<float[]> results = new ArrayList<>();
    for (int threads = 1; threads <= 3; threads++) {
      Chain chain = new Chain(Front.RELU, Look.NOBODY, 32, true, false);
      chain.all.workspace(new Workspace(Workspaces.threads(threads)));
      Random random = new Random(7);
      Tensor output = chain.forward(normals(random, 20, CHANNELS, 61));
      chain.all.zeroGrad();
      Tensor gradient = chain.backward(normals(random, output.shape()));
      results.add(copy(gradient).data());
      results.add(copy(chain.norm.weight().grad()).data());
    }
    for (int i = 2; i < results.size(); i++) {
      assertTrue(Arrays.equals(results.get(i % 2), results.get(i)));
    }
  }
}
