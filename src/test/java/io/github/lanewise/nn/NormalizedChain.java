package io.github.lanewise.nn;

import static io.github.lanewise.testing.Registers.choose;

import io.github.lanewise.testing.Data;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Layers, perhaps behind a pooling and an unpooling, called as a chain or one by one, among them a
 * batch normalisation whose elements its neighbours may compute.
 */
final class NormalizedChain extends Layer {
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
      String name,
      Supplier<NormalizedChain> make,
      int norm,
      int outputBits,
      int gradientBits,
      int... shape) {
    NormalizedChain chain(boolean oneByOne) {
      NormalizedChain chain = make.get();
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

  final MaxPool2d pool;
  final MaxUnpool2d unpool;
  final Sequential layers;
  boolean oneByOne;

  NormalizedChain(boolean unpooled, Layer... layers) {
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

  private static NormalizedChain chain(Layer... layers) {
    return new NormalizedChain(false, layers);
  }

  /** The decoder of mnist's dae. */
  static NormalizedChain dae(BatchNorm2d norm, boolean bias) {
    return new NormalizedChain(
        true,
        ConvTranspose2d.of(16, 16, 3).stride(2).padding(1).outputPadding(1).bias(bias).build(),
        new ReLU(true),
        norm,
        ConvTranspose2d.of(16, 3, 3).padding(1).build(),
        new ReLU(true));
  }

  private static Net net(
      int norm, int bits, int gradientBits, Supplier<NormalizedChain> make, int... shape) {
    StringBuilder name = new StringBuilder();
    Sequential layers = make.get().layers;
    for (int i = 0; i < layers.size(); i++) {
      name.append(i == 0 ? "" : ", ").append(layers.get(i));
    }
    return new Net(name.append(" on ") + Tensor.text(shape), make, norm, bits, gradientBits, shape);
  }

  static Conv2d narrow(int in) {
    return Conv2d.of(in, 2, 3).padding(1).build();
  }

  static Stream<Net> nets() {
    return Stream.of(
        net(2, choose(256, NEVER), 128, () -> dae(new BatchNorm2d(16), true), 3, 16, 16, 16),
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
            choose(256, NEVER),
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
                new NormalizedChain(
                    true, ConvTranspose2d.of(4, 16, 3).stride(2).build(), new BatchNorm2d(16)),
            3,
            4,
            14,
            16),
        net( // the ReLU is behind, and computed with the normalisation
            1,
            NEVER,
            NEVER,
            () ->
                new NormalizedChain(
                    true,
                    ConvTranspose2d.of(4, 16, 3).stride(2).build(),
                    new BatchNorm2d(16),
                    new ReLU()),
            3,
            4,
            14,
            16),
        net( // zeros have become another value, whose gradient is wanted, too
            3,
            128,
            NEVER,
            () ->
                new NormalizedChain(
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
            choose(128, 256),
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
        net( // likewise
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

  static void change(Layer layer, long seed) {
    Random random = new Random(seed);
    for (Parameter parameter : layer.parameters()) {
      float[] values = Data.normals(parameter.data().elements(), random);
      for (int i = 0; i < values.length; i++) {
        values[i] = parameter.data().data()[i] + 0.3f * values[i];
      }
      parameter.copyFrom(values);
    }
  }
}
