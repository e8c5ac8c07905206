package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.BatchNormalizationProblem;
import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Batch normalisation of an array (batch, channels) with channels in the lanes: a vector of
 * channels goes down the rows for its sums, and once more for its results.
 */
final class VectorBatchNormalizationRows extends VectorTwin<BatchNormalizationProblem> {
  /** Rows that are summed before they are added to the total: the error grows with the larger. */
  private static final int BLOCK = 256;

  @Override
  public String name() {
    return "vector, channels in lanes";
  }

  @Override
  public boolean accepts(BatchNormalizationProblem p) {
    return p.plane() == 1;
  }

  @Override
  public Kernel[] kernels(BatchNormalizationProblem p) {
    Chunks chunks = Chunks.of(p.channels(), p.batch());
    return new Kernel[] {
      new Kernel() {
        @Override
        public int tasks() {
          return chunks.count();
        }

        @Override
        public long taskScratch() {
          return 3L * LANES;
        }

        @Override
        public void run(int task, Operands a, float[] scratch, int shared, int own) {
          int end = chunks.from(task + 1);
          for (int c = chunks.from(task); c < end; c += LANES) {
            int lanes = Math.min(LANES, end - c);
            VectorMask<Float> mask = F.indexInRange(c, end);
            switch (p.pass()) {
              case FORWARD_TRAINING -> forwardTraining(p, c, lanes, mask, a, scratch, own);
              case FORWARD_EVAL -> forwardEval(p, c, lanes, mask, a, scratch, own);
              case BACKWARD_TRAINING, BACKWARD_EVAL -> backward(p, c, lanes, mask, a, scratch, own);
            }
          }
        }
      }
    };
  }

  private static void forwardTraining(
      BatchNormalizationProblem p,
      int c,
      int lanes,
      VectorMask<Float> mask,
      Operands a,
      float[] scratch,
      int own) {
    int n = p.batch();
    int at = a.inputAt + c;
    // deviations from the first row have no large mean, whose sum would lose precision
    FloatVector shift = finite(FloatVector.fromArray(F, a.input, at, mask));
    shift = finite(shift.add(deviations(a.input, at, p, shift, mask).div(n)));
    int means = own;
    int sums = own + LANES;
    int squares = own + 2 * LANES;
    shift.intoArray(scratch, means);
    deviations(a.input, at, p, shift, mask).intoArray(scratch, sums);
    squares(a.input, at, p, shift, mask).intoArray(scratch, squares);
    for (int lane = 0; lane < lanes; lane++) {
      double sum = scratch[sums + lane];
      double square = Math.max(scratch[squares + lane] - sum * sum / n, 0); // NaN stays
      double mean = scratch[means + lane] + sum / n;
      double invStd = 1 / Math.sqrt(square / n + p.eps());
      int channel = c + lane;
      a.mean[a.meanAt + channel] = (float) mean;
      a.invStd[a.invStdAt + channel] = (float) invStd;
      if (a.runningMean != null) {
        int m = a.runningMeanAt + channel;
        int v = a.runningVarAt + channel;
        double keep = 1 - a.momentum;
        a.runningMean[m] = (float) (keep * a.runningMean[m] + a.momentum * mean);
        a.runningVar[v] = (float) (keep * a.runningVar[v] + a.momentum * square / (n - 1));
      }
      coefficients(channel, lane, mean, invStd, a, scratch, own);
    }
    normalize(p, c, mask, a, scratch, own);
  }

  /** Zero for NaN and infinity: deviations from infinity would hide which one the mean is. */
  private static FloatVector finite(FloatVector v) {
    return v.blend(0f, v.sub(v).compare(VectorOperators.NE, 0f));
  }

  private static void forwardEval(
      BatchNormalizationProblem p,
      int c,
      int lanes,
      VectorMask<Float> mask,
      Operands a,
      float[] scratch,
      int own) {
    for (int lane = 0; lane < lanes; lane++) {
      double mean = a.runningMean[a.runningMeanAt + c + lane];
      double invStd = 1 / Math.sqrt(a.runningVar[a.runningVarAt + c + lane] + p.eps());
      coefficients(c + lane, lane, mean, invStd, a, scratch, own);
    }
    normalize(p, c, mask, a, scratch, own);
  }

  /** Leaves mean, scale and bias of a channel in scratch, a vector of each. */
  private static void coefficients(
      int channel, int lane, double mean, double invStd, Operands a, float[] scratch, int own) {
    double scale = a.weight == null ? invStd : invStd * a.weight[a.weightAt + channel];
    double bias = a.bias == null ? 0 : a.bias[a.biasAt + channel];
    float rounded = (float) mean;
    scratch[own + lane] = rounded;
    scratch[own + LANES + lane] = (float) scale;
    scratch[own + 2 * LANES + lane] =
        (float) (mean == rounded ? bias : bias - (mean - rounded) * scale);
  }

  private static void normalize(
      BatchNormalizationProblem p,
      int c,
      VectorMask<Float> mask,
      Operands a,
      float[] scratch,
      int own) {
    FloatVector mean = FloatVector.fromArray(F, scratch, own);
    FloatVector scale = FloatVector.fromArray(F, scratch, own + LANES);
    FloatVector bias = FloatVector.fromArray(F, scratch, own + 2 * LANES);
    for (int row = 0; row < p.batch(); row++) {
      int at = row * p.channels() + c;
      FloatVector.fromArray(F, a.input, a.inputAt + at, mask)
          .sub(mean)
          .fma(scale, bias)
          .intoArray(a.output, a.outputAt + at, mask);
    }
  }

