package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.CrossEntropyProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.SumKernel;
import java.util.Arrays;

/**
 * Cross-entropy where the classes of a position are neighbours: the exponentials are computed in
 * lanes. With {@code q} the wanted shares, the loss is {@code log Σexp · Σq − Σ q · (x − max)}, the
 * gradient {@code p · Σq − q}.
 */
final class VectorCrossEntropyRows implements Implementation<CrossEntropyProblem> {
  @Override
  public String name() {
    return "vector, classes in lanes";
  }

  @Override
  public boolean accepts(CrossEntropyProblem p) {
    return p.plane() == 1;
  }

  @Override
  public Kernel[] kernels(CrossEntropyProblem p) {
    return new SumKernel(Chunks.of(p.batch(), p.classes())) {
      @Override
      public long taskScratch() {
        return LANES + 2L * Math.min(p.classes(), Row.BLOCK);
      }

      @Override
      protected double sum(int from, int to, Operands a, float[] scratch, int own) {
        double sum = 0;
        for (int row = from; row < to; row++) {
          double loss = 0;
          int first = row * p.classes();
          if (!p.probabilities() && a.indices[a.indicesAt + row] == p.ignoreIndex()) {
            if (p.pass().gradient()) {
              int at = a.gradInputAt + first;
              Arrays.fill(a.gradInput, at, at + p.classes(), 0);
            }
          } else {
            loss = row(p, row, first, a, scratch, own);
          }
          if (p.pass().value() && !p.reduced()) {
            a.output[a.outputAt + row] = (float) loss;
          }
          sum += loss;
        }
        return sum;
      }
    }.withTotal();
  }

  private static double row(
      CrossEntropyProblem p, int row, int first, Operands a, float[] scratch, int own) {
    int n = p.classes();
    int x = a.inputAt + first;
    int result = a.gradInputAt + first;
    float max = Row.max(a.input, x, n);
    float[] terms = p.pass().gradient() ? a.gradInput : null;
    double sumExp = Row.sumOfExp(a.input, x, n, max, terms, result, scratch, own);
    double g = 0;
    if (p.pass().gradient()) {
      g = p.reduced() ? a.scale : a.gradOutput[a.gradOutputAt + row];
    }
    double shares = 0;
    double products = 0;
    if (p.probabilities() || p.labelSmoothing() > 0) {
      int share = own + LANES;
      for (int from = 0; from < n; from += Row.BLOCK) {
        int length = Math.min(Row.BLOCK, n - from);
        shares(p, row, from, length, a, scratch, share);
        shares += Row.sum(scratch, share, length);
        Row.subtract(a.input, x + from, max, length, scratch, share + length);
        products += Row.dot(scratch, share, scratch, share + length, length);
      }
      if (p.pass().gradient()) {
        Row.scale(a.gradInput, result, n, (float) (g * shares / sumExp));
        for (int from = 0; from < n; from += Row.BLOCK) {
          int length = Math.min(Row.BLOCK, n - from);
          int at = result + from;
          shares(p, row, from, length, a, scratch, share);
          Row.scale(scratch, share, length, (float) g);
          Row.subtract(a.gradInput, at, scratch, share, length, a.gradInput, at);
        }
      }
    } else {
      int target = a.indices[a.indicesAt + row];
      shares = a.weight == null ? 1 : a.weight[a.weightAt + target];
      products = shares * ((double) a.input[x + target] - max);
      if (p.pass().gradient()) {
        Row.scale(a.gradInput, result, n, (float) (g * shares / sumExp));
        a.gradInput[result + target] -= (float) (g * shares);
      }
    }
    return p.pass().value() ? StrictMath.log(sumExp) * shares - products : 0;
  }

  /**
   * The shares of the classes {@code from} to {@code from + length - 1}, {@code weight · ((1 −
   * smoothing) · target + smoothing / classes)}.
   */
  private static void shares(
      CrossEntropyProblem p, int row, int from, int length, Operands a, float[] scratch, int to) {
    float factor = (float) (1 - p.labelSmoothing());
    float other = (float) (p.labelSmoothing() / p.classes());
    if (p.probabilities()) {
      int target = a.targetAt + row * p.classes() + from;
      Row.affine(a.target, target, length, factor, other, scratch, to);
    } else {
      Arrays.fill(scratch, to, to + length, other);
      int label = a.indices[a.indicesAt + row] - from;
      if (label >= 0 && label < length) {
        scratch[to + label] += factor;
      }
    }
    if (a.weight != null) {
      Row.multiply(a.weight, a.weightAt + from, length, scratch, to);
    }
  }
}
