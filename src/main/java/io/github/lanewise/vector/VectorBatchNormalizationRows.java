package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;
import static jdk.incubator.vector.VectorOperators.LE;

import io.github.lanewise.internal.BatchNormalizationProblem;
import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.scalar.ScalarBatchNormalization;
import jdk.incubator.vector.FloatVector;

/**
 * Batch normalisation of an array (batch, channels) with channels in the lanes: a vector of
 * channels goes down the rows for its sums, and once more for its results.
 */
final class VectorBatchNormalizationRows implements Implementation<BatchNormalizationProblem> {
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
    int groups = (p.channels() + LANES - 1) / LANES;
    Chunks chunks = Chunks.of(groups, (long) LANES * p.batch());
    return new Kernel[] {
      new Kernel() {
        @Override
        public int tasks() {
          return chunks.count();
        }

        @Override
        public long taskScratch() {
          return 4L * LANES;
        }

        @Override
        public void run(int task, Operands a, float[] scratch, int shared, int own) {
          for (int group = chunks.from(task); group < chunks.from(task + 1); group++) {
            int c = group * LANES;
            if (c + LANES > p.channels()) {
              for (; c < p.channels(); c++) {
                ScalarBatchNormalization.channel(p, c, a);
              }
            } else {
              channels(p, c, a, scratch, own);
            }
          }
        }
      }
    };
  }

  private static void channels(
      BatchNormalizationProblem p, int c, Operands a, float[] scratch, int own) {
    switch (p.pass()) {
      case FORWARD_TRAINING -> forwardTraining(p, c, a, scratch, own);
      case FORWARD_EVAL -> forwardEval(p, c, a, scratch, own);
      case BACKWARD_TRAINING, BACKWARD_EVAL -> backward(p, c, a, scratch, own);
    }
  }

  private static void forwardTraining(
      BatchNormalizationProblem p, int c, Operands a, float[] scratch, int own) {
    int n = p.batch();
    double count = p.count();
    int at = a.inputAt + c;
    int means = own;
    int sums = own + LANES;
    int squares = own + 2 * LANES;
    // deviations from the first row have no large mean, whose sum would lose precision
    for (int lane = 0; lane < LANES; lane++) {
      float x = a.input[at + lane];
      scratch[means + lane] = x <= p.inputFloor() ? 0 : x;
    }
    makeFinite(scratch, means);
    deviations(a.input, at, p, scratch, means, sums);
    for (int lane = 0; lane < LANES; lane++) {
      scratch[means + lane] += scratch[sums + lane] / n;
    }
    makeFinite(scratch, means);
    deviations(a.input, at, p, scratch, means, sums);
    squares(a.input, at, p, scratch, means, squares);
    for (int lane = 0; lane < LANES; lane++) {
      double sum = scratch[sums + lane];
      double square = Math.max(scratch[squares + lane] - sum * sum / n, 0); // NaN stays
      double mean = scratch[means + lane] + sum / n;
      // the zeros join them by the formula of Chan, Golub and LeVeque
      square += mean * mean * n * p.zerosPerChannel() / count;
      mean *= n / count;
      double invStd = 1 / Math.sqrt(square / count + p.eps());
      int channel = c + lane;
      a.mean[a.meanAt + channel] = (float) mean;
      a.invStd[a.invStdAt + channel] = (float) invStd;
      if (a.runningMean != null) {
        int m = a.runningMeanAt + channel;
        int v = a.runningVarAt + channel;
        double keep = 1 - a.momentum;
        a.runningMean[m] = (float) (keep * a.runningMean[m] + a.momentum * mean);
        a.runningVar[v] = (float) (keep * a.runningVar[v] + a.momentum * square / (count - 1));
      }
      coefficients(channel, lane, mean, invStd, a, scratch, own);
    }
    normalize(p, c, a, scratch, own);
  }

  /** NaN and infinity become zero: deviations from infinity would hide which one the mean is. */
  private static void makeFinite(float[] scratch, int at) {
    for (int i = at; i < at + LANES; i++) {
      if (!Float.isFinite(scratch[i])) {
        scratch[i] = 0;
      }
    }
  }

  private static void forwardEval(
      BatchNormalizationProblem p, int c, Operands a, float[] scratch, int own) {
    for (int lane = 0; lane < LANES; lane++) {
      double mean = a.runningMean[a.runningMeanAt + c + lane];
      double invStd = 1 / Math.sqrt(a.runningVar[a.runningVarAt + c + lane] + p.eps());
      coefficients(c + lane, lane, mean, invStd, a, scratch, own);
    }
    normalize(p, c, a, scratch, own);
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
      BatchNormalizationProblem p, int c, Operands a, float[] scratch, int own) {
    FloatVector mean = FloatVector.fromArray(F, scratch, own);
    FloatVector scale = FloatVector.fromArray(F, scratch, own + LANES);
    FloatVector bias = FloatVector.fromArray(F, scratch, own + 2 * LANES);
    FloatVector floor = FloatVector.broadcast(F, p.inputFloor());
    FloatVector outputFloor = FloatVector.broadcast(F, p.outputFloor());
    for (int row = 0; row < p.batch(); row++) {
      int at = row * p.channels() + c;
      FloatVector x = FloatVector.fromArray(F, a.input, a.inputAt + at);
      FloatVector y = x.blend(0f, x.compare(LE, floor)).sub(mean).fma(scale, bias);
      y.blend(0f, y.compare(LE, outputFloor)).intoArray(a.output, a.outputAt + at);
    }
  }

  private static void backward(
      BatchNormalizationProblem p, int c, Operands a, float[] scratch, int own) {
    boolean training = p.pass() == BatchNormalizationProblem.Pass.BACKWARD_TRAINING;
    // each vector of coefficients takes the place of the sums it comes from
    int shifts = own;
    int slopes = own + LANES;
    int scales = own + 2 * LANES;
    int means = own + 3 * LANES;
    if (training) {
      System.arraycopy(a.mean, a.meanAt + c, scratch, means, LANES);
    } else {
      System.arraycopy(a.runningMean, a.runningMeanAt + c, scratch, means, LANES);
    }
    if (p.reluOutput()) {
      undoRelu(p, c, a);
    }
    products(p, c, a, scratch, means, shifts, slopes);
    for (int lane = 0; lane < LANES; lane++) {
      int channel = c + lane;
      double invStd =
          training
              ? a.invStd[a.invStdAt + channel]
              : 1 / Math.sqrt(a.runningVar[a.runningVarAt + channel] + p.eps());
      double sum = scratch[shifts + lane] + p.zerosSum(channel, a);
      double product =
          (scratch[slopes + lane] + p.zerosProduct(channel, scratch[means + lane], a)) * invStd;
      if (a.gradBias != null) {
        a.gradBias[a.gradBiasAt + channel] = (float) sum;
      }
      if (a.gradWeight != null) {
        a.gradWeight[a.gradWeightAt + channel] = (float) product;
      }
      double scale = a.weight == null ? invStd : invStd * a.weight[a.weightAt + channel];
      scratch[shifts + lane] = (float) (sum / p.count());
      scratch[slopes + lane] = (float) (product * invStd / p.count());
      scratch[scales + lane] = (float) scale;
    }
    if (training) {
      gradient(p, c, a, scratch, own);
    } else {
      scale(p, c, a, scratch, scales);
    }
  }

  /** Leaves in gradInput what the ReLU behind lets through. */
  private static void undoRelu(BatchNormalizationProblem p, int c, Operands a) {
    FloatVector floor = FloatVector.zero(F);
    for (int row = 0; row < p.batch(); row++) {
      int at = row * p.channels() + c;
      FloatVector y = FloatVector.fromArray(F, a.output, a.outputAt + at);
      FloatVector g = FloatVector.fromArray(F, a.gradOutput, a.gradOutputAt + at);
      g.blend(0f, y.compare(LE, floor)).intoArray(a.gradInput, a.gradInputAt + at);
    }
  }

  private static void gradient(
      BatchNormalizationProblem p, int c, Operands a, float[] scratch, int own) {
    FloatVector shift = FloatVector.fromArray(F, scratch, own);
    float[] gradient = p.gradient(a);
    int gradientAt = p.gradientAt(a);
    FloatVector minusSlope = FloatVector.fromArray(F, scratch, own + LANES).neg();
    FloatVector scale = FloatVector.fromArray(F, scratch, own + 2 * LANES);
    FloatVector mean = FloatVector.fromArray(F, scratch, own + 3 * LANES);
    FloatVector floor = FloatVector.broadcast(F, p.inputFloor());
    for (int row = 0; row < p.batch(); row++) {
      int at = row * p.channels() + c;
      FloatVector x = FloatVector.fromArray(F, a.input, a.inputAt + at);
      FloatVector t = FloatVector.fromArray(F, gradient, gradientAt + at).sub(shift);
      t = x.blend(0f, x.compare(LE, floor)).sub(mean).fma(minusSlope, t).mul(scale);
      t.blend(0f, x.compare(LE, floor)).intoArray(a.gradInput, a.gradInputAt + at);
    }
  }

  private static void scale(
      BatchNormalizationProblem p, int c, Operands a, float[] scratch, int scales) {
    float[] gradient = p.gradient(a);
    int gradientAt = p.gradientAt(a);
    FloatVector scale = FloatVector.fromArray(F, scratch, scales);
    FloatVector floor = FloatVector.broadcast(F, p.inputFloor());
    for (int row = 0; row < p.batch(); row++) {
      int at = row * p.channels() + c;
      FloatVector x = FloatVector.fromArray(F, a.input, a.inputAt + at);
      FloatVector t = FloatVector.fromArray(F, gradient, gradientAt + at).mul(scale);
      t.blend(0f, x.compare(LE, floor)).intoArray(a.gradInput, a.gradInputAt + at);
    }
  }

  /**
   * {@code Σ (x − shift)} down the rows. {@code at} is where the vector of channels begins, {@code
   * shifts} and {@code result} are places in scratch.
   */
  private static void deviations(
      float[] x, int at, BatchNormalizationProblem p, float[] scratch, int shifts, int result) {
    FloatVector shift = FloatVector.fromArray(F, scratch, shifts);
    FloatVector floor = FloatVector.broadcast(F, p.inputFloor());
    FloatVector total = FloatVector.zero(F);
    for (int block = 0; block < p.batch(); block += BLOCK) {
      int end = Math.min(p.batch(), block + BLOCK);
      FloatVector sum = FloatVector.zero(F);
      for (int row = block; row < end; row++) {
        FloatVector v = FloatVector.fromArray(F, x, at + row * p.channels());
        sum = sum.add(v.blend(0f, v.compare(LE, floor)).sub(shift));
      }
      total = total.add(sum);
    }
    total.intoArray(scratch, result);
  }

  /** {@code Σ (x − shift)²} down the rows. */
  private static void squares(
      float[] x, int at, BatchNormalizationProblem p, float[] scratch, int shifts, int result) {
    FloatVector shift = FloatVector.fromArray(F, scratch, shifts);
    FloatVector floor = FloatVector.broadcast(F, p.inputFloor());
    FloatVector total = FloatVector.zero(F);
    for (int block = 0; block < p.batch(); block += BLOCK) {
      int end = Math.min(p.batch(), block + BLOCK);
      FloatVector sum = FloatVector.zero(F);
      for (int row = block; row < end; row++) {
        FloatVector v = FloatVector.fromArray(F, x, at + row * p.channels());
        FloatVector d = v.blend(0f, v.compare(LE, floor)).sub(shift);
        sum = d.fma(d, sum);
      }
      total = total.add(sum);
    }
    total.intoArray(scratch, result);
  }

  /** {@code Σ gradOutput} and {@code Σ gradOutput · (input − mean)} down the rows. */
  private static void products(
      BatchNormalizationProblem p,
      int c,
      Operands a,
      float[] scratch,
      int means,
      int sums,
      int products) {
    FloatVector mean = FloatVector.fromArray(F, scratch, means);
    FloatVector floor = FloatVector.broadcast(F, p.inputFloor());
    float[] gradient = p.gradient(a);
    int gradientAt = p.gradientAt(a);
    FloatVector totalSum = FloatVector.zero(F);
    FloatVector totalProduct = FloatVector.zero(F);
    for (int block = 0; block < p.batch(); block += BLOCK) {
      int end = Math.min(p.batch(), block + BLOCK);
      FloatVector sum = FloatVector.zero(F);
      FloatVector product = FloatVector.zero(F);
      for (int row = block; row < end; row++) {
        int at = row * p.channels() + c;
        FloatVector g = FloatVector.fromArray(F, gradient, gradientAt + at);
        FloatVector x = FloatVector.fromArray(F, a.input, a.inputAt + at);
        FloatVector d = x.blend(0f, x.compare(LE, floor)).sub(mean);
        sum = sum.add(g);
        product = g.fma(d, product);
      }
      totalSum = totalSum.add(sum);
      totalProduct = totalProduct.add(product);
    }
    totalSum.intoArray(scratch, sums);
    totalProduct.intoArray(scratch, products);
  }
}
