package io.github.lanewise.scalar;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.CrossEntropyProblem;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.SumKernel;

/**
 * Cross-entropy position by position, in double. With {@code q[c]} the wanted share of class c
 * (weight and label smoothing included) and {@code p = softmax(input)}, the loss of a position is
 * {@code −Σ q[c] · log p[c]} and its gradient {@code p[c] · Σ q − q[c]}.
 */
public final class ScalarCrossEntropy extends ScalarTwin<CrossEntropyProblem> {
  @Override
  public Kernel[] kernels(CrossEntropyProblem p) {
    return new SumKernel(Chunks.of(p.positions(), p.classes())) {
      @Override
      protected double sum(int from, int to, Operands a, float[] scratch, int own) {
        double sum = 0;
        for (int position = from; position < to; position++) {
          sum += position(p, position, a);
        }
        return sum;
      }
    }.withTotal();
  }

  /** Computes what the pass asks for, and returns the loss. */
  private static double position(CrossEntropyProblem p, int position, Operands a) {
    int plane = p.plane();
    int first = position / plane * p.classes() * plane + position % plane;
    boolean ignored = !p.probabilities() && a.indices[a.indicesAt + position] == p.ignoreIndex();
    if (ignored) {
      return ignore(p, position, first, a);
    }
    float max = Float.NEGATIVE_INFINITY;
    for (int c = 0; c < p.classes(); c++) {
      max = Math.max(max, a.input[a.inputAt + first + c * plane]);
    }
    double sumExp = 0;
    for (int c = 0; c < p.classes(); c++) {
      sumExp += StrictMath.exp((double) a.input[a.inputAt + first + c * plane] - max);
    }
    double logSum = StrictMath.log(sumExp);
    double loss = 0;
    double shares = 0;
    for (int c = 0; c < p.classes(); c++) {
      double q = share(p, position, first, c, a);
      shares += q;
      if (q != 0 || smooths(p)) { // a class that does not count may have probability 0
        loss -= q * ((double) a.input[a.inputAt + first + c * plane] - max - logSum);
      }
    }
    if (p.pass().value() && !p.reduced()) {
      a.output[a.outputAt + position] = (float) loss;
    }
    if (p.pass().gradient()) {
      double g = p.reduced() ? a.scale : a.gradOutput[a.gradOutputAt + position];
      for (int c = 0; c < p.classes(); c++) {
        double x = (double) a.input[a.inputAt + first + c * plane] - max;
        double gradient = StrictMath.exp(x) / sumExp * shares - share(p, position, first, c, a);
        a.gradInput[a.gradInputAt + first + c * plane] = (float) (g * gradient);
      }
    }
    return loss;
  }

  private static double ignore(CrossEntropyProblem p, int position, int first, Operands a) {
    if (p.pass().value() && !p.reduced()) {
      a.output[a.outputAt + position] = 0;
    }
    if (p.pass().gradient()) {
      for (int c = 0; c < p.classes(); c++) {
        a.gradInput[a.gradInputAt + first + c * p.plane()] = 0;
      }
    }
    return 0;
  }

  /** Whether every class has a share, so that PyTorch multiplies all of them. */
  private static boolean smooths(CrossEntropyProblem p) {
    return p.probabilities() || p.labelSmoothing() > 0;
  }

  /** The wanted share of a class, weight included. */
  private static double share(CrossEntropyProblem p, int position, int first, int c, Operands a) {
    double target;
    if (p.probabilities()) {
      target = a.target[a.targetAt + first + c * p.plane()];
    } else {
      target = a.indices[a.indicesAt + position] == c ? 1 : 0;
    }
    double weight = a.weight == null ? 1 : a.weight[a.weightAt + c];
    return weight * ((1 - p.labelSmoothing()) * target + p.labelSmoothing() / p.classes());
  }
}
