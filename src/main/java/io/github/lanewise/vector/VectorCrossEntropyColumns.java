package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.I;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.CrossEntropyProblem;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.SumKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Cross-entropy with neighbouring positions in the lanes. With {@code q} the wanted shares, the
 * loss is {@code log Σexp · Σq − Σ q · (x − max)}, the gradient {@code p · Σq − q}.
 */
final class VectorCrossEntropyColumns extends VectorTwin<CrossEntropyProblem> {
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
    int plane = p.plane();
    return new SumKernel(Chunks.of(p.positions(), p.classes())) {
      @Override
      protected double sum(int from, int to, Operands a, float[] scratch, int own) {
        double sum = 0;
        int position = from;
        while (position < to) {
          int image = position / plane;
          int end = Math.min(to, (image + 1) * plane);
          int first = image * p.classes() * plane + position - image * plane;
          sum += positions(p, position, first, F.indexInRange(position, end), a);
          position = Math.min(end, position + LANES);
        }
        return sum;
      }
    }.withTotal();
  }

  private static float positions(
      CrossEntropyProblem p, int position, int first, VectorMask<Float> mask, Operands a) {
    int n = p.classes();
    int plane = p.plane();
    int x = a.inputAt + first;
    int gradAt = a.gradInputAt + first;
    float[] terms = p.pass().gradient() ? a.gradInput : null;
    FloatVector max = Columns.max(a.input, x, n, plane, mask);
    FloatVector sumExp = Columns.sumOfExp(a.input, x, n, plane, max, mask, terms, gradAt);
    IntVector index = IntVector.zero(I);
    VectorMask<Float> counts = mask;
    if (!p.probabilities()) {
      index = IntVector.fromArray(I, a.indices, a.indicesAt + position, mask.cast(I));
      counts = index.compare(VectorOperators.NE, p.ignoreIndex()).cast(F).and(mask);
    }
    FloatVector shares = FloatVector.zero(F);
    FloatVector products = FloatVector.zero(F);
    boolean everyClass = p.probabilities() || p.labelSmoothing() > 0;
    for (int c = 0; c < n; c++) {
      FloatVector share = share(p, first, c, index, mask, a);
      FloatVector d = FloatVector.fromArray(F, a.input, x + c * plane, mask).sub(max);
      shares = shares.add(share);
      // a class that does not count may have probability 0, and 0 · −∞ is NaN
      VectorMask<Float> adds = everyClass ? mask : index.compare(VectorOperators.EQ, c).cast(F);
      products = products.add(share.mul(d), adds);
    }
    if (p.pass().gradient()) {
      gradient(p, position, first, sumExp, shares, index, mask, counts, a);
    }
    if (!p.pass().value()) {
      return 0;
    }
    FloatVector loss = Elementary.logOfAtLeastOne(sumExp).mul(shares).sub(products);
    loss = FloatVector.zero(F).blend(loss, counts);
    if (!p.reduced()) {
      loss.intoArray(a.output, a.outputAt + position, mask);
    }
    return LaneSum.of(loss);
  }

  /** Turns the exponentials in gradInput into gradients. */
  private static void gradient(
      CrossEntropyProblem p,
      int position,
      int first,
      FloatVector sumExp,
      FloatVector shares,
      IntVector index,
      VectorMask<Float> mask,
      VectorMask<Float> counts,
      Operands a) {
    FloatVector g = FloatVector.broadcast(F, (float) a.scale);
    if (!p.reduced()) {
      g = FloatVector.fromArray(F, a.gradOutput, a.gradOutputAt + position, mask);
    }
    FloatVector factor = shares.div(sumExp);
    for (int c = 0; c < p.classes(); c++) {
      int at = a.gradInputAt + first + c * p.plane();
      FloatVector gradient =
          FloatVector.fromArray(F, a.gradInput, at, mask)
              .mul(factor)
              .sub(share(p, first, c, index, mask, a))
              .mul(g);
      FloatVector.zero(F).blend(gradient, counts).intoArray(a.gradInput, at, mask);
    }
  }

  /** The wanted share of a class in a vector of positions. */
  private static FloatVector share(
      CrossEntropyProblem p,
      int first,
      int c,
      IntVector index,
      VectorMask<Float> mask,
      Operands a) {
    float weight = a.weight == null ? 1 : a.weight[a.weightAt + c];
    float smooth = (float) (weight * (p.labelSmoothing() / p.classes()));
    float rest = (float) (weight * (1 - p.labelSmoothing()));
    FloatVector share = FloatVector.broadcast(F, smooth);
    if (p.probabilities()) {
      int at = a.targetAt + first + c * p.plane();
      return FloatVector.fromArray(F, a.target, at, mask)
          .fma(FloatVector.broadcast(F, rest), share);
    }
    return share.add(rest, index.compare(VectorOperators.EQ, c).cast(F));
  }
}
