package io.github.lanewise.vector;

import io.github.lanewise.internal.BatchNormalizationProblem;
import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.FloatPair;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;

/**
 * Batch normalisation with the elements of a plane in the lanes. Sums are in float over blocks, in
 * double over the blocks of a slab and over the slabs of a channel.
 */
final class VectorBatchNormalization implements Implementation<BatchNormalizationProblem> {
  @Override
  public String name() {
    return "vector";
  }

  @Override
  public boolean accepts(BatchNormalizationProblem p) {
    return p.plane() > 1;
  }

  @Override
  public Kernel[] kernels(BatchNormalizationProblem p) {
    return switch (p.pass()) {
      case FORWARD_TRAINING ->
          ChannelKernels.of(new ForwardTraining(p), p.channels(), p.plane(), p.perChannel());
      case FORWARD_EVAL ->
          ChannelKernels.withoutSums(new ForwardEval(p), p.channels(), p.plane(), p.perChannel());
      case BACKWARD_TRAINING ->
          ChannelKernels.of(new BackwardTraining(p), p.channels(), p.plane(), p.perChannel());
      case BACKWARD_EVAL ->
          ChannelKernels.of(new BackwardEval(p), p.channels(), p.plane(), p.perChannel());
    };
  }

  /** What the passes share. */
  private abstract static class Pass implements ChannelPass {
    final BatchNormalizationProblem p;
    final ChannelRuns runs;
    final Chunks slabs;

    Pass(BatchNormalizationProblem p) {
      this.p = p;
      runs = new ChannelRuns(p);
      slabs = Chunks.of(p.perChannel());
    }

    /** Where a channel begins. */
    final int first(int channel) {
      return channel * p.plane();
    }

    final int elements(int slab) {
      return slabs.from(slab + 1) - slabs.from(slab);
    }

    final double scale(int channel, double invStd, Operands a) {
      return a.weight == null ? invStd : invStd * a.weight[a.weightAt + channel];
    }

    final double evalInvStd(int channel, Operands a) {
      return 1 / Math.sqrt(a.runningVar[a.runningVarAt + channel] + p.eps());
    }

    /** Leaves what {@link #normalize} computes with. */
    final void leaveOutput(
        int channel, double mean, double invStd, Operands a, float[] scratch, int at) {
      double scale = scale(channel, invStd, a);
      double bias = a.bias == null ? 0 : a.bias[a.biasAt + channel];
      // what the mean loses as a float goes into the bias; an infinite one loses nothing
      float rounded = (float) mean;
      float rest = (float) (mean == rounded ? bias : bias - (mean - rounded) * scale);
      leave(channel, rounded, (float) scale, rest, 0, a, scratch, at);
    }

    /** Leaves numbers in scratch and, if others compute the elements, with the operands. */
    final void leave(
        int channel, float k0, float k1, float k2, float k3, Operands a, float[] scratch, int at) {
      scratch[at] = k0;
      scratch[at + 1] = k1;
      scratch[at + 2] = k2;
      scratch[at + 3] = k3;
      if (a.coefficients != null) {
        p.leave(channel, k0, k1, k2, k3, a);
      }
    }

    final void normalize(int channel, int from, int to, Operands a, float[] scratch, int at) {
      if (a.coefficients == null) {
        runs.normalize(
            a.input,
            a.inputAt + first(channel),
            a.output,
            a.outputAt + first(channel),
            from,
            to,
            scratch[at],
            scratch[at + 1],
            scratch[at + 2]);
      }
    }

