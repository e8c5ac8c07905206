package io.github.lanewise.scalar;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;
import io.github.lanewise.internal.SoftmaxProblem;

/** Softmax and log-softmax over the channels, position by position. */
final class ScalarSoftmax extends ScalarTwin<SoftmaxProblem> {
  @Override
  public Kernel[] kernels(SoftmaxProblem p) {
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.batch() * p.plane(), p.channels())) {
        @Override
        protected void run(int from, int to, Operands a, float[] scratch, int own) {
          for (int i = from; i < to; i++) {
            int first = i / p.plane() * p.channels() * p.plane() + i % p.plane();
            if (p.backward()) {
              backward(p, first, a);
            } else {
              forward(p, first, a);
            }
          }
        }
      }
    };
  }

  /** {@code first} is the position's index in channel 0; channels are a plane apart. */
  private static void forward(SoftmaxProblem p, int first, Operands a) {
    int end = first + p.channels() * p.plane();
    float max = Float.NEGATIVE_INFINITY;
    for (int i = first; i < end; i += p.plane()) {
      max = Math.max(max, a.input[a.inputAt + i]);
    }
    double sum = 0;
    for (int i = first; i < end; i += p.plane()) {
      sum += StrictMath.exp((double) a.input[a.inputAt + i] - max);
    }
    double logSum = StrictMath.log(sum);
    for (int i = first; i < end; i += p.plane()) {
      double x = (double) a.input[a.inputAt + i] - max;
      a.output[a.outputAt + i] = (float) (p.log() ? x - logSum : StrictMath.exp(x) / sum);
    }
  }

  private static void backward(SoftmaxProblem p, int first, Operands a) {
    int end = first + p.channels() * p.plane();
    double sum = 0;
    for (int i = first; i < end; i += p.plane()) {
      double g = a.gradOutput[a.gradOutputAt + i];
      sum += p.log() ? g : g * a.output[a.outputAt + i];
    }
    for (int i = first; i < end; i += p.plane()) {
      double g = a.gradOutput[a.gradOutputAt + i];
      double y = a.output[a.outputAt + i];
      a.gradInput[a.gradInputAt + i] =
          (float) (p.log() ? g - StrictMath.exp(y) * sum : (g - sum) * y);
    }
  }
}
