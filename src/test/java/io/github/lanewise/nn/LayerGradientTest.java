package io.github.lanewise.nn;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layer's backward pass against central differences. */
class LayerGradientTest {
  private final Random random = new Random(3);

  private static Arguments layer(Supplier<Layer> layer, int... inputShape) {
    Layer made = layer.get();
    return Arguments.of(made + " on " + Tensor.text(inputShape), made, inputShape);
  }

  /** Layers that are linear in their input and in each parameter. */
  static Stream<Arguments> linear() {
    return Stream.of(
        layer(() -> new Conv1d(2, 3, 3), 2, 2, 8),
        layer(() -> Conv1d.of(2, 4, 3).stride(2).padding(2).dilation(2).groups(2).build(), 2, 2, 9),
        layer(() -> Conv1d.of(1, 2, 5).padding(4).bias(false).build(), 1, 1, 7),
        layer(() -> new Conv2d(1, 1, 3), 2, 1, 6, 5),
        layer(() -> Conv2d.of(2, 4, 3, 2).stride(2, 1).padding(1, 0).groups(2).build(), 2, 2, 5, 6),
        layer(() -> Conv2d.of(3, 3, 3).padding(2).dilation(2).groups(3).build(), 1, 3, 6, 4),
        layer(() -> Conv2d.of(1, 2, 4, 3).padding("same").dilation(1, 2).build(), 2, 1, 5, 4),
        layer(
            () -> Conv2d.of(2, 1, 3).padding(2, 1).paddingMode(PaddingMode.REFLECT).build(),
            2,
            2,
            4,
            3),
        layer(
            () -> Conv1d.of(1, 2, 4).padding("same").paddingMode(PaddingMode.CIRCULAR).build(),
            2,
            1,
            5),
        layer(
            () ->
                Conv2d.of(1, 1, 3)
                    .stride(2)
                    .padding(5, 3)
                    .paddingMode(PaddingMode.REPLICATE)
                    .build(),
            1,
            1,
            3,
            4),
        layer(() -> new ConvTranspose1d(2, 3, 3), 2, 2, 5),
        layer(
            () -> ConvTranspose1d.of(2, 4, 3).stride(2).padding(1).outputPadding(1).build(),
            2,
            2,
            5),
        layer(() -> new ConvTranspose2d(1, 1, 3), 2, 1, 4, 5),
        layer(
            () ->
                ConvTranspose2d.of(4, 2, 3, 2)
                    .stride(2, 3)
                    .padding(1, 0)
                    .outputPadding(1, 2)
                    .groups(2)
                    .build(),
            2,
            4,
            3,
            2),
        layer(() -> new Linear(5, 4), 3, 5),
        layer(() -> new Linear(4, 3, false), 2, 3, 4),
        layer(() -> new Flatten(), 2, 3, 4),
        layer(() -> new Unflatten(1, 2, -1), 2, 6),
        layer(() -> new View(3, -1), 2, 2, 6),
        layer(() -> new Sequential(new Conv1d(1, 2, 3), new Flatten(), new Linear(8, 3)), 2, 1, 6));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("linear")
  void linear(String name, Layer layer, int[] shape) {
    for (Parameter parameter : layer.parameters()) {
      parameter.copyFrom(Data.integers(parameter.data().elements(), random));
    }
    GradientCheck.exact(layer, integers(shape));
  }

  private Tensor integers(int... shape) {
    Tensor tensor = Tensor.zeros(shape);
    System.arraycopy(
        Data.integers(tensor.elements(), random), 0, tensor.data(), 0, tensor.elements());
    return tensor;
  }

  /** Layers that are linear as long as the order of the elements and their signs stay. */
  static Stream<Arguments> piecewiseLinear() {
    return Stream.of(
        layer(() -> new MaxPool1d(3), 2, 2, 9),
        layer(() -> MaxPool1d.of(3).stride(2).padding(1).ceilMode(true).build(), 2, 1, 8),
        layer(() -> new MaxPool2d(2), 2, 2, 4, 5),
        layer(() -> MaxPool2d.of(3, 2).stride(1, 2).padding(1).dilation(2, 1).build(), 1, 2, 7, 5),
        layer(() -> new AdaptiveMaxPool1d(3), 2, 2, 8),
        layer(() -> new AdaptiveMaxPool2d(2, 3), 2, 2, 5, 4),
        layer(() -> new ReLU(), 2, 3, 4),
        layer(() -> new LeakyReLU(0.25), 2, 3, 4),
        layer(() -> new AvgPool1d(2), 2, 2, 8),
        layer(() -> AvgPool2d.of(2, 4).padding(1).build(), 1, 2, 6, 8),
        layer(() -> AvgPool2d.of(2).divisorOverride(2).build(), 1, 2, 4, 6),
        layer(() -> new AdaptiveAvgPool1d(4), 2, 2, 8),
        layer(() -> new AdaptiveAvgPool2d(2, 1), 2, 2, 4, 8));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("piecewiseLinear")
  void piecewiseLinear(String name, Layer layer, int[] shape) {
    GradientCheck.exact(layer, apart(shape));
  }

  /** Different multiples of 4 but for 0: a step of 1 changes neither order nor sign. */
  private Tensor apart(int... shape) {
    Tensor tensor = Tensor.zeros(shape);
    List<Integer> values = new ArrayList<>();
    for (int i = 0; i < tensor.elements(); i++) {
      values.add(4 * (i < tensor.elements() / 2 ? i + 1 : tensor.elements() / 2 - i - 1));
    }
    Collections.shuffle(values, random);
    for (int i = 0; i < tensor.elements(); i++) {
      tensor.data()[i] = values.get(i);
    }
    return tensor;
  }

  static Stream<Arguments> smooth() {
    return Stream.of(
        layer(() -> new Sigmoid(), 2, 3, 4),
        layer(() -> new Tanh(), 2, 3, 4),
        layer(() -> new Softmax(1), 3, 4),
        layer(() -> new Softmax(-1), 2, 3, 4),
        layer(() -> new LogSoftmax(1), 2, 4, 3),
        layer(() -> new BatchNorm1d(3), 6, 3, 5),
        layer(() -> new BatchNorm1d(4), 12, 4),
        layer(() -> BatchNorm1d.of(2).affine(false).trackRunningStats(false).build(), 6, 2, 4),
        layer(() -> new BatchNorm2d(2), 3, 2, 3, 4),
        layer(() -> BatchNorm2d.of(2).eps(0.5).cumulativeAverage().build(), 3, 2, 3, 4),
        layer(
            () ->
                new Sequential(
                    Conv2d.of(1, 2, 3).padding(1).bias(false).build(),
                    new BatchNorm2d(2),
                    new Tanh(),
                    ConvTranspose2d.of(2, 1, 2).stride(2).build()),
            2,
            1,
            4,
            4));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("smooth")
  void smooth(String name, Layer layer, int[] shape) {
    layer.initialize(6);
    GradientCheck.close(layer, normals(shape), 2e-3);
  }

  private Tensor normals(int... shape) {
    Tensor tensor = Tensor.zeros(shape);
    System.arraycopy(
        Data.normals(tensor.elements(), random), 0, tensor.data(), 0, tensor.elements());
    return tensor;
  }

  @Test
  void batchNormInEvaluation() {
    BatchNorm2d layer = new BatchNorm2d(2);
    layer.forward(normals(4, 2, 3, 3));
    layer.eval();
    GradientCheck.close(layer, normals(2, 2, 3, 4), 2e-3);
  }

  @Test
  void unpooling() {
    MaxPool2d pool = MaxPool2d.of(2).stride(2).build();
    pool.forward(apart(2, 2, 5, 4));
    MaxUnpool2d unpool = new MaxUnpool2d(2);
    Layer withIndices =
        new Layer() {
          @Override
          public Tensor forward(Tensor input) {
            return unpool.forward(input, pool.indices(), 5, 4);
          }

          @Override
          public Tensor backward(Tensor gradOutput) {
            return unpool.backward(gradOutput);
          }
        };
    GradientCheck.exact(withIndices, integers(2, 2, 2, 2));
  }

  @Test
  void layersInPlaceGiveTheSame() {
    Sequential apart = chain(false);
    Sequential inPlace = chain(true);
    apart.initialize(4);
    inPlace.initialize(4);
    Tensor input = normals(2, 1, 4, 4);
    Tensor gradient = normals(2, 2, 4, 4);
    Compare.bits("output", apart.forward(input).data(), inPlace.forward(input).data());
    Compare.bits("grad_input", apart.backward(gradient).data(), inPlace.backward(gradient).data());
    for (int i = 0; i < 4; i++) {
      Compare.bits(
          "gradient " + i,
          apart.parameters().get(i).grad().data(),
          inPlace.parameters().get(i).grad().data());
    }
  }

  private static Sequential chain(boolean inPlace) {
    return new Sequential(
        Conv2d.of(1, 2, 3).padding(1).build(), new ReLU(inPlace), new BatchNorm2d(2));
  }
}
