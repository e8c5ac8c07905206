package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.I;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.CrossEntropyProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.SumKernel;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Cross-entropy with neighbouring positions in the lanes, where a plane has some or classes are
 * few. With {@code q} the wanted shares, the loss is {@code log Σexp · Σq − Σ q · (x − max)}, the
 * gradient {@code p · Σq − q}.
 */
final class VectorCrossEntropyColumns implements Implementation<CrossEntropyProblem> {
  private static final int BLOCK = PositionBlocks.BLOCK;

  @Override
  public String name() {
    return "vector, positions in lanes";
  }

  @Override
  public boolean accepts(CrossEntropyProblem p) {
    return PositionBlocks.accepts(p.batch(), p.classes(), p.plane(), 4);
  }

  @Override
  public Kernel[] kernels(CrossEntropyProblem p) {
    PositionBlocks blocks = new PositionBlocks(p.classes(), p.plane());
    return new SumKernel(Chunks.of(p.positions(), p.classes())) {
      @Override
      public long taskScratch() {
        return 6L * BLOCK + LANES + (p.probabilities() ? 2L : 1L) * blocks.floats();
      }

      @Override
      protected double sum(int from, int to, Operands a, float[] scratch, int own) {
        double sum = 0;
        int position = from;
        while (position < to) {
          int end = blocks.end(position, to);
          sum += block(p, blocks, position, end - position, a, scratch, own);
          position = end;
        }
        return sum;
      }
    }.withTotal();
  }

  private static double block(
      CrossEntropyProblem p,
      PositionBlocks blocks,
      int position,
      int length,
      Operands a,
      float[] scratch,
      int own) {
    int first = blocks.first(position);
    boolean gradient = p.pass().gradient();
    int max = own;
    int sum = own + BLOCK;
    int shares = own + 2 * BLOCK;
    int products = own + 3 * BLOCK;
    int row = own + 4 * BLOCK;
    int rest = own + 6 * BLOCK;
    float[] x = a.input;
    int xAt = a.inputAt + first;
    float[] exps = gradient ? a.gradInput : scratch;
    int expsAt = gradient ? a.gradInputAt + first : row;
    int expsStride = gradient ? blocks.stride : 0;
    float[] target = a.target;
    int targetAt = a.targetAt + first;
    if (blocks.transposed) {
      int block = rest + LANES;
      blocks.gather(x, xAt, length, scratch, block);
      x = scratch;
      xAt = block;
      exps = x; // the sums that need the logits come before
      expsAt = xAt;
      expsStride = blocks.stride;
      if (p.probabilities()) {
        block += blocks.floats();
        blocks.gather(target, targetAt, length, scratch, block);
        target = scratch;
        targetAt = block;
      }
    }
    int stride = blocks.stride;
    blocks.max(x, xAt, scratch, max, length);
    if (everyClassHasAShare(p)) {
      Arrays.fill(scratch, shares, shares + length, 0);
      Arrays.fill(scratch, products, products + length, 0);
      for (int c = 0; c < p.classes(); c++) {
        shares(p, c, position, length, a, target, targetAt + c * stride, scratch, row);
        Row.add(scratch, row, length, scratch, shares);
        int difference = row + BLOCK;
        Row.subtract(x, xAt + c * stride, scratch, max, length, scratch, difference);
        Row.addProduct(scratch, row, scratch, difference, length, scratch, products);
      }
    } else {
      for (int i = 0; i < length; i++) {
        int label = a.indices[a.indicesAt + position + i];
        if (label != p.ignoreIndex()) {
          float share = a.weight == null ? 1 : a.weight[a.weightAt + label];
          scratch[shares + i] = share;
          scratch[products + i] = share * (x[xAt + label * stride + i] - scratch[max + i]);
        }
      }
    }
    blocks.sumOfExp(x, xAt, exps, expsAt, expsStride, scratch, max, sum, rest, length);
    double total = 0;
    if (p.pass().value()) {
      Elementary.logOfAtLeastOne(scratch, sum, scratch, row, length);
      Row.multiply(scratch, shares, length, scratch, row);
      Row.subtract(scratch, row, scratch, products, length, scratch, row);
      total = losses(p, position, length, a, scratch, row);
    }
    if (gradient) {
      int g = products;
      if (p.reduced()) {
        Arrays.fill(scratch, g, g + length, (float) a.scale);
      } else {
        System.arraycopy(a.gradOutput, a.gradOutputAt + position, scratch, g, length);
      }
      // from here on each share is multiplied by what comes from above, and the sum's place holds
      // what the exponentials are multiplied by
      Row.multiply(scratch, g, length, scratch, shares);
      Row.divide(scratch, shares, length, scratch, sum);
      for (int c = 0; c < p.classes(); c++) {
        int at = expsAt + c * stride;
        Row.multiply(scratch, sum, length, exps, at);
        if (everyClassHasAShare(p)) {
          shares(p, c, position, length, a, target, targetAt + c * stride, scratch, row);
          Row.multiply(scratch, g, length, scratch, row);
          Row.subtract(exps, at, scratch, row, length, exps, at);
        }
      }
      if (!p.probabilities()) {
        labels(p, position, length, a, exps, expsAt, stride, scratch, shares);
      }
      if (blocks.transposed) {
        blocks.scatter(exps, expsAt, length, a.gradInput, a.gradInputAt + first);
      }
    }
    return total;
  }

