package io.github.lanewise.scalar;

import io.github.lanewise.internal.BatchNormalizationProblem;
import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.RangeKernel;

/** Batch normalisation channel by channel, with sums in double. */
public final class ScalarBatchNormalization extends ScalarTwin<BatchNormalizationProblem> {
  @Override
  public Kernel[] kernels(BatchNormalizationProblem p) {
    return new Kernel[] {
      new RangeKernel(Chunks.of(p.channels(), p.perChannel())) {
        @Override
        protected void run(int from, int to, Operands a, float[] scratch, int own) {
          for (int channel = from; channel < to; channel++) {
            channel(p, channel, a);
          }
        }
      }
    };
  }

  /** Computes one channel; also what the vector twin does with channels that fill no vector. */
  public static void channel(BatchNormalizationProblem p, int channel, Operands a) {
    switch (p.pass()) {
      case FORWARD_TRAINING -> forwardTraining(p, channel, a);
      case FORWARD_EVAL -> forwardEval(p, channel, a);
      case BACKWARD_TRAINING, BACKWARD_EVAL -> {
        if (p.reluOutput()) {
          undoRelu(p, channel, a);
        }
        if (p.pass() == BatchNormalizationProblem.Pass.BACKWARD_TRAINING) {
          backwardTraining(p, channel, a);
        } else {
          backwardEval(p, channel, a);
        }
      }
    }
  }

  private static float relu(BatchNormalizationProblem p, float x) {
    return x <= p.inputFloor() ? 0 : x;
  }

  /** Where the plane of an image's channel begins. */
  private static int plane(BatchNormalizationProblem p, int image, int channel) {
    return (image * p.channels() + channel) * p.plane();
  }

  private static void forwardTraining(BatchNormalizationProblem p, int channel, Operands a) {
    double count = p.count();
    double sum = 0;
    for (int image = 0; image < p.batch(); image++) {
      int at = a.inputAt + plane(p, image, channel);
      for (int i = at; i < at + p.plane(); i++) {
        sum += relu(p, a.input[i]);
      }
    }
    double mean = sum / count;
    double squares =
        mean
            * mean
            * p.zerosPerChannel(); // in a second pass, since E[x²] − E[x]² cancels when the mean
    // is large
    for (int image = 0; image < p.batch(); image++) {
      int at = a.inputAt + plane(p, image, channel);
      for (int i = at; i < at + p.plane(); i++) {
        double d = relu(p, a.input[i]) - mean;
        squares += d * d;
      }
    }
    double invStd = 1 / Math.sqrt(squares / count + p.eps());
    a.mean[a.meanAt + channel] = (float) mean;
    a.invStd[a.invStdAt + channel] = (float) invStd;
    if (a.runningMean != null) {
      int m = a.runningMeanAt + channel;
      int v = a.runningVarAt + channel;
      double keep = 1 - a.momentum;
      a.runningMean[m] = (float) (keep * a.runningMean[m] + a.momentum * mean);
      a.runningVar[v] = (float) (keep * a.runningVar[v] + a.momentum * squares / (count - 1));
    }
    normalize(p, channel, mean, invStd, a);
  }

  private static void forwardEval(BatchNormalizationProblem p, int channel, Operands a) {
    double invStd = 1 / Math.sqrt(a.runningVar[a.runningVarAt + channel] + p.eps());
    normalize(p, channel, a.runningMean[a.runningMeanAt + channel], invStd, a);
  }

  private static void normalize(
      BatchNormalizationProblem p, int channel, double mean, double invStd, Operands a) {
    double scale = a.weight == null ? invStd : invStd * a.weight[a.weightAt + channel];
    double bias = a.bias == null ? 0 : a.bias[a.biasAt + channel];
    if (a.coefficients != null) {
      p.leave(channel, mean, scale, bias, 0, a);
      return;
    }
    for (int image = 0; image < p.batch(); image++) {
      int at = plane(p, image, channel);
      for (int i = at; i < at + p.plane(); i++) {
        float x = relu(p, a.input[a.inputAt + i]);
        float y = (float) ((x - mean) * scale + bias);
        a.output[a.outputAt + i] = y <= p.outputFloor() ? 0 : y;
      }
    }
  }

  /** Leaves in gradInput what the ReLU behind lets through. */
  private static void undoRelu(BatchNormalizationProblem p, int channel, Operands a) {
    for (int image = 0; image < p.batch(); image++) {
      int at = plane(p, image, channel);
      for (int i = at; i < at + p.plane(); i++) {
        float g = a.gradOutput[a.gradOutputAt + i];
        a.gradInput[a.gradInputAt + i] = a.output[a.outputAt + i] <= 0 ? 0 : g;
      }
    }
  }

  private static void backwardTraining(BatchNormalizationProblem p, int channel, Operands a) {
    double mean = a.mean[a.meanAt + channel];
    double invStd = a.invStd[a.invStdAt + channel];
    float[] gradient = p.gradient(a);
    int gradientAt = p.gradientAt(a);
    double sum = p.zerosSum(channel, a); // of g
    double dot = p.zerosProduct(channel, mean, a); // of g and x − mean
    for (int image = 0; image < p.batch(); image++) {
      int at = plane(p, image, channel);
      for (int i = at; i < at + p.plane(); i++) {
        double g = gradient[gradientAt + i];
        sum += g;
        dot += g * (relu(p, a.input[a.inputAt + i]) - mean);
      }
    }
    parameterGradients(channel, sum, dot * invStd, a);
    double scale = a.weight == null ? invStd : invStd * a.weight[a.weightAt + channel];
    double shift = sum / p.count();
    double slope = dot * invStd * invStd / p.count();
    if (a.coefficients != null) {
      p.leave(channel, mean, shift, slope, scale, a);
      return;
    }
    for (int image = 0; image < p.batch(); image++) {
      int at = plane(p, image, channel);
      for (int i = at; i < at + p.plane(); i++) {
        double g = gradient[gradientAt + i];
        float x = a.input[a.inputAt + i];
        double d = relu(p, x) - mean;
        a.gradInput[a.gradInputAt + i] =
            x <= p.inputFloor() ? 0 : (float) ((g - shift - d * slope) * scale);
      }
    }
  }

  private static void backwardEval(BatchNormalizationProblem p, int channel, Operands a) {
    double mean = a.runningMean[a.runningMeanAt + channel];
    double invStd = 1 / Math.sqrt(a.runningVar[a.runningVarAt + channel] + p.eps());
    double scale = a.weight == null ? invStd : invStd * a.weight[a.weightAt + channel];
    float[] gradient = p.gradient(a);
    int gradientAt = p.gradientAt(a);
    double sum = p.zerosSum(channel, a);
    double dot = p.zerosProduct(channel, mean, a);
    for (int image = 0; image < p.batch(); image++) {
      int at = plane(p, image, channel);
      for (int i = at; i < at + p.plane(); i++) {
        double g = gradient[gradientAt + i];
        sum += g;
        float x = a.input[a.inputAt + i];
        dot += g * (relu(p, x) - mean);
        a.gradInput[a.gradInputAt + i] = x <= p.inputFloor() ? 0 : (float) (g * scale);
      }
    }
    parameterGradients(channel, sum, dot * invStd, a);
  }

  private static void parameterGradients(int channel, double sum, double dot, Operands a) {
    if (a.gradBias != null) {
      a.gradBias[a.gradBiasAt + channel] = (float) sum;
    }
    if (a.gradWeight != null) {
      a.gradWeight[a.gradWeightAt + channel] = (float) dot;
    }
  }
}
