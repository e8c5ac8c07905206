package io.github.lanewise.testing;

import java.util.Arrays;
import java.util.Random;

/**
 * The reference of a transposed convolution of unpooled values, by its definition: what the fill
 * value of each position adds, and what each value less the fill value adds at its index. Without a
 * fill value there is nothing at the other positions, not even zeros that are multiplied.
 *
 * @param output bias plus the sum
 * @param gradValues the input's gradient at the indices
 * @param gradFillValue the sum of the input's gradient over all positions less that at the indices
 * @param gradWeight the weight's gradient
 * @param gradBias the sum of gradOutput over batch and plane
 */
public record NaiveUnpooled(
    double[] output,
    double[] gradValues,
    double[] gradFillValue,
    double[] gradWeight,
    double[] gradBias) {

  /**
   * The given arrays.
   *
   * @param channels input channels
   * @param outChannels output channels
   * @param entries values of an input plane
   * @param fillValue may be {@code null}
   * @param bias may be {@code null}
   */
  public record Given(
      int channels,
      int outChannels,
      int entries,
      float[] values,
      int[] indices,
      float[] fillValue,
      float[] weight,
      float[] bias,
      float[] gradOutput) {

    /** Arrays of small integers, or of normal values. */
    public static Given random(ConvolutionCase c, int entries, boolean integers, Random random) {
      int planes = c.batch() * c.inChannels();
      int plane = c.height().size() * c.width().size();
      return new Given(
          c.inChannels(),
          c.outChannels(),
          entries,
          floats(integers, planes * entries, random),
          random.ints(planes * entries, 0, plane).toArray(),
          random.nextBoolean() ? floats(integers, c.inChannels(), random) : null,
          floats(integers, c.weightSize(), random),
          random.nextBoolean() ? floats(integers, c.outChannels(), random) : null,
          floats(integers, c.outputSize(), random));
    }

    private static float[] floats(boolean integers, int size, Random random) {
      return integers ? Data.integers(size, random) : Data.normals(size, random);
    }
  }

  /** All results. */
  public static NaiveUnpooled of(ConvolutionCase c, Given data) {
    return of(c, data, false);
  }

  /** The magnitudes of all terms of each result, added up. */
  public static NaiveUnpooled magnitudes(ConvolutionCase c, Given data) {
    return of(c, data, true);
  }

  private static NaiveUnpooled of(ConvolutionCase c, Given d, boolean magnitudes) {
    int plane = c.height().size() * c.width().size();
    int[][] entriesAt = entriesAt(c, d, plane);
    double[] output = new double[c.outputSize()];
    double[] gradInput = new double[c.inputSize()];
    double[] gradWeight = new double[c.weightSize()];
    int resultPlane = c.outHeight() * c.outWidth();
    for (int y = 0; y < output.length && d.bias != null; y++) {
      output[y] = magnitude(d.bias[y / resultPlane % c.outChannels()], magnitudes);
    }
    NaiveConvolution.forEachTerm(
        c,
        (x, w, y) -> {
          int channel = x / plane % c.inChannels();
          double fill = d.fillValue == null ? 0 : d.fillValue[channel];
          if (d.fillValue != null) {
            output[y] += magnitude(fill * d.weight[w], magnitudes);
            gradWeight[w] += magnitude(fill * d.gradOutput[y], magnitudes);
          }
          for (int e : entriesAt[x]) {
            double value = magnitudes ? Math.abs(d.values[e]) + Math.abs(fill) : d.values[e] - fill;
            output[y] += magnitude(value * d.weight[w], magnitudes);
            gradWeight[w] += magnitude(value * d.gradOutput[y], magnitudes);
          }
          gradInput[x] += magnitude((double) d.gradOutput[y] * d.weight[w], magnitudes);
        });
    double[] gradFillValue = new double[c.inChannels()];
    for (int x = 0; x < gradInput.length; x++) {
      gradFillValue[x / plane % c.inChannels()] += gradInput[x];
    }
    double[] gradValues = new double[d.values.length];
    for (int e = 0; e < gradValues.length; e++) {
      gradValues[e] = gradInput[e / d.entries * plane + d.indices[e]];
      gradFillValue[e / d.entries % c.inChannels()] += magnitudes ? gradValues[e] : -gradValues[e];
    }
    double[] gradBias = new double[c.outChannels()];
    for (int y = 0; y < d.gradOutput.length; y++) {
      gradBias[y / resultPlane % gradBias.length] += magnitude(d.gradOutput[y], magnitudes);
    }
    return new NaiveUnpooled(output, gradValues, gradFillValue, gradWeight, gradBias);
  }

  private static double magnitude(double term, boolean magnitudes) {
    return magnitudes ? Math.abs(term) : term;
  }

  /** The entries that lie at each input position. */
  private static int[][] entriesAt(ConvolutionCase c, Given d, int plane) {
    int[][] entries = new int[c.inputSize()][0];
    for (int e = 0; e < d.values.length; e++) {
      int x = e / d.entries * plane + d.indices[e];
      int[] longer = Arrays.copyOf(entries[x], entries[x].length + 1);
      longer[longer.length - 1] = e;
      entries[x] = longer;
    }
    return entries;
  }

  /** Products behind one element of the output, at most: no value reaches it by two taps. */
  public static long outputTerms(ConvolutionCase c, Given d) {
    return (long) c.inChannels() / c.groups() * d.entries + NaiveConvolution.outputTerms(c) + 2;
  }

  /** Operations behind one element of the fill value's gradient, at most, in float. */
  public static long gradFillValueTerms(ConvolutionCase c) {
    return NaiveConvolution.gradInputTerms(c) + c.batch() + 2;
  }

  /** Products behind one element of the weight's gradient, at most. */
  public static long gradWeightTerms(ConvolutionCase c, Given d) {
    return (long) c.batch() * (d.entries + 1) + 3;
  }
}
