package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.kernel.Lanewise;
import io.github.lanewise.kernel.MaxUnpooling.Duplicates;
import io.github.lanewise.kernel.Workspace;
import io.github.lanewise.nn.UnpooledChain.Between;
import io.github.lanewise.nn.UnpooledChain.Place;
import io.github.lanewise.nn.UnpooledChain.Shape;
import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Workspaces;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Layers behind an unpooling, which take its values alone, give what they give for all elements;
 * and these are there for whoever asks.
 */
class UnpooledLayersTest {
  private static final Set<Place> NOWHERE = Set.of();
  private static final Set<Place> EVERYWHERE = EnumSet.allOf(Place.class);

  private final Random random = new Random(6);

  static Stream<Arguments> chains() {
    return Arrays.stream(Shape.ALL)
        .flatMap(shape -> Arrays.stream(Between.values()).map(b -> Arguments.of(shape, b)));
  }

  private Tensor integers(int... shape) {
    Tensor tensor = Tensor.zeros(shape);
    System.arraycopy(
        Data.integers(tensor.elements(), random), 0, tensor.data(), 0, tensor.elements());
    return tensor;
  }

  private static Tensor copy(Tensor tensor) {
    return Tensor.of(Arrays.copyOf(tensor.data(), tensor.elements()), tensor.shape());
  }

  /** The parameters' gradients too are only those of this step. */
  private void assertStep(UnpooledChain chain, UnpooledChain dense, int... shape) {
    Tensor input = integers(shape);
    dense.reads = EVERYWHERE;
    dense.writes = chain.writes;
    Tensor expected = dense.forward(input);
    Tensor gradient = integers(expected.shape());
    exact("output", expected, chain.forward(input));
    chain.zeroGrad();
    dense.zeroGrad();
    Tensor expectedGradient = dense.backward(copy(gradient));
    exact("grad_input", expectedGradient, chain.backward(copy(gradient)));
    assertSameGradients(dense, chain);
    assertEquals(chain.reads, chain.read.keySet());
    chain.read.forEach(
        (place, elements) -> Compare.exact(place.name(), dense.read.get(place), elements));
  }

  private static void exact(String name, Tensor expected, Tensor actual) {
    assertArrayEquals(expected.shape(), actual.shape(), name);
    Compare.exact(name, copy(expected).data(), copy(actual).data());
  }

  private static void assertSameGradients(Layer expected, Layer actual) {
    expected
        .namedParameters()
        .forEach((name, p) -> exact(name, p.grad(), actual.namedParameters().get(name).grad()));
  }

  /** Each place alone, all together, none; in each a second step with the same layers. */
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("chains")
  void elementsAreThereForWhoeverAsks(Shape shape, Between between) {
    List<Set<Place>> reads = new ArrayList<>(List.of(NOWHERE, EVERYWHERE));
    for (Place place : Place.values()) {
      reads.add(Set.of(place));
    }
    UnpooledChain dense = new UnpooledChain(shape, between, true);
    UnpooledChain kept = new UnpooledChain(shape, between, false);
    for (Set<Place> places : reads) {
      UnpooledChain chain = new UnpooledChain(shape, between, false);
      chain.reads = places;
      kept.reads = places;
      for (int step = 0; step < 2; step++) {
        assertStep(chain, dense, shape.input());
        assertStep(kept, dense, shape.input());
      }
    }
  }

  /** What is written before a tensor is handed on counts, at the other positions, too. */
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("chains")
  void whatIsWrittenCounts(Shape shape, Between between) {
    UnpooledChain dense = new UnpooledChain(shape, between, true);
    UnpooledChain chain = new UnpooledChain(shape, between, false);
    for (Place place :
        List.of(Place.UNPOOLED, Place.RELU, Place.CONV_GRADIENT, Place.RELU_GRADIENT)) {
      chain.writes = Set.of(place);
      assertStep(chain, dense, shape.input());
      chain.writes = NOWHERE;
      assertStep(chain, dense, shape.input());
    }
  }

