package io.github.lanewise.jmh;

import io.github.lanewise.kernel.TransposedConvolution;
import io.github.lanewise.kernel.Workspace;

/** Lanewise's transposed convolution. */
final class LanewiseTransposedConvolution implements ConvolutionArm {
  private final TransposedConvolution plan;
  private final ConvolutionData data;

  LanewiseTransposedConvolution(ConvolutionProblem p, ConvolutionData data) {
    this.data = data;
    plan = plan(p);
    System.out.println("# " + p.name() + ": " + plan.describe());
  }

  /** The plan of a problem. */
  static TransposedConvolution plan(ConvolutionProblem p) {
    return (p.twoDimensional()
            ? TransposedConvolution.convTranspose2d(
                p.batch(), p.inChannels(), p.outChannels(), p.height(), p.width(), p.kernel())
            : TransposedConvolution.convTranspose1d(
                p.batch(), p.inChannels(), p.outChannels(), p.width(), p.kernel()))
        .stride(p.stride())
        .padding(p.padding())
        .outputPadding(p.outputPadding())
        .dilation(p.dilation())
        .groups(p.groups())
        .build();
  }

  @Override
  public void forward(Workspace workspace) {
    plan.forward(data.input, data.weight, data.bias, data.output, workspace);
  }

  @Override
  public void backwardInput(Workspace workspace) {
    plan.backwardInput(data.gradOutput, data.weight, data.gradInput, workspace);
  }

  @Override
  public void backwardWeight(Workspace workspace) {
    plan.backwardWeight(data.input, data.gradOutput, data.gradWeight, workspace);
  }

  @Override
  public void backwardBias(Workspace workspace) {
    plan.backwardBias(data.gradOutput, data.gradBias, workspace);
  }
}
