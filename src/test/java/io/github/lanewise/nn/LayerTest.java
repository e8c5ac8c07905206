package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.io.Safetensors;
import io.github.lanewise.kernel.Workspace;
import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What all layers have in common: names, state, modes, buffers. */
class LayerTest {
  /** A network with a part of each kind. */
  private static final class Net extends Layer {
    final Sequential encode =
        add(
            "encode",
            new Sequential(
                Conv2d.of(1, 2, 3).padding(1).build(), new BatchNorm2d(2), new ReLU(true)));
    final Dropout dropout = add("dropout", new Dropout(0.5));
    final Flatten flatten = add("flatten", new Flatten());
    final Linear out = add("out", new Linear(32, 3, false));

    @Override
    public Tensor forward(Tensor input) {
      return out.forward(flatten.forward(dropout.forward(encode.forward(input))));
    }

    @Override
    public Tensor backward(Tensor gradOutput) {
      return encode.backward(dropout.backward(flatten.backward(out.backward(gradOutput))));
    }
  }

  private static final List<String> STATE =
      List.of(
          "encode.0.weight",
          "encode.0.bias",
          "encode.1.weight",
          "encode.1.bias",
          "encode.1.running_mean",
          "encode.1.running_var",
          "encode.1.num_batches_tracked",
          "out.weight");

  private final Tensor input = Tensor.of(Data.normals(48, new Random(1)), 3, 1, 4, 4);

  @Test
  void namesAreThoseOfPyTorchInItsOrder() {
    Net net = new Net();
    assertEquals(
        List.of(
            "encode.0.weight", "encode.0.bias", "encode.1.weight", "encode.1.bias", "out.weight"),
        List.copyOf(net.namedParameters().keySet()));
    assertEquals(
        List.of("encode.1.running_mean", "encode.1.running_var"),
        List.copyOf(net.namedBuffers().keySet()));
    assertEquals(STATE, List.copyOf(net.stateDict().tensors().keySet()));
  }

  @Test
  void loadedNetworkGivesTheSameBits(@TempDir Path directory) throws Exception {
    Net net = new Net();
    net.initialize(5);
    net.forward(input);
    net.forward(input);
    net.stateDict().write(directory.resolve("net.safetensors"));
    net.eval();
    float[] expected = net.forward(input).data().clone();

    Net other = new Net();
    other.loadStateDict(Safetensors.read(directory.resolve("net.safetensors")));
    other.eval();
    Compare.bits("output", expected, other.forward(input).data());
    assertEquals(2, other.stateDict().tensor("encode.1.num_batches_tracked").longs()[0]);
    assertArrayEquals(
        new long[0], other.stateDict().tensor("encode.1.num_batches_tracked").shape());
  }