  /** The last, smaller batch and the next full one; other sizes; and what each leaves behind. */
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("chains")
  void shapesMayChange(Shape shape, Between between) {
    UnpooledChain dense = new UnpooledChain(shape, between, true);
    UnpooledChain chain = new UnpooledChain(shape, between, false);
    int[] reads = new Random(7).ints(20, 0, Place.values().length).toArray();
    int step = 0;
    for (int[] change : new int[][] {{0, 0}, {-1, 0}, {0, 0}, {0, 4}, {1, 2}, {0, 4}, {0, 0}}) {
      int[] input = shape.input().clone();
      input[0] += change[0];
      input[input.length - 1] += change[1];
      for (boolean asked : new boolean[] {false, true, false}) {
        chain.reads = asked ? Set.of(Place.values()[reads[step++]]) : NOWHERE;
        assertStep(chain, dense, input);
      }
    }
  }

  /** Without this, the tests above would compare dense with dense. */
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("chains")
  void tensorsAreKnownInShort(Shape shape, Between between) {
    UnpooledChain chain = new UnpooledChain(shape, between, false);
    boolean scalar = Lanewise.backend().equals("scalar");
    Tensor unpooled = chain.unpooled(integers(shape.input()));
    assertNotNull(unpooled.unpooled());
    assertNotNull(unpooled.pending());
    Tensor activated = chain.relu == null ? unpooled : chain.relu.forward(unpooled);
    assertNotNull(activated.unpooled());
    Tensor output = chain.conv.forward(activated);
    boolean skipped = scalar || shape.forward();
    assertEquals(skipped, activated.pending() != null, "nobody needed all elements");
    assertNotNull(activated.unpooled());
    Tensor gradient = chain.conv.backward(integers(output.shape()));
    assertEquals(scalar || shape.backward(), gradient.unpooled() != null);
    Tensor before = chain.relu == null ? gradient : chain.relu.backward(gradient);
    assertEquals(scalar || shape.backward(), before.unpooled() != null);
    chain.unpool.backward(before);
    assertEquals(scalar || shape.backward(), before.pending() != null);
    assertEquals(skipped, activated.pending() != null);
  }

  @ParameterizedTest
  @EnumSource(Between.class)
  void evaluationBetweenSteps(Between between) {
    UnpooledChain dense = new UnpooledChain(Shape.LINE, between, true);
    UnpooledChain chain = new UnpooledChain(Shape.LINE, between, false);
    for (int epoch = 0; epoch < 3; epoch++) {
      assertStep(chain, dense, Shape.LINE.input());
      chain.eval();
      for (int repetition = 0; repetition < 2; repetition++) {
        Tensor input = integers(Shape.LINE.input());
        exact("output in evaluation", dense.forward(input), chain.forward(input));
      }
      chain.train();
    }
  }

  @Test
  void gradientsAddUpUntilTheyAreForgotten() {
    UnpooledChain dense = new UnpooledChain(Shape.PLANE, Between.RELU, true);
    UnpooledChain chain = new UnpooledChain(Shape.PLANE, Between.RELU, false);
    for (int step = 0; step < 3; step++) {
      Tensor input = integers(Shape.PLANE.input());
      Tensor gradient = integers(dense.forward(input).shape());
      chain.forward(input);
      dense.backward(gradient);
      chain.backward(gradient);
      assertSameGradients(dense, chain);
    }
  }

  @Test
  void gradientOfTheInputMayBeSpared() {
    for (Shape shape : Shape.ALL) {
      UnpooledChain dense = new UnpooledChain(shape, Between.NOTHING, true);
      UnpooledChain chain = new UnpooledChain(shape, Between.NOTHING, false);
      Tensor input = integers(shape.input());
      Tensor gradient = integers(dense.forward(input).shape());
      dense.backward(gradient);
      chain.forward(input);
      chain.conv.inputGradient(false);
      assertNull(chain.conv.backward(gradient));
      assertSameGradients(dense, chain);
    }
  }