    /**
     * Leaves Σ g and Σ g · (x − mean) in scratch, of the gradient that a ReLU behind lets through.
     */
    final void products(
        int channel, int from, int to, float mean, Operands a, float[] scratch, int sums) {
      double sum = 0;
      double product = 0;
      for (int i = from; i < to; i += runs.block()) {
        int end = Math.min(to, i + runs.block());
        if (p.reluOutput()) {
          // by the output, which saved_mean and saved_inv_std, being floats, would not give exactly
          scale(channel, i, end, a.output, a.outputAt, a.gradOutput, a.gradOutputAt, a, 1, 0);
        }
        runs.products(
            a.input,
            a.inputAt + first(channel),
            p.gradient(a),
            p.gradientAt(a) + first(channel),
            i,
            end,
            mean,
            scratch,
            sums);
        sum += scratch[sums];
        product += scratch[sums + 1];
      }
      FloatPair.put(sum, scratch, sums);
      FloatPair.put(product, scratch, sums + 2);
    }

    /** {@code gradInput = g · scale}, 0 where {@code x ≤ floor}. */
    final void scale(
        int channel,
        int from,
        int to,
        float[] x,
        int xAt,
        float[] g,
        int gAt,
        Operands a,
        float scale,
        float floor) {
      int first = first(channel);
      int resultAt = a.gradInputAt + first;
      runs.scale(x, xAt + first, g, gAt + first, a.gradInput, resultAt, from, to, scale, floor);
    }

    /** Adds the sums of the slabs up: the first of each, or the second. */
    final double total(float[] scratch, int sums, int which) {
      double total = 0;
      for (int slab = 0; slab < slabs.count(); slab++) {
        total += FloatPair.get(scratch, sums + slab * SUMS + 2 * which);
      }
      return total;
    }

    static void parameterGradients(int channel, double sum, double product, Operands a) {
      if (a.gradBias != null) {
        a.gradBias[a.gradBiasAt + channel] = (float) sum;
      }
      if (a.gradWeight != null) {
        a.gradWeight[a.gradWeightAt + channel] = (float) product;
      }
    }
  }

  private static final class ForwardTraining extends Pass {
    ForwardTraining(BatchNormalizationProblem p) {
      super(p);
    }

    /**
     * Mean and sum of squared deviations of a slab. Both come from deviations from the mean of its
     * first block: that is near enough to the mean for the difference of squares not to cancel (it
     * loses at most the factor slab / block, and that only if the first block is the outlier).
     */
    @Override
    public void sum(int channel, int from, int to, Operands a, float[] scratch, int sums) {
      int at = a.inputAt + first(channel);
      int end = Math.min(to, from + runs.block());
      runs.moments(a.input, at, from, end, 0, scratch, sums);
      float shift = scratch[sums] / (end - from);
      if (!Float.isFinite(shift)) {
        shift = 0; // infinity minus infinity would hide which infinity the mean is
      }
      double sum = 0;
      double squares = 0;
      for (int i = from; i < to; i += runs.block()) {
        end = Math.min(to, i + runs.block());
        runs.moments(a.input, at, i, end, shift, scratch, sums);
        sum += scratch[sums];
        squares += scratch[sums + 1];
      }
      int n = to - from;
      FloatPair.put(shift + sum / n, scratch, sums);
      FloatPair.put(squares - sum * sum / n, scratch, sums + 2);
    }

    @Override
    public void finish(int channel, Operands a, float[] scratch, int sums) {
      // the formula of Chan, Golub and LeVeque for the union of two samples, the zeros first
      double count = p.zerosPerChannel();
      double mean = 0;
      double squares = 0;
      for (int slab = 0; slab < slabs.count(); slab++) {
        double n = elements(slab);
        double delta = FloatPair.get(scratch, sums + slab * SUMS) - mean;
        squares += FloatPair.get(scratch, sums + slab * SUMS + 2);
        squares += delta * delta * count * n / (count + n);
        mean += delta * n / (count + n);
        count += n;
      }
      squares = Math.max(squares, 0); // NaN stays
      double invStd = 1 / Math.sqrt(squares / count + p.eps());
      save(channel, mean, squares, invStd, a);
      leaveOutput(channel, mean, invStd, a, scratch, sums);
    }

    @Override
    public void apply(int channel, int from, int to, Operands a, float[] scratch, int at) {
      normalize(channel, from, to, a, scratch, at);
    }

