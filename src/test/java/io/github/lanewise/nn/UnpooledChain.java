package io.github.lanewise.nn;

import io.github.lanewise.testing.Data;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Pooling, unpooling, perhaps a ReLU, and a transposed convolution, one layer after the other so
 * that a test may look at each tensor between. All values are small integers: results are exact.
 */
final class UnpooledChain extends Layer {
  /** Where someone may ask for all elements of a tensor. */
  enum Place {
    UNPOOLED,
    UNPOOLED_AFTER_RELU,
    RELU,
    UNPOOLED_AFTER_CONV,
    RELU_AFTER_CONV,
    CONV_GRADIENT,
    CONV_GRADIENT_AFTER_RELU,
    RELU_GRADIENT,
    RELU_GRADIENT_AFTER_UNPOOLING,
    UNPOOLED_AT_LAST,
    RELU_AT_LAST
  }

  /** What comes between unpooling and convolution. */
  enum Between {
    NOTHING,
    RELU,
    RELU_IN_PLACE
  }

  /**
   * Layers and the shape that they are for.
   *
   * @param forward whether the vector kernels of the forward pass take the values alone
   * @param backward likewise of the backward pass
   */
  record Shape(
      String name,
      int[] input,
      boolean forward,
      boolean backward,
      Supplier<MaxPoolLayer> pool,
      Supplier<MaxUnpoolLayer> unpool,
      Supplier<ConvTransposeLayer> conv) {
    @Override
    public String toString() {
      return name;
    }

    private static Shape of(
        String name,
        boolean forward,
        boolean backward,
        int pool,
        int padding,
        Supplier<ConvTransposeLayer> conv,
        int... input) {
      return new Shape(
          name,
          input,
          forward,
          backward,
          () ->
              input.length == 3
                  ? MaxPool1d.of(pool).padding(padding).build()
                  : MaxPool2d.of(pool).padding(padding).build(),
          () ->
              input.length == 3
                  ? MaxUnpool1d.of(pool).padding(padding).build()
                  : MaxUnpool2d.of(pool).padding(padding).build(),
          conv);
    }

    static final Shape LINE =
        of(
            "line",
            true,
            true,
            3,
            1,
            () -> ConvTranspose1d.of(24, 16, 25).padding(12).build(),
            4,
            24,
            22);

    static final Shape PLANE =
        of(
            "plane",
            true,
            true,
            2,
            0,
            () -> ConvTranspose2d.of(34, 16, 3).padding(1).build(),
            3,
            34,
            6,
            8);

    static final Shape[] ALL = {
      LINE,
      PLANE,
      of("odd", true, true, 2, 0, () -> new ConvTranspose1d(17, 16, 5), 3, 17, 21),
      of(
          "stride",
          false,
          true,
          2,
          0,
          () -> ConvTranspose2d.of(3, 16, 3).stride(2).bias(false).build(),
          3,
          3,
          8,
          9),
      of("one channel", false, false, 2, 0, () -> new ConvTranspose2d(1, 1, 3), 3, 1, 6, 6),
      of("pairs", true, true, 2, 0, () -> new ConvTranspose1d(17, 16, 3), 2, 17, 2)
    };
  }

  final MaxPoolLayer pool;
  final MaxUnpoolLayer unpool;
  final ReLU relu;
  final ConvTransposeLayer conv;

  /** Hands the unpooled tensor on as a copy, which nobody knows in short. */
  private final boolean dense;

  /** Where all elements are asked for, and where some of them are changed, too. */
  Set<Place> reads = Set.of();

  Set<Place> writes = Set.of();

  /** What the tensors held. */
  final Map<Place, float[]> read = new EnumMap<>(Place.class);

  private Tensor unpooled;
  private Tensor activated;

  UnpooledChain(Shape shape, Between between, boolean dense) {
    pool = add("pool", shape.pool.get());
    unpool = add("unpool", shape.unpool.get());
    relu = between == Between.NOTHING ? null : new ReLU(between == Between.RELU_IN_PLACE);
    conv = add("conv", shape.conv.get());
    this.dense = dense;
    Random random = new Random(5);
    for (Parameter parameter : parameters()) {
      parameter.copyFrom(Data.integers(parameter.data().elements(), random));
    }
  }

  private void visit(Place place, Tensor tensor) {
    if (writes.contains(place)) {
      float[] data = tensor.data();
      for (int i = 0; i < tensor.elements(); i += 3) {
        data[i] += 2;
      }
    }
    if (reads.contains(place)) {
      read.put(place, Arrays.copyOf(tensor.data(), tensor.elements()));
    }
  }

  /** The unpooled tensor as it is handed on. */
  Tensor unpooled(Tensor input) {
    int[] shape = input.shape();
    Tensor pooled = pool.forward(input);
    Tensor result =
        unpool.forward(pooled, pool.indices(), Arrays.copyOfRange(shape, 2, shape.length));
    return dense ? Tensor.of(result.data().clone(), result.shape()) : result;
  }

  @Override
  public Tensor forward(Tensor input) {
    read.clear();
    unpooled = unpooled(input);
    visit(Place.UNPOOLED, unpooled);
    activated = relu == null ? unpooled : relu.forward(unpooled);
    visit(Place.UNPOOLED_AFTER_RELU, unpooled);
    visit(Place.RELU, activated);
    Tensor output = conv.forward(activated);
    visit(Place.UNPOOLED_AFTER_CONV, unpooled);
    visit(Place.RELU_AFTER_CONV, activated);
    return output;
  }

  @Override
  public Tensor backward(Tensor gradOutput) {
    Tensor gradient = conv.backward(gradOutput);
    visit(Place.CONV_GRADIENT, gradient);
    Tensor before = relu == null ? gradient : relu.backward(gradient);
    visit(Place.CONV_GRADIENT_AFTER_RELU, gradient);
    visit(Place.RELU_GRADIENT, before);
    Tensor pooled = unpool.backward(before);
    visit(Place.RELU_GRADIENT_AFTER_UNPOOLING, before);
    Tensor result = pool.backward(pooled);
    visit(Place.UNPOOLED_AT_LAST, unpooled);
    visit(Place.RELU_AT_LAST, activated);
    return result;
  }
}
