package io.github.lanewise.jmh;

import io.github.lanewise.jmh.ConvolutionProblem.Geometry;
import io.github.lanewise.kernel.Workspace;
import java.util.Arrays;

/**
 * Maps a transposed convolution to the convolution whose input gradient it is, so that what is
 * written for this comparison has to know convolution only.
 */
abstract class LoopConvolution implements ConvolutionArm {
  final Geometry g;
  private final boolean transposed;
  private final ConvolutionData data;

  LoopConvolution(ConvolutionProblem problem, ConvolutionData data) {
    g = problem.geometry();
    transposed = problem.transposed();
    this.data = data;
  }

  /** Computes a convolution's output, without bias. */
  abstract void output(float[] input, float[] weight, float[] output, Workspace workspace);

  /** Computes a convolution's input gradient. */
  abstract void inputGradient(
      float[] gradOutput, float[] weight, float[] gradInput, Workspace workspace);

  /** Computes a convolution's weight gradient. */
  abstract void weightGradient(
      float[] input, float[] gradOutput, float[] gradWeight, Workspace workspace);

  @Override
  public final void forward(Workspace workspace) {
    if (transposed) {
      inputGradient(data.input, data.weight, data.output, workspace);
    } else {
      output(data.input, data.weight, data.output, workspace);
    }
    int channels = data.bias.length;
    int plane = data.output.length / g.batch() / channels;
    for (int i = 0, at = 0; i < g.batch() * channels; i++) {
      for (int end = at + plane; at < end; at++) {
        data.output[at] += data.bias[i % channels];
      }
    }
  }

  @Override
  public final void backwardInput(Workspace workspace) {
    if (transposed) {
      output(data.gradOutput, data.weight, data.gradInput, workspace);
    } else {
      inputGradient(data.gradOutput, data.weight, data.gradInput, workspace);
    }
  }

  @Override
  public final void backwardWeight(Workspace workspace) {
    if (transposed) {
      weightGradient(data.gradOutput, data.input, data.gradWeight, workspace);
    } else {
      weightGradient(data.input, data.gradOutput, data.gradWeight, workspace);
    }
  }

  @Override
  public final void backwardBias(Workspace workspace) {
    Arrays.fill(data.gradBias, 0);
    int channels = data.bias.length;
    int plane = data.output.length / g.batch() / channels;
    for (int i = 0, at = 0; i < g.batch() * channels; i++) {
      float sum = 0;
      for (int end = at + plane; at < end; at++) {
        sum += data.gradOutput[at];
      }
      data.gradBias[i % channels] += sum;
    }
  }
}
