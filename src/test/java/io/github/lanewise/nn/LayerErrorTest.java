package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.kernel.Reduction;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Wrong shapes and arguments, and what the messages say. */
class LayerErrorTest {
  private static void refuses(Executable call, String... parts) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "\"" + message + "\" does not say " + part);
    }
  }

  private static Arguments wrong(Supplier<Layer> layer, String wanted, int... shape) {
    return Arguments.of(layer.get(), wanted, shape);
  }

  static Stream<Arguments> wrongShapes() {
    return Stream.of(
        wrong(() -> new Conv1d(2, 3, 3), "(N, 2, L)", 5, 3, 8),
        wrong(() -> new Conv2d(1, 16, 3), "(N, 1, H, W)", 100, 3, 28, 28),
        wrong(() -> new Conv2d(1, 16, 3), "(N, 1, H, W)", 28, 28),
        wrong(() -> new Conv2d(1, 16, 5), "kernel_size", 1, 1, 4, 4),
        wrong(() -> new ConvTranspose1d(2, 3, 3), "(N, 2, L)", 5, 3, 8),
        wrong(() -> new ConvTranspose2d(2, 3, 3), "(N, 2, H, W)", 5, 2, 8),
        wrong(() -> new MaxPool1d(2), "(N, C, L)", 1, 2, 3, 4),
        wrong(() -> new MaxPool2d(2), "(N, C, H, W)", 1, 2, 3),
        wrong(() -> new AvgPool1d(2), "(N, C, L)", 2, 3),
        wrong(() -> new AvgPool2d(2), "(N, C, H, W)", 1, 2, 3),
        wrong(() -> new AdaptiveAvgPool1d(2), "(N, C, L)", 2, 3),
        wrong(() -> new AdaptiveAvgPool2d(2), "(N, C, H, W)", 2, 3),
        wrong(() -> new AdaptiveMaxPool1d(2), "(N, C, L)", 2, 3),
        wrong(() -> new AdaptiveMaxPool2d(2), "(N, C, H, W)", 2, 3),
        wrong(() -> new BatchNorm1d(3), "(N, 3)", 2, 4),
        wrong(() -> new BatchNorm1d(3), "(N, 3, L)", 2, 4, 5),
        wrong(() -> new BatchNorm2d(3), "(N, 3, H, W)", 2, 3, 4),
        wrong(() -> new Linear(5, 2), "(*, 5)", 3, 4),
        wrong(() -> new Softmax(2), "dim", 3, 4),
        wrong(() -> new Flatten(2, 1), "end_dim", 3, 4, 5),
        wrong(() -> new Unflatten(1, 2, 3), "(2, 3)", 3, 5),
        wrong(() -> new View(4, 4), "(4, 4)", 3, 17));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongShapes")
  void namesTheLayerAndBothShapes(Layer layer, String wanted, int[] shape) {
    refuses(() -> layer.forward(Tensor.zeros(shape)), layer.toString(), wanted, Tensor.text(shape));
  }

  @Test
  void layerStaysUsableAfterAWrongShape() {
    Conv2d conv = new Conv2d(1, 1, 3);
    Tensor input = Tensor.zeros(1, 1, 4, 4);
    conv.forward(input);
    assertThrows(IllegalArgumentException.class, () -> conv.forward(Tensor.zeros(1, 2, 4, 4)));
    assertThrows(IllegalStateException.class, () -> conv.backward(Tensor.zeros(1, 1, 2, 2)));
    assertEquals("(1, 1, 2, 2)", conv.forward(input).shapeText());
  }

  /** What was there before must not answer for a call that failed. */
  @Test
  void afterAForwardPassThatThrewThereIsNoBackwardPass() {
    BatchNorm1d norm = new BatchNorm1d(2);
    noBackward(norm, Tensor.zeros(4, 2), () -> norm.forward(Tensor.zeros(1, 2)));
    noBackward(norm, Tensor.zeros(4, 2), () -> norm.forward(null));
    Flatten flatten = new Flatten();
    noBackward(flatten, Tensor.zeros(2, 3), () -> flatten.forward(Tensor.zeros(2)));
    noBackward(flatten, Tensor.zeros(2, 3), () -> flatten.forward(null));
    ReLU inPlace = new ReLU(true);
    noBackward(inPlace, Tensor.zeros(2, 3), () -> inPlace.forward(null));
    ConvTranspose1d conv = new ConvTranspose1d(1, 1, 1);
    noBackward(
        conv, Tensor.zeros(1, 1, 3), () -> conv.forward(Tensor.zeros(1, 1, 3), (int[]) null));
  }

  private static void noBackward(Layer layer, Tensor input, Executable wrong) {
    Tensor gradient = Tensor.zeros(layer.forward(input).shape());
    layer.backward(gradient);
    assertThrows(IllegalArgumentException.class, wrong);
    assertThrows(IllegalStateException.class, () -> layer.backward(gradient), layer.toString());
    layer.forward(input);
    layer.backward(gradient);
  }

  @Test
  void afterAnUnpoolingThatThrewThereIsNoBackwardPass() {
    MaxUnpool1d unpool = new MaxUnpool1d(2);
    Tensor input = Tensor.zeros(1, 1, 2);
    Indices right = Indices.of(new int[] {1, 2}, new int[] {1, 1, 2}, 4);
    Indices ofAnother = Indices.of(new int[] {1, 2, 4}, new int[] {1, 1, 3}, 6);
    Tensor gradient = Tensor.zeros(1, 1, 4);
    for (Executable wrong :
        new Executable[] {
          () -> unpool.forward(input, ofAnother),
          () -> unpool.forward(input),
          () -> unpool.forward(input, null),
          () -> unpool.forward(input, right, (int[]) null)
        }) {
      unpool.forward(input, right);
      unpool.backward(gradient);
      assertThrows(IllegalArgumentException.class, wrong);
      assertThrows(IllegalStateException.class, () -> unpool.backward(gradient));
    }
  }

  @Test
  void backwardNeedsForwardAndItsShape() {
    Conv1d conv = new Conv1d(1, 1, 3);
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> conv.backward(Tensor.zeros(1, 1, 2)));
    assertTrue(e.getMessage().contains(conv.toString()), e.getMessage());
    conv.forward(Tensor.zeros(2, 1, 6));
    refuses(() -> conv.backward(Tensor.zeros(2, 1, 5)), conv.toString(), "(2, 1, 5)", "(2, 1, 4)");
    refuses(() -> conv.backward(null), "grad_output is null");
    refuses(() -> conv.forward(null), "input is null");
    Flatten flatten = new Flatten();
    assertThrows(IllegalStateException.class, () -> flatten.backward(Tensor.zeros(1, 1)));
    flatten.forward(Tensor.zeros(2, 1, 6));
    refuses(() -> flatten.backward(Tensor.zeros(2, 1, 6)), "(2, 6)", "(2, 1, 6)");
  }

  @Test
  void unpoolingSaysThatItNeedsIndices() {
    MaxUnpool2d unpool = new MaxUnpool2d(2);
    refuses(
        () -> unpool.forward(Tensor.zeros(1, 1, 2, 2)),
        unpool.toString(),
        "indices",
        "forward(input, pool.indices())");
    refuses(() -> unpool.forward(Tensor.zeros(1, 1, 2, 2), null), "indices");
  }

  @Test
  void unpoolingChecksItsIndices() {
    MaxPool2d pool = new MaxPool2d(2);
    MaxUnpool2d unpool = new MaxUnpool2d(2);
    Tensor pooled = pool.forward(Tensor.zeros(1, 1, 5, 5));
    Indices indices = pool.indices();
    refuses(() -> unpool.forward(pooled, indices), "(5, 5)", "(4, 4)", "output size");
    assertEquals("(1, 1, 5, 5)", unpool.forward(pooled, indices, 5, 5).shapeText());
    refuses(() -> unpool.forward(pooled, indices, 6, 6), "output_size");
    refuses(
        () -> unpool.forward(Tensor.zeros(1, 2, 2, 2), indices, 5, 5),
        "(1, 1, 2, 2)",
        "(1, 2, 2, 2)");
    Indices outside = Indices.of(new int[] {0, 1, 2, 16}, new int[] {1, 1, 2, 2}, 4, 4);
    refuses(() -> unpool.forward(pooled, outside), "16");
    assertEquals("(1, 1, 5, 5)", unpool.forward(pooled, indices, 5, 5).shapeText());
  }

  @Test
  void poolingHasIndicesAfterForwardOnly() {
    assertThrows(IllegalStateException.class, () -> new MaxPool1d(2).indices());
    assertThrows(IllegalStateException.class, () -> new AdaptiveMaxPool1d(2).indices());
    assertThrows(IllegalStateException.class, () -> new AdaptiveMaxPool2d(2).indices());
    AdaptiveMaxPool1d pool = new AdaptiveMaxPool1d(2);
    pool.forward(Tensor.of(new float[] {1, 3, 2, 0}, 1, 1, 4));
    assertEquals("Indices(1, 1, 2) into planes of (4,)", pool.indices().toString());
    refuses(() -> Indices.of(new int[3], new int[] {1, 1, 4}, 8), "data");
    refuses(() -> Indices.of(new int[4], new int[] {1, 1, 4}, 8, 8), "(8, 8)", "(1, 1, 4)");
  }

  @Test
  void wrongArgumentsAreRefusedAtOnce() {
    refuses(() -> new Conv2d(0, 1, 3), "in_channels", "0");
    refuses(() -> new Conv2d(1, 0, 3), "out_channels", "0");
    refuses(() -> new Conv2d(1, 1, 0), "kernel_size", "0");
    refuses(() -> new Conv2d(1, 1, 1, 2, 3), "kernel_size", "[1, 2, 3]");
    refuses(() -> new Conv1d(1, 1, 1, 2), "kernel_size", "[1, 2]");
    refuses(() -> Conv2d.of(1, 1, 3).stride(0), "stride");
    refuses(() -> Conv2d.of(1, 1, 3).padding(-1), "padding");
    refuses(() -> Conv2d.of(1, 1, 3).dilation(0), "dilation");
    refuses(() -> Conv2d.of(2, 3, 3).groups(2), "groups", "2", "3");
    refuses(() -> ConvTranspose2d.of(1, 1, 3).outputPadding(1).build(), "output_padding");
    refuses(() -> new MaxPool2d(), "kernel_size");
    refuses(() -> MaxPool1d.of(2).stride(0), "stride");
    refuses(() -> AvgPool1d.of(2).divisorOverride(3), "divisor_override");
    refuses(() -> AvgPool2d.of(2).divisorOverride(0), "divisor_override");
    refuses(() -> new AdaptiveAvgPool2d(0), "output_size");
    refuses(() -> new AdaptiveMaxPool1d(0), "output_size");
    refuses(() -> new BatchNorm2d(0), "num_features");
    refuses(() -> BatchNorm2d.of(1).eps(-1), "eps");
    refuses(() -> BatchNorm2d.of(1).momentum(1.5), "momentum");
    refuses(() -> new Linear(0, 1), "in_features");
    refuses(() -> new Linear(1, 0), "out_features");
    refuses(() -> new Dropout(1.5), "p");
    refuses(() -> new LeakyReLU(Double.NaN), "negative_slope");
    refuses(() -> Parameter.uniform(0, 1), "bound");
    refuses(() -> new Sequential(new ReLU()).get(1), "index");
  }

  @Test
  void nullIsRefusedByName() {
    refuses(() -> SGD.of(null, 1).build(), "parameters is null");
    refuses(() -> Adam.of(null).build(), "parameters is null");
    refuses(() -> AdamW.of(Arrays.asList((Parameter) null)).build(), "parameters is null");
    refuses(() -> CrossEntropyLoss.of().weight((float[]) null), "weight is null");
    refuses(() -> new BCEWithLogitsLoss(Reduction.MEAN, (float[]) null), "pos_weight is null");
    refuses(() -> Tensor.of(new float[1], (int[]) null), "shape is null");
    refuses(() -> Tensor.zeros((int[]) null), "shape is null");
    refuses(() -> Tensor.zeros(1).view((int[]) null), "shape is null");
    refuses(() -> Parameter.constant(1, (int[]) null), "shape is null");
    refuses(() -> Indices.of(new int[1], null, 1), "shape is null");
    refuses(() -> Indices.of(new int[1], new int[] {1, 1, 1}, (int[]) null), "plane_size is null");
    refuses(() -> new View((int[]) null), "shape is null");
    refuses(() -> new Unflatten(1, (int[]) null), "unflattened_size is null");
    refuses(() -> new Sequential((Layer[]) null), "layers is null");
    refuses(() -> new Sequential(new ReLU(), null), "1 is null");
    refuses(() -> new ReLU().loadStateDict(null), "state is null");
    ReLU layer = new ReLU();
    refuses(() -> layer.add(null, new ReLU()), "name is null");
    refuses(() -> layer.add("weight", (Parameter) null), "weight is null");
    refuses(() -> layer.addBuffer("mean", null), "mean is null");
  }

  @Test
  void withoutAWorkspaceEachHasItsOwn() {
    Linear linear = new Linear(2, 1);
    MSELoss loss = new MSELoss();
    SGD sgd = SGD.of(linear.parameters(), 1).build();
    linear.workspace(null);
    loss.workspace(null);
    sgd.workspace(null);
    Tensor x = Tensor.of(new float[] {1, 2}, 1, 2);
    loss.forward(linear.forward(x), Tensor.zeros(1, 1));
    linear.backward(loss.backward());
    sgd.step();
  }

  @Test
  void oneValueHasNoVariance() {
    BatchNorm1d norm = new BatchNorm1d(3);
    assertThrows(IllegalArgumentException.class, () -> norm.forward(Tensor.zeros(1, 3)));
    assertEquals(0, norm.stateDict().tensor("num_batches_tracked").longs()[0]);
    norm.eval();
    assertEquals("(1, 3)", norm.forward(Tensor.zeros(1, 3)).shapeText());
  }
}
