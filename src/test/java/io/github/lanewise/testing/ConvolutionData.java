package io.github.lanewise.testing;

import java.util.Random;

/**
 * The given arrays of a convolution problem.
 *
 * @param bias may be {@code null}
 */
public record ConvolutionData(float[] input, float[] weight, float[] bias, float[] gradOutput) {

  /** Small integers, on which every result is exact. */
  public static ConvolutionData integers(ConvolutionCase c, Random random) {
    return new ConvolutionData(
        Data.integers(c.inputSize(), random),
        Data.integers(c.weightSize(), random),
        random.nextBoolean() ? Data.integers(c.outChannels(), random) : null,
        Data.integers(c.outputSize(), random));
  }

  /** The same, with a bias in any case. */
  public static ConvolutionData withBias(ConvolutionCase c, Random random) {
    ConvolutionData data = integers(c, random);
    float[] bias = Data.integers(c.outChannels(), random);
    return new ConvolutionData(data.input, data.weight, bias, data.gradOutput);
  }

  /** Normal values. */
  public static ConvolutionData normals(ConvolutionCase c, Random random) {
    return new ConvolutionData(
        Data.normals(c.inputSize(), random),
        Data.normals(c.weightSize(), random),
        random.nextBoolean() ? Data.normals(c.outChannels(), random) : null,
        Data.normals(c.outputSize(), random));
  }

  /** The magnitudes of all values: a pass over them gives each result's Σ|term|. */
  public ConvolutionData magnitudes() {
    return new ConvolutionData(
        Data.magnitudes(input),
        Data.magnitudes(weight),
        Data.magnitudes(bias),
        Data.magnitudes(gradOutput));
  }
}
