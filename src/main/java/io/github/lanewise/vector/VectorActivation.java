package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.ActivationProblem;
import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Activation functions and their gradients, a vector of elements at a time. */
final class VectorActivation extends VectorTwin<ActivationProblem> {
  @Override
  public Kernel[] kernels(ActivationProblem p) {
    float slope = p.negativeSlope();
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.size())) {
        @Override
        protected void run(int from, int to, Operands a) {
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
      }
    };
  }

  private static void relu(int from, int to, Operands a) {
    int in = a.inputAt;
    int out = a.outputAt;
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      relu(FloatVector.fromArray(F, a.input, in + i)).intoArray(a.output, out + i);
    }
    VectorMask<Float> rest = F.indexInRange(i, to);
    relu(FloatVector.fromArray(F, a.input, in + i, rest)).intoArray(a.output, out + i, rest);
  }

  private static void leakyRelu(int from, int to, Operands a, float slope) {
    int in = a.inputAt;
    int out = a.outputAt;
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      leakyRelu(FloatVector.fromArray(F, a.input, in + i), slope).intoArray(a.output, out + i);
    }
    VectorMask<Float> rest = F.indexInRange(i, to);
    leakyRelu(FloatVector.fromArray(F, a.input, in + i, rest), slope)
        .intoArray(a.output, out + i, rest);
  }

  private static void sigmoid(int from, int to, Operands a) {
    int in = a.inputAt;
    int out = a.outputAt;
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      Elementary.sigmoid(FloatVector.fromArray(F, a.input, in + i)).intoArray(a.output, out + i);
    }
    VectorMask<Float> rest = F.indexInRange(i, to);
    Elementary.sigmoid(FloatVector.fromArray(F, a.input, in + i, rest))
        .intoArray(a.output, out + i, rest);
  }

  private static void tanh(int from, int to, Operands a) {
    int in = a.inputAt;
    int out = a.outputAt;
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      Elementary.tanh(FloatVector.fromArray(F, a.input, in + i)).intoArray(a.output, out + i);
    }
    VectorMask<Float> rest = F.indexInRange(i, to);
    Elementary.tanh(FloatVector.fromArray(F, a.input, in + i, rest))
        .intoArray(a.output, out + i, rest);
  }

  private static void reluBackward(int from, int to, Operands a) {
    int at = a.inputAt;
    int g = a.gradOutputAt;
    int result = a.gradInputAt;
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, a.input, at + i);
      FloatVector gradient = FloatVector.fromArray(F, a.gradOutput, g + i);
      reluBackward(x, gradient).intoArray(a.gradInput, result + i);
    }
    VectorMask<Float> rest = F.indexInRange(i, to);
    FloatVector x = FloatVector.fromArray(F, a.input, at + i, rest);
    FloatVector gradient = FloatVector.fromArray(F, a.gradOutput, g + i, rest);
    reluBackward(x, gradient).intoArray(a.gradInput, result + i, rest);
  }

  private static void leakyReluBackward(int from, int to, Operands a, float slope) {
    int at = a.inputAt;
    int g = a.gradOutputAt;
    int result = a.gradInputAt;
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, a.input, at + i);
      FloatVector gradient = FloatVector.fromArray(F, a.gradOutput, g + i);
      leakyReluBackward(x, gradient, slope).intoArray(a.gradInput, result + i);
    }
    VectorMask<Float> rest = F.indexInRange(i, to);
    FloatVector x = FloatVector.fromArray(F, a.input, at + i, rest);
    FloatVector gradient = FloatVector.fromArray(F, a.gradOutput, g + i, rest);
    leakyReluBackward(x, gradient, slope).intoArray(a.gradInput, result + i, rest);
  }

  private static void sigmoidBackward(int from, int to, Operands a) {
    int at = a.outputAt;
    int g = a.gradOutputAt;
    int result = a.gradInputAt;
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector y = FloatVector.fromArray(F, a.output, at + i);
      FloatVector gradient = FloatVector.fromArray(F, a.gradOutput, g + i);
      sigmoidBackward(y, gradient).intoArray(a.gradInput, result + i);
    }
    VectorMask<Float> rest = F.indexInRange(i, to);
    FloatVector y = FloatVector.fromArray(F, a.output, at + i, rest);
    FloatVector gradient = FloatVector.fromArray(F, a.gradOutput, g + i, rest);
    sigmoidBackward(y, gradient).intoArray(a.gradInput, result + i, rest);
  }

  private static void tanhBackward(int from, int to, Operands a) {
    int at = a.outputAt;
    int g = a.gradOutputAt;
    int result = a.gradInputAt;
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector y = FloatVector.fromArray(F, a.output, at + i);
      FloatVector gradient = FloatVector.fromArray(F, a.gradOutput, g + i);
      tanhBackward(y, gradient).intoArray(a.gradInput, result + i);
    }
    VectorMask<Float> rest = F.indexInRange(i, to);
    FloatVector y = FloatVector.fromArray(F, a.output, at + i, rest);
    FloatVector gradient = FloatVector.fromArray(F, a.gradOutput, g + i, rest);
    tanhBackward(y, gradient).intoArray(a.gradInput, result + i, rest);
  }

  private static FloatVector relu(FloatVector x) {
    return x.blend(0f, x.compare(VectorOperators.LE, 0f)); // unlike a maximum, keeps NaN as it is
  }

  private static FloatVector reluBackward(FloatVector x, FloatVector gradient) {
    return gradient.blend(0f, x.compare(VectorOperators.LE, 0f));
  }

  private static FloatVector leakyRelu(FloatVector x, float slope) {
    return x.mul(slope).blend(x, x.compare(VectorOperators.GT, 0f));
  }

  private static FloatVector leakyReluBackward(FloatVector x, FloatVector gradient, float slope) {
    return gradient.mul(slope).blend(gradient, x.compare(VectorOperators.GT, 0f));
  }

  private static FloatVector sigmoidBackward(FloatVector y, FloatVector gradient) {
    return gradient.mul(FloatVector.broadcast(F, 1f).sub(y)).mul(y);
  }

  private static FloatVector tanhBackward(FloatVector y, FloatVector gradient) {
    return gradient.mul(FloatVector.broadcast(F, 1f).sub(y.mul(y)));
  }
}
