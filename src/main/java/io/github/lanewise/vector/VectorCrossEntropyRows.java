package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.CrossEntropyProblem;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.SumKernel;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Cross-entropy where the classes of a position are neighbours, in the lanes. With {@code q} the
 * wanted shares, the loss is {@code log Σexp · Σq − Σ q · (x − max)}, the gradient {@code p · Σq −
 * q}. A class index adds to one class only, which is done apart from the vectors.
 */
final class VectorCrossEntropyRows extends VectorTwin<CrossEntropyProblem> {
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
            loss = row(p, row, first, a);
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

  private static double row(CrossEntropyProblem p, int row, int first, Operands a) {
    int n = p.classes();
    int x = a.inputAt + first;
    int gradAt = a.gradInputAt + first;
    float max = Row.max(a.input, x, n);
    float[] terms = p.pass().gradient() ? a.gradInput : null;
    double sumExp = Row.sumOfExp(a.input, x, n, max, terms, gradAt);
    float smoothing = (float) (p.labelSmoothing() / n);
    double shares = 0;
    double products = 0;
    boolean everyClass = p.probabilities() || smoothing > 0;
    if (everyClass) {
      shares = shares(p, first, smoothing, a);
      products = products(p, first, max, smoothing, a);
    }
    int index = -1;
    double extra = 0; // share of the class of an index, beyond what every class has
    if (!p.probabilities()) {
      index = a.indices[a.indicesAt + row];
      extra = (1 - p.labelSmoothing()) * (a.weight == null ? 1 : a.weight[a.weightAt + index]);
      shares += extra;
      products += extra * ((double) a.input[x + index] - max);
    }
    if (p.pass().gradient()) {
      double g = p.reduced() ? a.scale : a.gradOutput[a.gradOutputAt + row];
      float factor = (float) (g * shares / sumExp);
      gradient(p, first, factor, everyClass ? (float) -g : 0, smoothing, a);
      if (index >= 0) {
        a.gradInput[gradAt + index] -= (float) (g * extra);
      }
    }
    return p.pass().value() ? StrictMath.log(sumExp) * shares - products : 0;
  }

  /** The shares of a vector of classes: without that of an index. */
  private static FloatVector share(
      CrossEntropyProblem p,
      int first,
      int c,
      float smoothing,
      VectorMask<Float> mask,
      Operands a) {
    FloatVector share = FloatVector.broadcast(F, smoothing);
    if (p.probabilities()) {
      FloatVector target = FloatVector.fromArray(F, a.target, a.targetAt + first + c, mask);
      share = target.fma(FloatVector.broadcast(F, (float) (1 - p.labelSmoothing())), share);
    }
    if (a.weight != null) {
      share = share.mul(FloatVector.fromArray(F, a.weight, a.weightAt + c, mask));
    }
    return share;
  }

  private static double shares(CrossEntropyProblem p, int first, float smoothing, Operands a) {
    FloatVector sum = FloatVector.zero(F);
    for (int c = 0; c < p.classes(); c += LANES) {
      VectorMask<Float> mask = F.indexInRange(c, p.classes());
      sum = sum.add(share(p, first, c, smoothing, mask, a), mask);
    }
    return LaneSum.of(sum);
  }

  /** {@code Σ q · (x − max)}. */
  private static double products(
      CrossEntropyProblem p, int first, float max, float smoothing, Operands a) {
    FloatVector sum = FloatVector.zero(F);
    for (int c = 0; c < p.classes(); c += LANES) {
      VectorMask<Float> mask = F.indexInRange(c, p.classes());
      FloatVector d = FloatVector.fromArray(F, a.input, a.inputAt + first + c, mask).sub(max);
      sum = sum.add(d.mul(share(p, first, c, smoothing, mask, a)), mask);
    }
    return LaneSum.of(sum);
  }

  /** Turns the exponentials in gradInput into gradients. */
  private static void gradient(
      CrossEntropyProblem p, int first, float factor, float minusG, float smoothing, Operands a) {
    FloatVector scale = FloatVector.broadcast(F, factor);
    for (int c = 0; c < p.classes(); c += LANES) {
      VectorMask<Float> mask = F.indexInRange(c, p.classes());
      int at = a.gradInputAt + first + c;
      FloatVector wanted = share(p, first, c, smoothing, mask, a).mul(minusG);
      FloatVector.fromArray(F, a.gradInput, at, mask)
          .fma(scale, wanted)
          .intoArray(a.gradInput, at, mask);
    }
  }
}
