package io.github.lanewise.testing;

/** Batch normalisation in double, written from the formulas, on arrays (batch, channels, plane). */
public final class NaiveBatchNormalization {
  public final double[] mean;
  public final double[] variance;
  public final double[] output;
  public double[] gradInput;
  public double[] gradWeight;
  public double[] gradBias;

  private final double[] input;
  private final double[] weight;
  private final double eps;
  private final int channels;
  private final int plane;
  private final int count;

  /** Normalises with the statistics of the batch. */
  public NaiveBatchNormalization(
      double[] input, int channels, int plane, double[] weight, double[] bias, double eps) {
    this(input, channels, plane, weight, bias, eps, means(input, channels, plane), null);
  }

  /** Normalises with given statistics; {@code variance} null means that of the batch. */
  public NaiveBatchNormalization(
      double[] input,
      int channels,
      int plane,
      double[] weight,
      double[] bias,
      double eps,
      double[] mean,
      double[] variance) {
    this.input = input;
    this.channels = channels;
    this.plane = plane;
    this.weight = weight;
    this.eps = eps;
    this.mean = mean;
    count = input.length / channels;
    if (variance == null) {
      variance = new double[channels];
      for (int i = 0; i < input.length; i++) {
        double d = input[i] - mean[channel(i)];
        variance[channel(i)] += d * d / count;
      }
    }
    this.variance = variance;
    output = new double[input.length];
    for (int i = 0; i < input.length; i++) {
      int c = channel(i);
      output[i] = normalized(i) * weight[c] + bias[c];
    }
  }

  private static double[] means(double[] input, int channels, int plane) {
    double[] mean = new double[channels];
    for (int i = 0; i < input.length; i++) {
      mean[i / plane % channels] += input[i] * channels / input.length;
    }
    return mean;
  }

  private int channel(int i) {
    return i / plane % channels;
  }

  private double normalized(int i) {
    return (input[i] - mean[channel(i)]) / Math.sqrt(variance[channel(i)] + eps);
  }

  /** Computes the gradients; {@code training} tells whether the statistics depend on the input. */
  public void backward(double[] gradOutput, boolean training) {
    gradInput = new double[input.length];
    gradWeight = new double[channels];
    gradBias = new double[channels];
    for (int i = 0; i < input.length; i++) {
      gradBias[channel(i)] += gradOutput[i];
      gradWeight[channel(i)] += gradOutput[i] * normalized(i);
    }
    for (int i = 0; i < input.length; i++) {
      int c = channel(i);
      double g = gradOutput[i];
      if (training) {
        g -= gradBias[c] / count + normalized(i) * gradWeight[c] / count;
      }
      gradInput[i] = g * weight[c] / Math.sqrt(variance[c] + eps);
    }
  }
}
