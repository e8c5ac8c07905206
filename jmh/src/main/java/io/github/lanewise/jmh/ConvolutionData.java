package io.github.lanewise.jmh;

import io.github.lanewise.jmh.ConvolutionProblem.Geometry;

/** The arrays of a convolution or transposed convolution, as PyTorch lays them out. */
public final class ConvolutionData {
  final ConvolutionProblem problem;

  public final float[] input;
  public final float[] weight;
  public final float[] bias;
  public final float[] output;
  public final float[] gradOutput;
  public final float[] gradInput;
  public final float[] gradWeight;
  public final float[] gradBias;

  ConvolutionData(ConvolutionProblem problem) {
    this.problem = problem;
    Geometry g = problem.geometry();
    int in = problem.transposed() ? g.outputSize() : g.inputSize();
    int out = problem.transposed() ? g.inputSize() : g.outputSize();
    input = Sample.uniform(in, 1);
    weight = Sample.uniform(g.weightSize(), 2);
    bias = Sample.uniform(problem.outChannels(), 3);
    gradOutput = Sample.uniform(out, 4);
    output = new float[out];
    gradInput = new float[in];
    gradWeight = new float[g.weightSize()];
    gradBias = new float[problem.outChannels()];
  }

  /** Fills all results with NaN. */
  void clear() {
    Sample.clear(output, gradInput, gradWeight, gradBias);
  }
}