  @Test
  void sameBitsForAnyNumberOfThreads() {
    for (Shape shape : Shape.ALL) {
      UnpooledChain one = new UnpooledChain(shape, Between.RELU, false);
      UnpooledChain three = new UnpooledChain(shape, Between.RELU, false);
      three.workspace(new Workspace(Workspaces.threads(3)));
      three.reads = Set.of(Place.UNPOOLED_AFTER_CONV, Place.RELU_GRADIENT_AFTER_UNPOOLING);
      Tensor input = Tensor.zeros(shape.input());
      System.arraycopy(
          Data.normals(input.elements(), random), 0, input.data(), 0, input.elements());
      Tensor output = one.forward(input);
      Compare.bits("output", copy(output).data(), copy(three.forward(input)).data());
      Tensor gradient = copy(output);
      float[] gradInput = one.backward(output).data();
      Compare.bits("grad_input", gradInput, three.backward(gradient).data());
      Compare.bits("gradient", one.conv.weight().grad().data(), three.conv.weight().grad().data());
    }
  }

  /** Central differences through all layers; steps that change no order and no sign. */
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("chains")
  void gradientIsTheSlope(Shape shape, Between between) {
    int[] one = shape.input().clone();
    one[0] = 1;
    Tensor input = Tensor.zeros(one);
    List<Integer> values = new ArrayList<>();
    for (int i = 0; i < input.elements(); i++) {
      values.add(4 * (i % 2 == 0 ? i / 2 + 1 : -i / 2 - 1));
    }
    Collections.shuffle(values, random);
    for (int i = 0; i < input.elements(); i++) {
      input.data()[i] = values.get(i);
    }
    UnpooledChain chain = new UnpooledChain(shape, between, false);
    GradientCheck.exact(chain, input);
  }

  /** Two layers use one unpooled tensor; whoever adds their gradients asks for all elements. */
  @Test
  void unpooledTensorMayBeUsedTwice() {
    UnpooledChain chain = new UnpooledChain(Shape.LINE, Between.NOTHING, false);
    UnpooledChain dense = new UnpooledChain(Shape.LINE, Between.NOTHING, true);
    ConvTransposeLayer second = Shape.LINE.conv().get();
    ConvTransposeLayer secondDense = Shape.LINE.conv().get();
    float[] weight = Data.integers(second.weight().data().elements(), random);
    second.weight().copyFrom(weight);
    secondDense.weight().copyFrom(weight);
    Tensor input = integers(Shape.LINE.input());
    Tensor unpooled = chain.unpooled(input);
    Tensor all = dense.unpooled(input);
    Tensor gradient = integers(chain.conv.forward(unpooled).shape());
    dense.conv.forward(all);
    second.forward(unpooled);
    secondDense.forward(all);
    Tensor sum = sum(chain.conv.backward(gradient), second.backward(gradient));
    Tensor expected = sum(dense.conv.backward(gradient), secondDense.backward(gradient));
    exact("sum", expected, sum);
    exact("gradient", dense.unpool.backward(expected), chain.unpool.backward(sum));
    exact("second gradient", secondDense.weight().grad(), second.weight().grad());
  }

  /** A gradient in short of another tensor is to these layers a gradient as any other. */
  @Test
  void gradientsInShortMayBeThoseOfOthers() {
    MaxPool1d pool = new MaxPool1d(11);
    MaxUnpool1d unpool = new MaxUnpool1d(11);
    ConvTransposeLayer conv = Shape.LINE.conv().get();
    Tensor pooled = pool.forward(integers(Shape.LINE.input()));
    Tensor output = conv.forward(unpool.forward(pooled, pool.indices()));
    Tensor gradOutput = integers(output.shape());
    conv.weight().copyFrom(Data.integers(conv.weight().data().elements(), random));
    for (Between between : Between.values()) {
      UnpooledChain chain = new UnpooledChain(Shape.LINE, between, false);
      Tensor unpooled = chain.unpooled(integers(Shape.LINE.input()));
      Tensor activated = chain.relu == null ? unpooled : chain.relu.forward(unpooled);
      assertNotNull(activated.unpooled());
      Tensor gradient = conv.backward(gradOutput);
      assertNotNull(gradient.unpooled());
      Tensor actual = copy(backward(chain, gradient));
      exact("gradient", backward(chain, copy(conv.backward(gradOutput))), actual);
    }
  }

