package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.Sizes;
import io.github.lanewise.testing.Workspaces;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntFunction;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ActivationProperties {
  private static final double SLOPE = 0.3f;

  /** A function, its reference in double, and the derivative that its gradient is defined by. */
  private enum Function {
    RELU(Activation::relu, x -> x <= 0 ? 0 : x, x -> x <= 0 ? 0 : 1),
    LEAKY_RELU(
        size -> Activation.leakyRelu(size, SLOPE),
        x -> x > 0 ? x : x * SLOPE,
        x -> x > 0 ? 1 : SLOPE),
    SIGMOID(
        Activation::sigmoid,
        x -> 1 / (1 + Math.exp(-x)),
        x -> 1 / (1 + Math.exp(-x)) / (1 + Math.exp(x))),
    TANH(Activation::tanh, Math::tanh, x -> 1 - Math.tanh(x) * Math.tanh(x));

    final IntFunction<Activation> plan;
    final DoubleUnaryOperator value;
    final DoubleUnaryOperator derivative;

    Function(
        IntFunction<Activation> plan, DoubleUnaryOperator value, DoubleUnaryOperator derivative) {
      this.plan = plan;
      this.value = value;
      this.derivative = derivative;
    }
  }

  private static final float[] SPECIAL = {
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    0f,
    -0f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    1e-30f,
    -1e-30f,
    88.8f,
    -88.8f,
    -104f,
    0.625f
  };

  @Provide
  Arbitrary<Integer> sizes() {
    return Sizes.any();
  }

  @Property(tries = 400)
  void followTheFormulas(
      @ForAll Function f, @ForAll("sizes") int size, @ForAll long seed, @ForAll boolean inPlace) {
    Random random = new Random(seed);
    float[] x = values(size, random);
    float[] g = new float[size];
    double[] y = new double[size];
    double[] dx = new double[size];
    for (int i = 0; i < size; i++) {
      g[i] = (float) random.nextGaussian();
      y[i] = f.value.applyAsDouble(x[i]);
      dx[i] = g[i] * f.derivative.applyAsDouble(x[i]);
    }
    Activation plan = f.plan.apply(size);
    Workspace workspace = new Workspace();
    Guarded input = Guarded.of(x, random);
    Guarded output = inPlace ? input : Guarded.forResult(size, random);
    plan.forward(input.array, input.offset, output.array, output.offset, workspace);
    Bounds.close("output", y, 2e-38, 4e-7, output.values("output"));

    Guarded gradOutput = Guarded.of(g, random);
    Guarded gradInput = inPlace ? gradOutput : Guarded.forResult(size, random);
    plan.backward(
        input.array,
        input.offset,
        output.array,
        output.offset,
        gradOutput.array,
        gradOutput.offset,
        gradInput.array,
        gradInput.offset,
        workspace);
    // 1 − y cancels where the functions are flat: an absolute error of a rounding of 1 remains
    Bounds.close("grad_input", dx, 1e-6, 1e-6, gradInput.values("grad_input"));
  }

  private static float[] values(int size, Random random) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] =
          random.nextInt(4) == 0
              ? SPECIAL[random.nextInt(SPECIAL.length)]
              : (float) (random.nextGaussian() * Math.pow(10, random.nextInt(4) - 2));
    }
    return x;
  }

  /** Only what is above zero is kept: a negative slope turns the sign of a zero. */
  @Example
  void zerosAreMultipliedByTheSlope() {
    float[] zeros = {0f, -0f, 0f, -0f, 0f, -0f, 0f, -0f, 0f};
    float[] output = new float[zeros.length];
    Activation.leakyRelu(zeros.length, -0.5).forward(zeros, output, new Workspace());
    Compare.bits("output", new float[] {-0f, 0f, -0f, 0f, -0f, 0f, -0f, 0f, -0f}, output);
  }

  /** Arrays of several chunks, which threads share. */
  @Property(tries = 2)
  void largeArraysFollowTheFormulasWhateverTheThreads(@ForAll long seed) {
    int size = 300_007;
    float[] x = Data.normals(size, new Random(seed)); // Java leaves open which bits a NaN has
    for (Function f : Function.values()) {
      float[] expected = new float[size];
      float[] actual = new float[size];
      Activation plan = f.plan.apply(size);
      plan.forward(x, expected, new Workspace());
      plan.forward(x, actual, new Workspace(Workspaces.threads(3)));
      Compare.bits("output", expected, actual);
      float[] expectedGradient = new float[size];
      float[] gradient = new float[size];
      plan.backward(x, expected, x, expectedGradient, new Workspace());
      plan.backward(x, actual, x, gradient, new Workspace(Workspaces.threads(3)));
      Compare.bits("grad_input", expectedGradient, gradient);
      double[] y = new double[size];
      double[] dx = new double[size];
      for (int i = 0; i < size; i++) {
        y[i] = f.value.applyAsDouble(x[i]);
        dx[i] = x[i] * f.derivative.applyAsDouble(x[i]);
      }
      Bounds.close("output", y, 2e-38, 4e-7, expected);
      Bounds.close("grad_input", dx, 1e-6, 1e-6, expectedGradient);
    }
  }

  @Example
  void onlyTheArrayThatIsReadIsNeeded() {
    float[] one = {1};
    Workspace workspace = new Workspace();
    Activation.relu(1).backward(one, null, one, new float[1], workspace);
    Activation.tanh(1).backward(null, one, one, new float[1], workspace);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Activation.tanh(1).backward(one, null, one, new float[1], workspace))
            .getMessage();
    assertTrue(message.contains("output is null"), message);
  }

  @Example
  void partialOverlapIsRefused() {
    float[] array = new float[10];
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Activation.relu(6).forward(array, 0, array, 4, new Workspace()))
            .getMessage();
    assertTrue(message.contains("input [0, 6) and output [4, 10) overlap"), message);
    float[] eight = {1, -2, 3, 4, 5, 6, 7, 8};
    Activation.relu(4).forward(eight, 0, eight, 4, new Workspace()); // neighbours do not overlap
    Activation.relu(4).forward(eight, 4, eight, 0, new Workspace());
    assertArrayEquals(new float[] {1, 0, 3, 4, 1, 0, 3, 4}, eight);
  }
}
