package io.github.lanewise.jmh;

import io.github.lanewise.kernel.Activation;
import io.github.lanewise.kernel.Dropout;
import io.github.lanewise.kernel.Workspace;
import java.util.function.DoubleUnaryOperator;
import org.openjdk.jmh.annotations.Param;

/** Activations and dropout. */
public class ElementwiseBenchmark extends TaskBenchmark {
  /** Of dropout. */
  private static final long SEED = 1;

  /** The pass. */
  @Param({
    "relu",
    "relu.backward",
    "leakyRelu",
    "leakyRelu.backward",
    "sigmoid",
    "sigmoid.backward",
    "tanh",
    "tanh.backward",
    "dropout",
    "dropout.backward"
  })
  public String kernel;

  /** Elements: in the first-level cache, and out of all caches. */
  @Param({"2048", "16777216"})
  public int size;

  @Override
  Limit limit() {
    return Limit.COPY;
  }

  @Override
  Task task() {
    float[] input = Sample.uniform(size, 1);
    float[] result = new float[size];
    if (kernel.startsWith("dropout")) {
      Dropout dropout = Dropout.of(size, 0.5);
      if (kernel.endsWith(".backward")) {
        return KernelTask.of(
            2L * size,
            () -> Sample.clear(result),
            workspace -> dropout.backward(input, result, SEED, workspace),
            () -> {
              float[] output = new float[size];
              dropout.forward(input, output, SEED, new Workspace());
              verifyRate(result);
              Sample.verify(kernel, result, size, i -> output[i] == 0 ? 0 : 2 * input[i], 1e-6);
            });
      }
      return KernelTask.of(
          2L * size,
          () -> Sample.clear(result),
          workspace -> dropout.forward(input, result, SEED, workspace),
          () -> {
            verifyRate(result);
            Sample.verify(kernel, result, size, i -> result[i] == 0 ? 0 : 2 * input[i], 1e-6);
          });
    }
    String name = kernel.split("\\.")[0];
    Activation plan =
        switch (name) {
          case "relu" -> Activation.relu(size);
          case "leakyRelu" -> Activation.leakyRelu(size, 0.01);
          case "sigmoid" -> Activation.sigmoid(size);
          case "tanh" -> Activation.tanh(size);
          default -> throw new IllegalArgumentException("kernel is \"" + kernel + "\"");
        };
    System.out.println("# " + kernel + ": " + plan.describe());
    if (!kernel.endsWith(".backward")) {
      DoubleUnaryOperator function = function(name);
      return KernelTask.of(
          2L * size,
          () -> Sample.clear(result),
          workspace -> plan.forward(input, result, workspace),
          () -> Sample.verify(kernel, result, size, i -> function.applyAsDouble(input[i]), 1e-6));
    }
    float[] gradOutput = Sample.uniform(size, 2);
    DoubleUnaryOperator derivative = derivative(name);
    return KernelTask.of(
        3L * size,
        () -> Sample.clear(result),
        workspace -> plan.backward(input, input, gradOutput, result, workspace),
        () ->
            Sample.verify(
                kernel,
                result,
                size,
                i -> gradOutput[i] * derivative.applyAsDouble(input[i]),
                1e-6));
  }

  /** Checks how many elements dropout zeroed: half of them, within four standard deviations. */
  private void verifyRate(float[] result) {
    int zeros = 0;
    for (float x : result) {
      if (x == 0) {
        zeros++;
      }
    }
    if (Math.abs(zeros - 0.5 * size) > 2 * Math.sqrt(size)) {
      throw new AssertionError(kernel + " zeroed " + zeros + " of " + size + ", p is 0.5");
    }
  }

  private static DoubleUnaryOperator function(String name) {
    return switch (name) {
      case "relu" -> x -> Math.max(x, 0);
      case "leakyRelu" -> x -> x > 0 ? x : 0.01 * x;
      case "sigmoid" -> x -> 1 / (1 + Math.exp(-x));
      default -> Math::tanh;
    };
  }

  /** Of the input for the first two, of the output for the others. */
  private static DoubleUnaryOperator derivative(String name) {
    return switch (name) {
      case "relu" -> x -> x > 0 ? 1 : 0;
      case "leakyRelu" -> x -> x > 0 ? 1 : 0.01;
      case "sigmoid" -> y -> y * (1 - y);
      default -> y -> 1 - y * y;
    };
  }
}