  private static Tensor backward(UnpooledChain chain, Tensor gradient) {
    return chain.unpool.backward(chain.relu == null ? gradient : chain.relu.backward(gradient));
  }

  /** The same layer behind another unpooling, whose planes are as large but hold fewer values. */
  @Test
  void numberOfValuesMayChange() {
    ConvTranspose1d conv = ConvTranspose1d.of(32, 16, 5).padding(2).build();
    ConvTranspose1d dense = ConvTranspose1d.of(32, 16, 5).padding(2).build();
    dense.weight().copyFrom(conv.weight().data().data());
    dense.bias().copyFrom(conv.bias().data().data());
    Tensor input = integers(2, 32, 24);
    for (int kernel : new int[] {2, 4, 2, 3}) {
      MaxPool1d pool = new MaxPool1d(kernel);
      MaxUnpool1d unpool = new MaxUnpool1d(kernel);
      Tensor unpooled = unpool.forward(pool.forward(input), pool.indices());
      assertNotNull(unpooled.unpooled());
      Tensor output = conv.forward(unpooled);
      Tensor expected = dense.forward(copy(unpooled));
      Compare.close("output", copy(expected).data(), 161, 1, copy(output).data());
      Tensor gradient = integers(output.shape());
      Tensor gradInput = unpool.backward(conv.backward(gradient));
      Compare.close(
          "gradient",
          copy(unpool.backward(dense.backward(gradient))).data(),
          80,
          1,
          gradInput.data());
    }
  }

  private static Tensor sum(Tensor a, Tensor b) {
    Tensor sum = copy(a);
    for (int i = 0; i < sum.elements(); i++) {
      sum.data()[i] += b.data()[i];
    }
    return sum;
  }

  /** A function of 0 that is not 0 applies to all elements. */
  @Test
  void otherFunctionsTakeAllElements() {
    UnpooledChain chain = new UnpooledChain(Shape.LINE, Between.NOTHING, false);
    Tensor input = integers(Shape.LINE.input());
    for (Layer layer : List.of(new Sigmoid(), new LeakyReLU(0.25))) {
      Tensor unpooled = chain.unpooled(input);
      Tensor gradient = integers(unpooled.shape());
      float[] output = layer.forward(unpooled).data().clone();
      float[] gradInput = layer.backward(gradient).data().clone();
      Tensor copied = copy(chain.unpooled(input));
      Compare.bits(layer + " output", layer.forward(copied).data(), output);
      Compare.bits(layer + " gradient", layer.backward(gradient).data(), gradInput);
      Tensor convolved = copy(chain.conv.forward(layer.forward(chain.unpooled(input))));
      exact(layer + ", convolved", chain.conv.forward(layer.forward(copied)), convolved);
    }
  }

  /** Who has the array of a pooling's indices may change them, now or after the next pass. */
  @Test
  void indicesThatSomeoneChangedAreLookedAt() {
    MaxPool1d pool = new MaxPool1d(2);
    MaxUnpool1d unpool = new MaxUnpool1d(2);
    Tensor input = Tensor.of(new float[] {1, 2, 3, 4, 6, 5}, 1, 1, 6);
    Tensor pooled = pool.forward(input);
    assertTrue(pool.indices().areUnique());
    assertNotNull(unpool.forward(pooled, pool.indices()).unpooled());
    int[] indices = pool.indices().data();
    assertNotNull(unpool.forward(pooled, pool.indices()).unpooled(), "they still are");
    indices[1] = 1;
    Tensor output = unpool.forward(pooled, pool.indices());
    assertNull(output.unpooled());
    assertArrayEquals(new float[] {0, 4, 0, 0, 6, 0}, output.data());
    pooled = pool.forward(Tensor.of(new float[] {1, 2, 3, 4}, 1, 1, 4)); // in the same array
    indices[1] = 1;
    output = unpool.forward(pooled, pool.indices());
    assertArrayEquals(new float[] {0, 4, 0, 0}, copy(output).data());
    MaxPool1d overlapping = MaxPool1d.of(3).stride(2).build();
    overlapping.forward(input);
    assertFalse(overlapping.indices().areUnique());
  }

