package io.github.lanewise.kernel;

import io.github.lanewise.internal.ChannelProblem;
import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;

/** Sums an array (batch, channels, plane) over batch and plane: the gradient of a bias. */
final class ChannelSum {
  private final ChannelProblem problem;
  private final Kernel[] kernels;

  ChannelSum(int batch, int channels, int plane) {
    problem = new ChannelProblem(batch, channels, plane);
    kernels = Implementation.first(Backend.KERNELS.channelSum(), problem).kernels(problem);
  }

  void run(
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradBias,
      int gradBiasOffset,
      Workspace workspace) {
    Checks.array("grad_output", gradOutput, gradOutputOffset, problem.size());
    Checks.array("grad_bias", gradBias, gradBiasOffset, problem.channels());
    Checks.disjoint(
        "grad_output",
        gradOutput,
        gradOutputOffset,
        problem.size(),
        "grad_bias",
        gradBias,
        gradBiasOffset,
        problem.channels());
    Operands a = Workspace.begin(workspace);
    a.gradOutput = gradOutput;
    a.gradOutputAt = gradOutputOffset;
    a.gradBias = gradBias;
    a.gradBiasAt = gradBiasOffset;
    workspace.run(kernels);
  }
}
