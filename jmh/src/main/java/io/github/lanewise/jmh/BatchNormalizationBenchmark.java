package io.github.lanewise.jmh;

import io.github.lanewise.kernel.BatchNormalization;
import java.util.function.IntToDoubleFunction;
import org.openjdk.jmh.annotations.Param;

/** Batch normalisation. */
public class BatchNormalizationBenchmark extends TaskBenchmark {
  private static final double EPS = 1e-5;

  /** The pass. */
  @Param({"forwardTraining", "forwardEval", "backwardTraining"})
  public String kernel;

  /** {@code batch x channels x plane}. */
  @Param({"4x16x256", "100x32x784", "100x64x262", "100x16x4096"})
  public String shape;

  private int batch;
  private int channels;
  private int plane;

  @Override
  Limit limit() {
    return Limit.COPY;
  }

  @Override
  Task task() {
    String[] f = shape.split("x");
    batch = Integer.parseInt(f[0]);
    channels = Integer.parseInt(f[1]);
    plane = Integer.parseInt(f[2]);
    int size = batch * channels * plane;
    BatchNormalization plan = BatchNormalization.of(batch, channels, plane).eps(EPS).build();
    System.out.println("# " + kernel + ": " + plan.describe());
    float[] input = Sample.uniform(size, 1);
    float[] weight = Sample.uniform(channels, 2);
    float[] bias = Sample.uniform(channels, 3);
    float[] result = new float[size];
    float[] savedMean = new float[channels];
    float[] savedInvStd = new float[channels];
    float[] runningMean = new float[channels];
    float[] runningVar = new float[channels];
    double[] means = new double[channels];
    double[] invStds = new double[channels];
    for (int c = 0; c < channels; c++) {
      double m = means[c] = mean(c, i -> input[i]);
      invStds[c] = 1 / Math.sqrt(mean(c, i -> (input[i] - m) * (input[i] - m)) + EPS);
      savedMean[c] = (float) means[c];
      savedInvStd[c] = (float) invStds[c];
      runningVar[c] = 1;
    }
    return switch (kernel) {
      case "forwardTraining" ->
          KernelTask.of(
              3L * size, // the statistics need a pass of their own
              workspace ->
                  plan.forwardTraining(
                      input,
                      weight,
                      bias,
                      result,
                      savedMean,
                      savedInvStd,
                      runningMean,
                      runningVar,
                      0.1,
                      workspace),
              () ->
                  Sample.verify(
                      kernel,
                      result,
                      size,
                      i -> {
                        int c = channel(i);
                        return (input[i] - means[c]) * invStds[c] * weight[c] + bias[c];
                      },
                      1e-5));
      case "forwardEval" ->
          KernelTask.of(
              2L * size,
              workspace ->
                  plan.forwardEval(input, weight, bias, runningMean, runningVar, result, workspace),
              () ->
                  Sample.verify(
                      kernel,
                      result,
                      size,
                      i -> input[i] / Math.sqrt(1 + EPS) * weight[channel(i)] + bias[channel(i)],
                      1e-5));
      case "backwardTraining" -> {
        float[] gradOutput = Sample.uniform(size, 4);
        float[] gradWeight = new float[channels];
        float[] gradBias = new float[channels];
        double[] meanGradient = new double[channels];
        double[] meanProduct = new double[channels];
        for (int c = 0; c < channels; c++) {
          double m = means[c];
          meanGradient[c] = mean(c, i -> gradOutput[i]);
          meanProduct[c] = mean(c, i -> gradOutput[i] * (input[i] - m));
        }
        yield KernelTask.of(
            5L * size, // two passes over two arrays, one written
            workspace ->
                plan.backwardTraining(
                    input,
                    gradOutput,
                    weight,
                    savedMean,
                    savedInvStd,
                    result,
                    gradWeight,
                    gradBias,
                    workspace),
            () ->
                Sample.verify(
                    kernel,
                    result,
                    size,
                    i -> {
                      int c = channel(i);
                      double s = invStds[c];
                      double centred = input[i] - means[c];
                      return (gradOutput[i] - meanGradient[c] - centred * s * s * meanProduct[c])
                          * s
                          * weight[c];
                    },
                    1e-5));
      }
      default -> throw new IllegalArgumentException("kernel is \"" + kernel + "\"");
    };
  }

  private int channel(int index) {
    return index / plane % channels;
  }

  private double mean(int channel, IntToDoubleFunction value) {
    double sum = 0;
    for (int n = 0; n < batch; n++) {
      int at = (n * channels + channel) * plane;
      for (int i = at; i < at + plane; i++) {
        sum += value.applyAsDouble(i);
      }
    }
    return sum / batch / plane;
  }
}
