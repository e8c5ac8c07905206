package io.github.lanewise.scalar;

import io.github.lanewise.internal.ActivationProblem;
import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;

/** Activation functions and their gradients, element by element. */
public final class ScalarActivation extends ScalarTwin<ActivationProblem> {
  @Override
  public Kernel[] kernels(ActivationProblem p) {
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.size())) {
        @Override
        protected void run(int from, int to, Operands a, float[] scratch, int own) {
          compute(p, from, to, a);
        }
      }
    };
  }

  /** Elements {@code from} to {@code to - 1}; the vector twin leaves those that fill no vector. */
  public static void compute(ActivationProblem p, int from, int to, Operands a) {
    float slope = p.negativeSlope();
    if (p.backward()) {
      switch (p.kind()) {
        case RELU -> reluBackward(from, to, a);
        case LEAKY_RELU -> leakyReluBackward(from, to, a, slope);
        case SIGMOID -> sigmoidBackward(from, to, a);
        case TANH -> tanhBackward(from, to, a);
      }
    } else {
      switch (p.kind()) {
        case RELU -> relu(from, to, a);
        case LEAKY_RELU -> leakyRelu(from, to, a, slope);
        case SIGMOID -> sigmoid(from, to, a);
        case TANH -> tanh(from, to, a);
      }
    }
  }

  private static void relu(int from, int to, Operands a) {
    for (int i = from; i < to; i++) {
      a.output[a.outputAt + i] = Math.max(a.input[a.inputAt + i], 0f); // NaN stays
    }
  }

  private static void reluBackward(int from, int to, Operands a) {
    for (int i = from; i < to; i++) {
      // NaN is not <= 0: it passes the gradient on, as in PyTorch
      a.gradInput[a.gradInputAt + i] =
          a.input[a.inputAt + i] <= 0 ? 0 : a.gradOutput[a.gradOutputAt + i];
    }
  }

  private static void leakyRelu(int from, int to, Operands a, float slope) {
    for (int i = from; i < to; i++) {
      float x = a.input[a.inputAt + i];
      a.output[a.outputAt + i] = x > 0 ? x : x * slope;
    }
  }

  private static void leakyReluBackward(int from, int to, Operands a, float slope) {
    for (int i = from; i < to; i++) {
      float g = a.gradOutput[a.gradOutputAt + i];
      a.gradInput[a.gradInputAt + i] = a.input[a.inputAt + i] > 0 ? g : g * slope;
    }
  }

  private static void sigmoid(int from, int to, Operands a) {
    for (int i = from; i < to; i++) {
      a.output[a.outputAt + i] = (float) (1 / (1 + StrictMath.exp(-a.input[a.inputAt + i])));
    }
  }

  private static void sigmoidBackward(int from, int to, Operands a) {
    for (int i = from; i < to; i++) {
      float y = a.output[a.outputAt + i];
      a.gradInput[a.gradInputAt + i] = a.gradOutput[a.gradOutputAt + i] * (1 - y) * y;
    }
  }

  private static void tanh(int from, int to, Operands a) {
    for (int i = from; i < to; i++) {
      a.output[a.outputAt + i] = (float) StrictMath.tanh(a.input[a.inputAt + i]);
    }
  }

  private static void tanhBackward(int from, int to, Operands a) {
    for (int i = from; i < to; i++) {
      float y = a.output[a.outputAt + i];
      a.gradInput[a.gradInputAt + i] = a.gradOutput[a.gradOutputAt + i] * (1 - y * y);
    }
  }
}
