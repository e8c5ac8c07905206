package io.github.lanewise.vector;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.CrossEntropyProblem;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.SumKernel;
import io.github.lanewise.scalar.ScalarCrossEntropy;

/**
 * Cross-entropy with neighbouring positions in the lanes for the exponentials and logarithms. With
 * {@code q} the wanted shares, the loss is {@code log Σexp · Σq − Σ q · (x − max)}, the gradient
 * {@code p · Σq − q}.
 */
final class VectorCrossEntropyColumns extends VectorTwin<CrossEntropyProblem> {
  private static final int BLOCK = PositionBlocks.BLOCK;

  @Override
  public String name() {
    return "vector, positions in lanes";
  }

  @Override
  public boolean accepts(CrossEntropyProblem p) {
    return p.plane() > 1;
  }

  @Override
  public Kernel[] kernels(CrossEntropyProblem p) {
    return new SumKernel(Chunks.of(p.positions(), p.classes())) {
      @Override
      public long taskScratch() {
        return 4L * BLOCK;
      }

      @Override
      protected double sum(int from, int to, Operands a, float[] scratch, int own) {
        double sum = 0;
        int position = from;
        while (position < to) {
          int end = PositionBlocks.end(position, to, p.plane());
          sum += block(p, position, end - position, a, scratch, own);
          position = end;
        }
        return sum;
      }
    }.withTotal();
  }

  private static double block(
      CrossEntropyProblem p, int position, int length, Operands a, float[] scratch, int own) {
    int n = p.classes();
    int plane = p.plane();
    int first = PositionBlocks.first(position, n, plane);
    boolean gradient = p.pass().gradient();
    int max = own;
    int sum = own + BLOCK;
    int log = own + 2 * BLOCK;
    int terms = own + 3 * BLOCK;
    PositionBlocks.max(a.input, a.inputAt + first, n, plane, scratch, max, length);
    PositionBlocks.sumOfExp(
        a.input,
        a.inputAt + first,
        n,
        plane,
        scratch,
        max,
        gradient ? a.gradInput : scratch,
        gradient ? a.gradInputAt + first : terms,
        gradient ? plane : 0,
        scratch,
        sum,
        length);
    Elementary.logOfAtLeastOne(scratch, sum, scratch, log, length);
    double total = 0;
    for (int i = 0; i < length; i++) {
      double shares = shares(p, position + i, first + i, a);
      double products = products(p, position + i, first + i, scratch[max + i], a);
      double loss = counts(p, position + i, a) ? scratch[log + i] * shares - products : 0;
      if (p.pass().value() && !p.reduced()) {
        a.output[a.outputAt + position + i] = (float) loss;
      }
      total += loss;
      // from here on the sum's place holds what the exponentials are multiplied by
      scratch[sum + i] = (float) (upstream(p, position + i, a) * shares / scratch[sum + i]);
    }
    if (gradient) {
      gradient(p, position, first, length, a, scratch, sum);
    }
    return p.pass().value() ? total : 0;
  }

  private static boolean counts(CrossEntropyProblem p, int position, Operands a) {
    return p.probabilities() || a.indices[a.indicesAt + position] != p.ignoreIndex();
  }

  private static boolean everyClassHasAShare(CrossEntropyProblem p) {
    return p.probabilities() || p.labelSmoothing() > 0;
  }

  private static double weightOfTarget(int position, Operands a) {
    return a.weight == null ? 1 : a.weight[a.weightAt + a.indices[a.indicesAt + position]];
  }

  private static double upstream(CrossEntropyProblem p, int position, Operands a) {
    if (!p.pass().gradient()) {
      return 0;
    }
    return p.reduced() ? a.scale : a.gradOutput[a.gradOutputAt + position];
  }

  /** {@code Σ q}, 0 for an ignored position. */
  private static double shares(CrossEntropyProblem p, int position, int first, Operands a) {
    if (!counts(p, position, a)) {
      return 0;
    }
    if (!everyClassHasAShare(p)) {
      return weightOfTarget(position, a);
    }
    double shares = 0;
    for (int c = 0; c < p.classes(); c++) {
      shares += ScalarCrossEntropy.share(p, position, first, c, a);
    }
    return shares;
  }

  /** {@code Σ q · (x − max)}, 0 for an ignored position. */
  private static double products(
      CrossEntropyProblem p, int position, int first, float max, Operands a) {
    if (!counts(p, position, a)) {
      return 0;
    }
    if (!everyClassHasAShare(p)) {
      int target = a.indices[a.indicesAt + position];
      double x = a.input[a.inputAt + first + target * p.plane()];
      return weightOfTarget(position, a) * (x - max);
    }
    double products = 0;
    for (int c = 0; c < p.classes(); c++) {
      double x = a.input[a.inputAt + first + c * p.plane()];
      products += ScalarCrossEntropy.share(p, position, first, c, a) * (x - max);
    }
    return products;
  }

  /** Turns the exponentials in gradInput into gradients; {@code factors} is a place in scratch. */
  private static void gradient(
      CrossEntropyProblem p,
      int position,
      int first,
      int length,
      Operands a,
      float[] scratch,
      int factors) {
    float[] gradInput = a.gradInput;
    int result = a.gradInputAt + first;
    boolean everyClass = everyClassHasAShare(p);
    for (int c = 0; c < p.classes(); c++) {
      int row = result + c * p.plane();
      for (int i = 0; i < length; i++) {
        gradInput[row + i] *= scratch[factors + i];
      }
      for (int i = 0; everyClass && i < length; i++) {
        double share = ScalarCrossEntropy.share(p, position + i, first + i, c, a);
        gradInput[row + i] -= (float) (upstream(p, position + i, a) * share);
      }
    }
    for (int i = 0; i < length; i++) {
      if (!counts(p, position + i, a)) {
        for (int c = 0; c < p.classes(); c++) {
          gradInput[result + c * p.plane() + i] = 0; // also where an exponential is NaN
        }
      } else if (!everyClass) {
        int target = result + a.indices[a.indicesAt + position + i] * p.plane() + i;
        double share = weightOfTarget(position + i, a);
        gradInput[target] -= (float) (upstream(p, position + i, a) * share);
      }
    }
  }
}
