package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.ActivationProblem;
import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;
import io.github.lanewise.scalar.ScalarActivation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Activation functions and their gradients, a vector of elements at a time. The loops return where
 * they stop: the elements that fill no vector are the scalar twin's.
 */
final class VectorActivation extends VectorTwin<ActivationProblem> {
  @Override
  public Kernel[] kernels(ActivationProblem p) {
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.size())) {
        @Override
        public long taskScratch() {
          return LANES;
        }

        @Override
        protected void run(int from, int to, Operands a, float[] scratch, int own) {
          int end = p.backward() ? backward(p, from, to, a) : forward(p, from, to, a, scratch, own);
          ScalarActivation.compute(p, end, to, a);
        }
      }
    };
  }

  private static int forward(
      ActivationProblem p, int from, int to, Operands a, float[] scratch, int own) {
    return switch (p.kind()) {
      case RELU -> relu(from, to, a);
      case LEAKY_RELU -> leakyRelu(from, to, a, p.negativeSlope());
      case SIGMOID, TANH -> {
        elementary(p, from, to - from, a, scratch, own);
        yield to;
      }
    };
  }

  /** As in {@link Row#exp}, the end first, to scratch: the output may be the input. */
  private static void elementary(
      ActivationProblem p, int from, int n, Operands a, float[] scratch, int own) {
    int whole = n - n % LANES;
    int at = a.inputAt + from;
    float[] last = n < LANES ? scratch : a.input;
    int lastAt = n < LANES ? own : at + n - LANES;
    if (n < LANES) {
      System.arraycopy(a.input, at, scratch, own, n);
    }
    for (int pass = whole < n ? 0 : 1; pass < 2; pass++) {
      boolean end = pass == 0;
      float[] x = end ? last : a.input;
      int xAt = end ? lastAt : at;
      float[] y = end ? scratch : a.output;
      int yAt = end ? own : a.outputAt + from;
      if (p.kind() == ActivationProblem.Kind.TANH) {
        Elementary.tanh(x, xAt, y, yAt, end ? LANES : whole);
      } else {
        Elementary.sigmoid(x, xAt, y, yAt, end ? LANES : whole);
      }
    }
    if (whole < n) {
      Row.storeEnd(scratch, own, a.output, a.outputAt + from, n);
    }
  }

  private static int backward(ActivationProblem p, int from, int to, Operands a) {
    return switch (p.kind()) {
      case RELU -> reluBackward(from, to, a);
      case LEAKY_RELU -> leakyReluBackward(from, to, a, p.negativeSlope());
      case SIGMOID -> sigmoidBackward(from, to, a);
      case TANH -> tanhBackward(from, to, a);
    };
  }

  private static int relu(int from, int to, Operands a) {
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, a.input, a.inputAt + i);
      x.blend(0f, x.compare(VectorOperators.LE, 0f))
          .intoArray(a.output, a.outputAt + i); // NaN stays
    }
    return i;
  }

  private static int leakyRelu(int from, int to, Operands a, float slope) {
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, a.input, a.inputAt + i);
      x.mul(slope).blend(x, x.compare(VectorOperators.GT, 0f)).intoArray(a.output, a.outputAt + i);
    }
    return i;
  }

  private static int reluBackward(int from, int to, Operands a) {
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, a.input, a.inputAt + i);
      FloatVector g = FloatVector.fromArray(F, a.gradOutput, a.gradOutputAt + i);
      g.blend(0f, x.compare(VectorOperators.LE, 0f)).intoArray(a.gradInput, a.gradInputAt + i);
    }
    return i;
  }

  private static int leakyReluBackward(int from, int to, Operands a, float slope) {
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, a.input, a.inputAt + i);
      FloatVector g = FloatVector.fromArray(F, a.gradOutput, a.gradOutputAt + i);
      g.mul(slope)
          .blend(g, x.compare(VectorOperators.GT, 0f))
          .intoArray(a.gradInput, a.gradInputAt + i);
    }
    return i;
  }

  private static int sigmoidBackward(int from, int to, Operands a) {
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector y = FloatVector.fromArray(F, a.output, a.outputAt + i);
      FloatVector g = FloatVector.fromArray(F, a.gradOutput, a.gradOutputAt + i);
      g.mul(FloatVector.broadcast(F, 1f).sub(y)).mul(y).intoArray(a.gradInput, a.gradInputAt + i);
    }
    return i;
  }

  private static int tanhBackward(int from, int to, Operands a) {
    int i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector y = FloatVector.fromArray(F, a.output, a.outputAt + i);
      FloatVector g = FloatVector.fromArray(F, a.gradOutput, a.gradOutputAt + i);
      g.mul(FloatVector.broadcast(F, 1f).sub(y.mul(y))).intoArray(a.gradInput, a.gradInputAt + i);
    }
    return i;
  }
}
