package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.kernel.Workspace;
import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Workspaces;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a Sequential computes along with a neighbour has the bits of the layers one by one. */
class SequentialTest {
  private static Arguments chain(Supplier<Sequential> chain, int... shape) {
    Sequential made = chain.get();
    List<String> names =
        Stream.iterate(0, i -> i < made.size(), i -> i + 1)
            .map(i -> made.get(i).getClass().getSimpleName())
            .toList();
    return Arguments.of(names + " on " + Tensor.text(shape), chain, shape);
  }

  static Stream<Arguments> chains() {
    return Stream.of(
        chain(() -> new Sequential(new ReLU(), new BatchNorm1d(19)), 40, 19),
        chain(() -> new Sequential(new ReLU(), new BatchNorm1d(5)), 7, 5, 33),
        chain(() -> new Sequential(new ReLU(true), new BatchNorm2d(3)), 5, 3, 40, 41),
        chain(
            () ->
                new Sequential(
                    new ReLU(), BatchNorm2d.of(3).affine(false).trackRunningStats(false).build()),
            4,
            3,
            6,
            7),
        chain(() -> new Sequential(new BatchNorm1d(19), new ReLU()), 40, 19),
        chain(() -> new Sequential(new BatchNorm2d(3), new ReLU(true)), 5, 3, 40, 41),
        chain(() -> new Sequential(new ReLU(), new BatchNorm1d(2), new ReLU()), 9, 2, 50),
        chain(
            () ->
                new Sequential(
                    Conv2d.of(2, 9, 3).padding(1).build(),
                    new ReLU(true),
                    new BatchNorm2d(9),
                    new ReLU(),
                    new BatchNorm2d(9),
                    new ReLU(true)),
            3,
            2,
            9,
            11),
        chain(
            () ->
                new Sequential(
                    new Linear(6, 20), new BatchNorm1d(20), new ReLU(true), new ReLU(true)),
            30,
            6),
        chain(
            () ->
                new Sequential(
                    new ReLU(), new BatchNorm1d(4), new ReLU(), new Tanh(), new BatchNorm1d(4)),
            9,
            4,
            21));
  }

  private static Tensor normals(long seed, int... shape) {
    Tensor tensor = Tensor.zeros(shape);
    float[] values = Data.normals(tensor.elements(), new Random(seed));
    System.arraycopy(values, 0, tensor.data(), 0, values.length);
    return tensor;
  }

  private static void checkStep(Sequential fused, Sequential apart, long seed, int... shape) {
    Tensor x = normals(seed, shape);
    Tensor expected = normals(seed, shape);
    for (int i = 0; i < apart.size(); i++) {
      expected = apart.get(i).forward(expected);
    }
    Compare.bits("output", expected.data().clone(), fused.forward(x).data());
    Tensor gradient = normals(seed + 1, expected.shape());
    Tensor expectedGradient = normals(seed + 1, expected.shape());
    for (int i = apart.size() - 1; i >= 0; i--) {
      expectedGradient = apart.get(i).backward(expectedGradient);
    }
    Compare.bits("grad_input", expectedGradient.data(), fused.backward(gradient).data());
    for (int i = 0; i < apart.parameters().size(); i++) {
      Compare.bits(
          "gradient " + i,
          apart.parameters().get(i).grad().data(),
          fused.parameters().get(i).grad().data());
    }
    apart
        .namedBuffers()
        .forEach((name, b) -> Compare.bits(name, b.data(), fused.namedBuffers().get(name).data()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("chains")
  void sameBitsAsTheLayersOneByOne(String name, Supplier<Sequential> chain, int[] shape) {
    for (int threads = 1; threads <= 2; threads++) {
      Sequential fused = chain.get();
      Sequential apart = chain.get();
      fused.initialize(4);
      apart.initialize(4);
      fused.workspace(new Workspace(Workspaces.threads(threads)));
      checkStep(fused, apart, 1, shape);
      shape[0]++;
      checkStep(fused, apart, 2, shape);
      fused.eval();
      apart.eval();
      checkStep(fused, apart, 3, shape);
      fused.train();
      apart.train();
      checkStep(fused, apart, 4, shape);
    }
  }

  private static final int[] SHAPE = {6, 3, 4, 5};

  @Test
  void reluInPlaceDoesNotOverwriteTheInput() {
    Sequential chain = new Sequential(new ReLU(true), new BatchNorm2d(3));
    Tensor x = normals(1, SHAPE);
    chain.forward(x);
    Compare.bits("input", normals(1, SHAPE).data(), x.data());
  }

  @Test
  void layersOfTheChainMayBeCalledOneByOne() {
    Sequential chain = new Sequential(new ReLU(), new BatchNorm2d(3));
    Tensor g = normals(2, SHAPE);
    float[] expected = chain.forward(normals(1, SHAPE)).data().clone();
    float[] expectedGradient = chain.backward(g).data().clone();
    BatchNorm2d norm = new BatchNorm2d(3);
    float[] plain = norm.forward(normals(1, SHAPE)).data();
    Compare.bits("alone", plain, chain.get(1).forward(normals(1, SHAPE)).data());
    Compare.bits("alone", norm.backward(g).data(), chain.get(1).backward(g).data());

    Sequential behind = new Sequential(new BatchNorm2d(3), new ReLU());
    behind.forward(normals(1, SHAPE));
    Compare.bits("alone", plain, behind.get(0).forward(normals(1, SHAPE)).data());

    // forward by hand, backward by the chain
    Tensor y = chain.get(1).forward(chain.get(0).forward(normals(1, SHAPE)));
    Compare.bits("output", expected, y.data());
    Compare.bits("grad_input", expectedGradient, chain.backward(g).data());

    chain.forward(normals(1, SHAPE));
    assertThrows(IllegalStateException.class, () -> chain.get(0).backward(g), "nothing to go by");
  }

  @Test
  void gradientOfTheInputIsSpared() {
    for (boolean affine : new boolean[] {true, false}) {
      Sequential chain =
          new Sequential(new ReLU(), BatchNorm2d.of(3).affine(affine).build(), new ReLU());
      Sequential other =
          new Sequential(new ReLU(), BatchNorm2d.of(3).affine(affine).build(), new ReLU());
      chain.inputGradient(false);
      chain.forward(normals(1, SHAPE));
      other.forward(normals(1, SHAPE));
      assertNull(chain.backward(normals(2, SHAPE)));
      other.backward(normals(2, SHAPE));
      for (int i = 0; i < chain.parameters().size(); i++) {
        Compare.bits(
            "gradient " + i,
            other.parameters().get(i).grad().data(),
            chain.parameters().get(i).grad().data());
      }
      assertFalse(chain.get(0).inputGradient());

      Sequential behind = new Sequential(BatchNorm2d.of(3).affine(affine).build(), new ReLU());
      behind.inputGradient(false);
      behind.forward(normals(1, SHAPE));
      assertNull(behind.backward(normals(2, SHAPE)));
    }
  }

  @Test
  void namesAndTextStay() {
    Sequential chain = new Sequential(new ReLU(true), new BatchNorm1d(3), new ReLU());
    assertEquals(List.of("1.weight", "1.bias"), List.copyOf(chain.namedParameters().keySet()));
    assertTrue(chain.toString().contains("(0): ReLU(inplace=True)"), chain.toString());
    assertTrue(chain.toString().contains("(2): ReLU()"), chain.toString());
  }
}
