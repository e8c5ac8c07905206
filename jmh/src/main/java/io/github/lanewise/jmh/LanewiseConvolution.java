package io.github.lanewise.jmh;

import io.github.lanewise.kernel.Convolution;
import io.github.lanewise.kernel.Workspace;

/** Lanewise's convolution. */
final class LanewiseConvolution implements ConvolutionArm {
  private final Convolution plan;
  private final ConvolutionData data;

  LanewiseConvolution(ConvolutionProblem p, ConvolutionData data) {
    this.data = data;
    plan = plan(p);
    System.out.println("# " + p.name() + ": " + plan.describe());
  }

  /** The plan of a problem. */
  static Convolution plan(ConvolutionProblem p) {
    return (p.twoDimensional()
            ? Convolution.conv2d(
                p.batch(), p.inChannels(), p.outChannels(), p.height(), p.width(), p.kernel())
            : Convolution.conv1d(p.batch(), p.inChannels(), p.outChannels(), p.width(), p.kernel()))
        .stride(p.stride())
        .padding(p.padding())
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