  @Test
  void overlappingWindowsAndStrayIndicesAreUnpooledAtOnce() {
    MaxPool1d pool = MaxPool1d.of(3).stride(2).build();
    MaxUnpool1d unpool = MaxUnpool1d.of(3).stride(2).build();
    Tensor pooled = pool.forward(Tensor.of(new float[] {0, 1, 9, 1, 2, 1, 3}, 1, 1, 7));
    assertArrayEquals(new int[] {2, 2, 6}, pool.indices().data());
    Tensor output = unpool.forward(pooled, pool.indices());
    assertNull(output.unpooled());
    assertNull(output.pending());
    assertArrayEquals(new float[] {0, 0, 9, 0, 0, 0, 3}, output.data());

    MaxUnpool1d apart = new MaxUnpool1d(2);
    Tensor values = Tensor.of(new float[] {1, 2, 3}, 1, 1, 3);
    int[][] indices = {{0, 3, 5}, {0, 5, 5}, {3, 0, 5}, {1, 2, 4}};
    float[][] expected = {
      {1, 0, 0, 2, 0, 3}, {1, 0, 0, 0, 0, 3}, {2, 0, 0, 1, 0, 3}, {0, 1, 2, 0, 3, 0}
    };
    for (int i = 0; i < indices.length; i++) {
      output = apart.forward(values, Indices.of(indices[i], new int[] {1, 1, 3}, 6));
      assertEquals(i == 0 || i == 3, output.unpooled() != null, "case " + i);
      assertArrayEquals(expected[i], output.data(), "case " + i);
      Tensor gradient = apart.backward(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 1, 6));
      for (int e = 0; e < 3; e++) {
        assertEquals(indices[i][e] + 1, gradient.data()[e], "case " + i);
      }
    }
  }

  @Test
  void badIndicesAreRefusedAtOnce() {
    Tensor values = Tensor.of(new float[] {1, 2, 3}, 1, 1, 3);
    MaxUnpool1d unpool = new MaxUnpool1d(2);
    MaxUnpool1d reject = MaxUnpool1d.of(2).duplicates(Duplicates.REJECT).build();
    Indices good = Indices.of(new int[] {0, 3, 4}, new int[] {1, 1, 3}, 6);
    unpool.forward(values, good);
    for (int bad : new int[] {-1, 6, Integer.MIN_VALUE}) {
      Indices indices = Indices.of(new int[] {0, 3, bad}, new int[] {1, 1, 3}, 6);
      String message =
          assertThrows(IllegalArgumentException.class, () -> unpool.forward(values, indices))
              .getMessage();
      assertTrue(message.contains("indices[2] "), message);
    }
    assertNull(reject.forward(values, good).unpooled());
    Indices twice = Indices.of(new int[] {0, 4, 4}, new int[] {1, 1, 3}, 6);
    assertThrows(IllegalArgumentException.class, () -> reject.forward(values, twice));
  }

  /** Most positions must be without a value, or there is nothing to gain. */
  @Test
  void manyValuesAreUnpooledAtOnce() {
    MaxUnpool1d unpool = MaxUnpool1d.of(1).stride(1).build();
    Indices indices = Indices.of(new int[] {0, 1, 2}, new int[] {1, 1, 3}, 3);
    Tensor output = unpool.forward(Tensor.of(new float[] {1, 2, 3}, 1, 1, 3), indices);
    assertNull(output.unpooled());
    assertArrayEquals(new float[] {1, 2, 3}, output.data());
  }
}