  @Test
  void stateThatDoesNotFitChangesNothing() {
    Net net = new Net();
    net.initialize(1);
    float[] before = net.encode.parameters().get(0).data().data().clone();
    Net other = new Net();
    other.initialize(2);
    Safetensors.Builder wrong = Safetensors.builder();
    other
        .stateDict()
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (name.equals("out.weight")) {
                wrong.add(name, new float[6], 2, 3);
              } else if (name.equals("encode.1.num_batches_tracked")) {
                wrong.add(name, new float[1]);
              } else if (!name.equals("encode.1.bias")) {
                wrong.add(name, tensor.floats(), tensor.shape());
              }
            });
    wrong.add("encode.9.bias", new float[1], 1);
    String message =
        assertThrows(IllegalArgumentException.class, () -> net.loadStateDict(wrong.build()))
            .getMessage();
    assertTrue(message.contains("encode.1.bias is missing"), message);
    assertTrue(message.contains("encode.9.bias is unexpected"), message);
    assertTrue(message.contains("out.weight has shape [2, 3] but must have [3, 32]"), message);
    assertTrue(message.contains("num_batches_tracked is of type F32 but must be I64"), message);
    Compare.bits("weight", before, net.encode.parameters().get(0).data().data());
  }

  @Test
  void trainAndEvalReachAllLayers() {
    Net net = new Net();
    assertTrue(net.isTraining());
    net.eval();
    assertFalse(net.isTraining());
    assertFalse(net.encode.get(1).isTraining());
    assertFalse(net.dropout.isTraining());
    float[] once = net.forward(input).data().clone();
    Compare.bits("output in evaluation", once, net.forward(input).data());
    net.train();
    assertTrue(net.encode.get(2).isTraining());
  }

  @Test
  void workspaceIsSharedByAllLayers() {
    Net net = new Net();
    Workspace workspace = new Workspace();
    net.workspace(workspace);
    assertSame(workspace, net.encode.get(0).workspace());
    assertSame(workspace, net.out.workspace());
  }

  @Test
  void outputBelongsToTheLayerAndIsUsedAgain() {
    Conv2d conv = new Conv2d(1, 1, 3);
    Tensor first = conv.forward(input);
    Tensor gradient = conv.backward(Tensor.zeros(first.shape()));
    assertSame(first, conv.forward(input));
    assertSame(gradient, conv.backward(Tensor.zeros(first.shape())));
    Tensor smaller = conv.forward(Tensor.zeros(1, 1, 4, 4));
    assertSame(first.data(), smaller.data(), "memory that is large enough is kept");
    assertNotSame(first, smaller);
    assertArrayEquals(new int[] {1, 1, 2, 2}, smaller.shape());
    assertArrayEquals(new int[] {1, 1, 4, 4}, conv.backward(Tensor.zeros(1, 1, 2, 2)).shape());
  }

  @Test
  void firstLayerSparesTheGradientOfTheInput() {
    Net net = new Net();
    net.initialize(3);
    Tensor ones = Tensor.of(new float[] {1, 1, 1, 1, 1, 1, 1, 1, 1}, 3, 3);
    net.forward(input);
    assertArrayEquals(new int[] {3, 1, 4, 4}, net.backward(ones).shape());
    float[] expected = net.parameters().get(0).grad().data().clone();

    net.initialize(3);
    net.inputGradient(false);
    net.forward(input);
    assertNull(net.backward(ones));
    Compare.bits("gradient", expected, net.parameters().get(0).grad().data());
    assertTrue(net.out.inputGradient(), "only the first layer is told");
  }

  @Test
  void layersWithoutParametersBeforeTheFirstOneAreSparedToo() {
    Sequential net = new Sequential(new View(16), new Tanh(), new Linear(16, 2));
    net.inputGradient(false);
    net.forward(input);
    assertNull(net.backward(Tensor.zeros(3, 2)));
    assertFalse(net.get(2).inputGradient());
  }

  @Test
  void layerHasOnePlaceAndAFreeName() {
    ReLU relu = new ReLU();
    new Sequential(relu);
    assertThrows(IllegalArgumentException.class, () -> new Sequential(relu));
    class Twice extends Layer {
      Twice() {
        add("a", new ReLU());
        add("a", Parameter.constant(1, 1));
      }

      @Override
      public Tensor forward(Tensor input) {
        return input;
      }

      @Override
      public Tensor backward(Tensor gradOutput) {
        return gradOutput;
      }
    }
    assertTrue(
        assertThrows(IllegalArgumentException.class, Twice::new).getMessage().contains("taken"));
  }

  @Test
  void dropoutFollowsItsSeed() {
    Dropout dropout = new Dropout(0.25);
    Tensor ones = Tensor.zeros(10_000);
    java.util.Arrays.fill(ones.data(), 1);
    dropout.initialize(9);
    float[] first = dropout.forward(ones).data().clone();
    int zeros = 0;
    for (float value : first) {
      assertTrue(value == 0 || value == (float) (1 / 0.75), "kept values are scaled");
      zeros += value == 0 ? 1 : 0;
    }
    assertEquals(2500, zeros, 150); // 3.5 standard deviations
    Compare.bits("gradient is the mask", first, dropout.backward(ones).data());
    assertFalse(java.util.Arrays.equals(first, dropout.forward(ones).data()), "another mask");
    dropout.initialize(9);
    Compare.bits("same seed, same mask", first, dropout.forward(ones).data());
    dropout.eval();
    Compare.bits("evaluation", ones.data(), dropout.forward(ones).data());
    Compare.bits("gradient", ones.data(), dropout.backward(ones).data());
  }

  @Test
  void printsAsPyTorchDoes() {
    Net net = new Net();
    assertEquals(
        """
        Net(
          (encode): Sequential(
            (0): Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
            (1): BatchNorm2d(2, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
            (2): ReLU(inplace=True)
          )
          (dropout): Dropout(p=0.5)
          (flatten): Flatten(start_dim=1, end_dim=-1)
          (out): Linear(in_features=32, out_features=3, bias=False)
        )""",
        net.toString());
    assertEquals(
        "ConvTranspose1d(4, 2, kernel_size=(3,), stride=(2,), output_padding=(1,), groups=2,"
            + " bias=False)",
        ConvTranspose1d.of(4, 2, 3)
            .stride(2)
            .outputPadding(1)
            .groups(2)
            .bias(false)
            .build()
            .toString());
    assertEquals(
        "MaxPool2d(kernel_size=(3, 2), stride=2, padding=0, dilation=1, ceil_mode=False)",
        MaxPool2d.of(3, 2).stride(2).build().toString());
    assertEquals("LeakyReLU(negative_slope=0.01)", new LeakyReLU().toString());
    assertEquals(
        "BatchNorm1d(3, eps=1.5e-10, momentum=None, affine=False, track_running_stats=True)",
        BatchNorm1d.of(3).eps(1.5e-10).cumulativeAverage().affine(false).build().toString());
  }

  /** An output of another size than the layer's own, as forward's output_size in PyTorch. */
  @Test
  void transposedConvolutionGivesTheSizeAskedFor() {
    Conv2d down = Conv2d.of(1, 2, 3).stride(2).padding(1).build();
    ConvTranspose2d up = ConvTranspose2d.of(2, 1, 3).stride(2).padding(1).build();
    Tensor small = down.forward(Tensor.zeros(1, 1, 9, 10));
    assertEquals("(1, 2, 5, 5)", small.shapeText());
    assertEquals("(1, 1, 9, 10)", up.forward(small, 9, 10).shapeText());
    assertEquals("(1, 2, 5, 5)", up.backward(Tensor.zeros(1, 1, 9, 10)).shapeText());
    assertEquals("(1, 1, 9, 9)", up.forward(small).shapeText());
    assertArrayEquals(new int[] {0, 1}, up.outputPadding(new int[] {5}, new int[] {9, 10}));
    assertArrayEquals(new int[] {9, 9}, up.leastOutputSize(5));
    assertArrayEquals(new int[] {10, 12}, up.mostOutputSize(5, 6));
    String message =
        assertThrows(IllegalArgumentException.class, () -> up.forward(small, 9, 11)).getMessage();
    assertTrue(message.contains(up + ": input of shape (1, 2, 5, 5): output_size"), message);
    assertTrue(message.contains("between 9 and 10 in width"), message);
    assertThrows(IllegalArgumentException.class, () -> up.forward(small, (int[]) null));
    assertEquals("(1, 1, 9, 9)", up.forward(small).shapeText());
  }

  @Test
  void unpoolingTellsTheSizesItGives() {
    MaxUnpool2d unpool = new MaxUnpool2d(2);
    assertArrayEquals(new int[] {25, 25}, unpool.leastOutputSize(13));
    assertArrayEquals(new int[] {27, 27}, unpool.mostOutputSize(13, 13));
    MaxUnpool1d overlapping = MaxUnpool1d.of(3).stride(1).padding(1).build();
    assertArrayEquals(new int[] {7}, overlapping.leastOutputSize(7));
    assertArrayEquals(new int[] {7}, overlapping.mostOutputSize(7));
  }
}