  private static void backward(
      BatchNormalizationProblem p,
      int c,
      int lanes,
      VectorMask<Float> mask,
      Operands a,
      float[] scratch,
      int own) {
    boolean training = p.pass() == BatchNormalizationProblem.Pass.BACKWARD_TRAINING;
    FloatVector mean =
        training
            ? FloatVector.fromArray(F, a.mean, a.meanAt + c, mask)
            : FloatVector.fromArray(F, a.runningMean, a.runningMeanAt + c, mask);
    int g = a.gradOutputAt + c;
    // each vector of results takes the place of the sums it comes from
    int shifts = own;
    int slopes = own + LANES;
    int scales = own + 2 * LANES;
    deviations(a.gradOutput, g, p, FloatVector.zero(F), mask).intoArray(scratch, shifts);
    products(p, c, mean, mask, a).intoArray(scratch, slopes);
    for (int lane = 0; lane < lanes; lane++) {
      int channel = c + lane;
      double invStd =
          training
              ? a.invStd[a.invStdAt + channel]
              : 1 / Math.sqrt(a.runningVar[a.runningVarAt + channel] + p.eps());
      double sum = scratch[shifts + lane];
      double product = scratch[slopes + lane] * invStd;
      if (a.gradBias != null) {
        a.gradBias[a.gradBiasAt + channel] = (float) sum;
      }
      if (a.gradWeight != null) {
        a.gradWeight[a.gradWeightAt + channel] = (float) product;
      }
      double scale = a.weight == null ? invStd : invStd * a.weight[a.weightAt + channel];
      scratch[shifts + lane] = (float) (sum / p.batch());
      scratch[slopes + lane] = (float) (product * invStd / p.batch());
      scratch[scales + lane] = (float) scale;
    }
    if (training) {
      gradient(p, c, mean, mask, a, scratch, own);
    } else {
      scale(p, c, mask, a, scratch, scales);
    }
  }

  private static void gradient(
      BatchNormalizationProblem p,
      int c,
      FloatVector mean,
      VectorMask<Float> mask,
      Operands a,
      float[] scratch,
      int own) {
    FloatVector shift = FloatVector.fromArray(F, scratch, own);
    FloatVector minusSlope = FloatVector.fromArray(F, scratch, own + LANES).neg();
    FloatVector scale = FloatVector.fromArray(F, scratch, own + 2 * LANES);
    for (int row = 0; row < p.batch(); row++) {
      int at = row * p.channels() + c;
      FloatVector d = FloatVector.fromArray(F, a.input, a.inputAt + at, mask).sub(mean);
      FloatVector t = FloatVector.fromArray(F, a.gradOutput, a.gradOutputAt + at, mask).sub(shift);
      d.fma(minusSlope, t).mul(scale).intoArray(a.gradInput, a.gradInputAt + at, mask);
    }
  }

  private static void scale(
      BatchNormalizationProblem p,
      int c,
      VectorMask<Float> mask,
      Operands a,
      float[] scratch,
      int scales) {
    FloatVector scale = FloatVector.fromArray(F, scratch, scales);
    for (int row = 0; row < p.batch(); row++) {
      int at = row * p.channels() + c;
      FloatVector.fromArray(F, a.gradOutput, a.gradOutputAt + at, mask)
          .mul(scale)
          .intoArray(a.gradInput, a.gradInputAt + at, mask);
    }
  }

  /** {@code Σ (x − shift)} down the rows; {@code at} is where the vector of channels begins. */
  private static FloatVector deviations(
      float[] x, int at, BatchNormalizationProblem p, FloatVector shift, VectorMask<Float> mask) {
    FloatVector total = FloatVector.zero(F);
    for (int block = 0; block < p.batch(); block += BLOCK) {
      FloatVector sum = FloatVector.zero(F);
      for (int row = block; row < Math.min(p.batch(), block + BLOCK); row++) {
        sum = sum.add(FloatVector.fromArray(F, x, at + row * p.channels(), mask).sub(shift));
      }
      total = total.add(sum);
    }
    return total;
  }

  /** {@code Σ (x − shift)²} down the rows. */
  private static FloatVector squares(
      float[] x, int at, BatchNormalizationProblem p, FloatVector shift, VectorMask<Float> mask) {
    FloatVector total = FloatVector.zero(F);
    for (int block = 0; block < p.batch(); block += BLOCK) {
      FloatVector sum = FloatVector.zero(F);
      for (int row = block; row < Math.min(p.batch(), block + BLOCK); row++) {
        FloatVector d = FloatVector.fromArray(F, x, at + row * p.channels(), mask).sub(shift);
        sum = d.fma(d, sum);
      }
      total = total.add(sum);
    }
    return total;
  }

  /** {@code Σ gradOutput · (input − mean)} down the rows. */
  private static FloatVector products(
      BatchNormalizationProblem p, int c, FloatVector mean, VectorMask<Float> mask, Operands a) {
    FloatVector total = FloatVector.zero(F);
    for (int block = 0; block < p.batch(); block += BLOCK) {
      FloatVector sum = FloatVector.zero(F);
      for (int row = block; row < Math.min(p.batch(), block + BLOCK); row++) {
        int at = row * p.channels() + c;
        FloatVector d = FloatVector.fromArray(F, a.input, a.inputAt + at, mask).sub(mean);
        sum = FloatVector.fromArray(F, a.gradOutput, a.gradOutputAt + at, mask).fma(d, sum);
      }
      total = total.add(sum);
    }
    return total;
  }
}