  private static boolean everyClassHasAShare(CrossEntropyProblem p) {
    return p.probabilities() || p.labelSmoothing() > 0;
  }

  private static boolean counts(CrossEntropyProblem p, int position, Operands a) {
    return p.probabilities() || a.indices[a.indicesAt + position] != p.ignoreIndex();
  }

  /** The shares of a class, {@code weight · ((1 − smoothing) · target + smoothing / classes)}. */
  private static void shares(
      CrossEntropyProblem p,
      int c,
      int position,
      int length,
      Operands a,
      float[] target,
      int targetAt,
      float[] scratch,
      int to) {
    double weight = a.weight == null ? 1 : a.weight[a.weightAt + c];
    float factor = (float) (weight * (1 - p.labelSmoothing()));
    float other = (float) (weight * (p.labelSmoothing() / p.classes()));
    if (p.probabilities()) {
      Row.affine(target, targetAt, length, factor, other, scratch, to);
      return;
    }
    int i = 0;
    float own = (float) (weight * (1 - p.labelSmoothing() + p.labelSmoothing() / p.classes()));
    for (; i <= length - LANES; i += LANES) {
      IntVector label = IntVector.fromArray(I, a.indices, a.indicesAt + position + i);
      FloatVector.broadcast(F, other)
          .blend(own, label.compare(VectorOperators.EQ, c).cast(F))
          .intoArray(scratch, to + i);
    }
    for (; i < length; i++) {
      scratch[to + i] = a.indices[a.indicesAt + position + i] == c ? own : other;
    }
  }

  /** The sum of losses, in double; those of ignored positions are 0. */
  private static double losses(
      CrossEntropyProblem p, int position, int length, Operands a, float[] scratch, int losses) {
    double total = 0;
    for (int i = 0; i < length; i++) {
      float loss = counts(p, position + i, a) ? scratch[losses + i] : 0;
      if (!p.reduced()) {
        a.output[a.outputAt + position + i] = loss;
      }
      total += loss;
    }
    return total;
  }

  /** What gradients owe to the labels: their share, and 0 where a position is ignored. */
  private static void labels(
      CrossEntropyProblem p,
      int position,
      int length,
      Operands a,
      float[] gradients,
      int at,
      int stride,
      float[] scratch,
      int shares) {
    for (int i = 0; i < length; i++) {
      int label = a.indices[a.indicesAt + position + i];
      if (label == p.ignoreIndex()) {
        for (int c = 0; c < p.classes(); c++) {
          gradients[at + c * stride + i] = 0; // also where an exponential is NaN
        }
      } else if (!everyClassHasAShare(p)) {
        gradients[at + label * stride + i] -= scratch[shares + i];
      }
    }
  }
}