    private void save(int channel, double mean, double squares, double invStd, Operands a) {
      a.mean[a.meanAt + channel] = (float) mean;
      a.invStd[a.invStdAt + channel] = (float) invStd;
      if (a.runningMean != null) {
        int m = a.runningMeanAt + channel;
        int v = a.runningVarAt + channel;
        double keep = 1 - a.momentum;
        double variance = squares / (p.count() - 1);
        a.runningMean[m] = (float) (keep * a.runningMean[m] + a.momentum * mean);
        a.runningVar[v] = (float) (keep * a.runningVar[v] + a.momentum * variance);
      }
    }
  }

  private static final class ForwardEval extends Pass {
    ForwardEval(BatchNormalizationProblem p) {
      super(p);
    }

    @Override
    public void sum(int channel, int from, int to, Operands a, float[] scratch, int sums) {}

    @Override
    public void finish(int channel, Operands a, float[] scratch, int at) {
      float mean = a.runningMean[a.runningMeanAt + channel];
      leaveOutput(channel, mean, evalInvStd(channel, a), a, scratch, at);
    }

    @Override
    public void apply(int channel, int from, int to, Operands a, float[] scratch, int at) {
      normalize(channel, from, to, a, scratch, at);
    }
  }

  private static final class BackwardTraining extends Pass {
    BackwardTraining(BatchNormalizationProblem p) {
      super(p);
    }

    @Override
    public void sum(int channel, int from, int to, Operands a, float[] scratch, int sums) {
      products(channel, from, to, a.mean[a.meanAt + channel], a, scratch, sums);
    }

    @Override
    public void finish(int channel, Operands a, float[] scratch, int sums) {
      double invStd = a.invStd[a.invStdAt + channel];
      float mean = a.mean[a.meanAt + channel];
      double sum = total(scratch, sums, 0) + p.zerosSum(channel, a);
      double product = total(scratch, sums, 1) + p.zerosProduct(channel, mean, a);
      parameterGradients(channel, sum, product * invStd, a);
      float shift = (float) (sum / p.count());
      float slope = (float) (product * invStd * invStd / p.count());
      float scale = (float) scale(channel, invStd, a);
      leave(channel, mean, shift, slope, scale, a, scratch, sums);
    }

    @Override
    public void apply(int channel, int from, int to, Operands a, float[] scratch, int at) {
      if (a.coefficients != null) {
        return;
      }
      runs.gradient(
          a.input,
          a.inputAt + first(channel),
          p.gradient(a),
          p.gradientAt(a) + first(channel),
          a.gradInput,
          a.gradInputAt + first(channel),
          from,
          to,
          scratch[at],
          scratch[at + 1],
          scratch[at + 2],
          scratch[at + 3]);
    }
  }

  private static final class BackwardEval extends Pass {
    BackwardEval(BatchNormalizationProblem p) {
      super(p);
    }

    /** Here the elements need no sums: they are computed while the slab is in the cache. */
    @Override
    public void sum(int channel, int from, int to, Operands a, float[] scratch, int sums) {
      float mean = a.runningMean[a.runningMeanAt + channel];
      float scale = (float) scale(channel, evalInvStd(channel, a), a);
      products(channel, from, to, mean, a, scratch, sums);
      float[] g = p.gradient(a);
      int gAt = p.gradientAt(a);
      scale(channel, from, to, a.input, a.inputAt, g, gAt, a, scale, p.inputFloor());
    }

    @Override
    public void finish(int channel, Operands a, float[] scratch, int sums) {
      float mean = a.runningMean[a.runningMeanAt + channel];
      double sum = total(scratch, sums, 0) + p.zerosSum(channel, a);
      double product = total(scratch, sums, 1) + p.zerosProduct(channel, mean, a);
      parameterGradients(channel, sum, product * evalInvStd(channel, a), a);
    }

    @Override
    public void apply(int channel, int from, int to, Operands a, float[] scratch, int at) {}
  }
}
