package io.github.lanewise.jmh;

import io.github.lanewise.kernel.BatchNormalization;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.openjdk.jmh.annotations.Param;

/** Batch normalisation. */
public class BatchNormalizationBenchmark extends TaskBenchmark {
  private static final double EPS = 1e-5;
  private static final double MOMENTUM = 0.1;
  private static final double TOLERANCE = 1e-5;

  /** The pass. */
  @Param({"forwardTraining", "forwardEval", "backwardTraining", "backwardEval"})
  public String kernel;

  /** {@code batch x channels x plane}; the last is out of all caches. */
  @Param({"4x16x256", "100x32x784", "100x64x262", "100x16x4096", "100x64x4096"})
  public String shape;

  private int batch;
  private int channels;
  private int plane;
  private int size;
  private BatchNormalization plan;
  private float[] input;
  private float[] weight;
  private float[] bias;
  private float[] mean; // of the batch
  private float[] invStd;
  private float[] runningMean;
  private float[] runningVar;

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
    size = batch * channels * plane;
    plan = BatchNormalization.of(batch, channels, plane).eps(EPS).build();
    System.out.println("# " + kernel + ": " + plan.describe());
    input = Sample.uniform(size, 1);
    weight = Sample.uniform(channels, 2);
    bias = Sample.uniform(channels, 3);
    mean = new float[channels];
    invStd = new float[channels];
    runningMean = Sample.uniform(channels, 5);
    runningVar = Sample.uniform(channels, 6);
    for (int c = 0; c < channels; c++) {
      mean[c] = (float) mean(c, i -> input[i]);
      invStd[c] = (float) (1 / Math.sqrt(variance(c) + EPS));
      runningVar[c] = 1 + runningVar[c] / 2;
    }
    return switch (kernel) {
      case "forwardTraining" -> forwardTraining();
      case "forwardEval" -> forwardEval();
      case "backwardTraining" -> backwardTraining();
      case "backwardEval" -> backwardEval();
      default -> throw new IllegalArgumentException("kernel is \"" + kernel + "\"");
    };
  }

  private Task forwardTraining() {
    float[] output = new float[size];
    float[] savedMean = new float[channels];
    float[] savedInvStd = new float[channels];
    double unbiased = batch * plane / (batch * plane - 1.0);
    return KernelTask.of(
        2L * size, // a channel may stay in the cache between the statistics and the output
        () -> {
          Sample.clear(output, savedMean, savedInvStd);
          Arrays.fill(runningMean, 2);
          Arrays.fill(runningVar, 3);
        },
        workspace ->
            plan.forwardTraining(
                input,
                weight,
                bias,
                output,
                savedMean,
                savedInvStd,
                runningMean,
                runningVar,
                MOMENTUM,
                workspace),
        () -> {
          verify("output", output, i -> normalized(i) * weight[channel(i)] + bias[channel(i)]);
          verify("saved_mean", savedMean, c -> mean[c]);
          verify("saved_inv_std", savedInvStd, c -> invStd[c]);
          verify("running_mean", runningMean, c -> 2 + MOMENTUM * (mean[c] - 2));
          verify("running_var", runningVar, c -> 3 + MOMENTUM * (variance(c) * unbiased - 3));
        });
  }

  private Task forwardEval() {
    float[] output = new float[size];
    return KernelTask.of(
        2L * size,
        () -> Sample.clear(output),
        workspace ->
            plan.forwardEval(input, weight, bias, runningMean, runningVar, output, workspace),
        () ->
            verify(
                "output",
                output,
                i -> {
                  int c = channel(i);
                  return (input[i] - runningMean[c]) * runningInvStd(c) * weight[c] + bias[c];
                }));
  }

  private Task backwardTraining() {
    float[] gradOutput = Sample.uniform(size, 4);
    float[] gradInput = new float[size];
    float[] gradWeight = new float[channels];
    float[] gradBias = new float[channels];
    return KernelTask.of(
        3L * size, // the same between the sums and the gradient
        () -> Sample.clear(gradInput, gradWeight, gradBias),
        workspace ->
            plan.backwardTraining(
                input,
                gradOutput,
                weight,
                mean,
                invStd,
                gradInput,
                gradWeight,
                gradBias,
                workspace),
        () -> {
          double[] meanGradient = means(i -> gradOutput[i]);
          double[] meanProduct = means(i -> gradOutput[i] * normalized(i));
          verify(
              "grad_input",
              gradInput,
              i -> {
                int c = channel(i);
                return (gradOutput[i] - meanGradient[c] - normalized(i) * meanProduct[c])
                    * invStd[c]
                    * weight[c];
              });
          verifySum("grad_weight", gradWeight, c -> meanProduct[c]);
          verifySum("grad_bias", gradBias, c -> meanGradient[c]);
        });
  }

  private Task backwardEval() {
    float[] gradOutput = Sample.uniform(size, 4);
    float[] gradInput = new float[size];
    float[] gradWeight = new float[channels];
    float[] gradBias = new float[channels];
    return KernelTask.of(
        3L * size,
        () -> Sample.clear(gradInput, gradWeight, gradBias),
        workspace ->
            plan.backwardEval(
                input,
                gradOutput,
                weight,
                runningMean,
                runningVar,
                gradInput,
                gradWeight,
                gradBias,
                workspace),
        () -> {
          verify(
              "grad_input",
              gradInput,
              i -> gradOutput[i] * runningInvStd(channel(i)) * weight[channel(i)]);
          verifySum(
              "grad_weight",
              gradWeight,
              c ->
                  mean(c, i -> gradOutput[i] * ((double) input[i] - runningMean[c]))
                      * runningInvStd(c));
          verifySum("grad_bias", gradBias, c -> mean(c, i -> gradOutput[i]));
        });
  }

  private void verify(String name, float[] actual, IntToDoubleFunction expected) {
    Sample.verify(kernel + " " + name, actual, actual.length, expected, TOLERANCE);
  }

  /** Compares sums over a channel with what they should be on average. */
  private void verifySum(String name, float[] actual, IntToDoubleFunction average) {
    int terms = batch * plane;
    Sample.verify(
        kernel + " " + name,
        actual,
        channels,
        c -> average.applyAsDouble(c) * terms,
        Sample.tolerance(terms));
  }

  private int channel(int index) {
    return index / plane % channels;
  }

  /** {@return an element of the input, normalised with the statistics of the batch} */
  private double normalized(int index) {
    int c = channel(index);
    return ((double) input[index] - mean[c]) * invStd[c];
  }

  private double runningInvStd(int channel) {
    return 1 / Math.sqrt(runningVar[channel] + EPS);
  }

  private double variance(int channel) {
    double m = mean(channel, i -> input[i]);
    return mean(channel, i -> (input[i] - m) * (input[i] - m));
  }

  private double[] means(IntToDoubleFunction value) {
    double[] means = new double[channels];
    Arrays.setAll(means, c -> mean(c, value));
    return means;
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
