package io.github.lanewise.scalar;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.LossProblem;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.SumKernel;

/** Losses that are sums of one term an element, computed in double. */
public final class ScalarLoss extends ScalarTwin<LossProblem> {
  @Override
  public Kernel[] kernels(LossProblem p) {
    return new SumKernel(Chunks.of(p.size())) {
      @Override
      protected double sum(int from, int to, Operands a, float[] scratch, int own) {
        double sum = 0;
        for (int i = from; i < to; i++) {
          sum += element(p, i, a);
        }
        return sum;
      }
    }.withTotal();
  }

  /**
   * Computes what the pass asks for of one element, and returns its term; also what the vector twin
   * does with elements that fill no vector.
   */
  public static double element(LossProblem p, int i, Operands a) {
    if (p.pass().gradient()) {
      double g = p.reduced() ? a.scale : a.gradOutput[a.gradOutputAt + i];
      a.gradInput[a.gradInputAt + i] = (float) (g * slope(p, i, a));
    }
    if (!p.pass().value()) {
      return 0;
    }
    double term = term(p, i, a);
    if (!p.reduced()) {
      a.output[a.outputAt + i] = (float) term;
    }
    return term;
  }

  private static double term(LossProblem p, int i, Operands a) {
    double x = a.input[a.inputAt + i];
    double target = a.target[a.targetAt + i];
    double d = x - target;
    return switch (p.kind()) {
      case MSE -> d * d;
      case L1 -> Math.abs(d);
      case SMOOTH_L1 ->
          Math.abs(d) < p.beta() ? 0.5 * d * d / p.beta() : Math.abs(d) - 0.5 * p.beta();
      case BCE_WITH_LOGITS -> {
        // −log σ(x) = log(1 + exp(−|x|)) + max(−x, 0) does not overflow
        double minusLogSigmoid = StrictMath.log1p(StrictMath.exp(-Math.abs(x))) + Math.max(-x, 0);
        double positive = 1 + (posWeight(p, i, a) - 1) * target;
        yield weight(i, a) * ((1 - target) * x + positive * minusLogSigmoid);
      }
    };
  }

  /** The derivative of the term. */
  private static double slope(LossProblem p, int i, Operands a) {
    double x = a.input[a.inputAt + i];
    double target = a.target[a.targetAt + i];
    double d = x - target;
    return switch (p.kind()) {
      case MSE -> 2 * d;
      case L1 -> sign(d);
      case SMOOTH_L1 -> Math.abs(d) >= p.beta() ? sign(d) : d / p.beta();
      case BCE_WITH_LOGITS -> {
        double t = posWeight(p, i, a) * target;
        yield weight(i, a) * ((t + 1 - target) / (1 + StrictMath.exp(-x)) - t);
      }
    };
  }

  /** −1, 0 or 1; 0 for NaN, as in PyTorch. */
  private static double sign(double d) {
    return d > 0 ? 1 : d < 0 ? -1 : 0;
  }

  private static double weight(int i, Operands a) {
    return a.weight == null ? 1 : a.weight[a.weightAt + i];
  }

  private static double posWeight(LossProblem p, int i, Operands a) {
    return a.posWeight == null ? 1 : a.posWeight[a.posWeightAt + i % p.columns()];
  }
}
