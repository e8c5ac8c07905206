package io.github.lanewise.kernel;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PoolingProblem;

/** The two passes that {@link AveragePooling} and {@link AdaptiveAveragePooling} share. */
final class AveragePoolingPasses {
  private final PoolingProblem p;
  private final Implementation<PoolingProblem> forward;
  private final Implementation<PoolingProblem> backward;
  private final Kernel[] forwardKernels;
  private final Kernel[] backwardKernels;

  AveragePoolingPasses(PoolingProblem problem) {
    p = problem;
    forward = Implementation.first(Backend.KERNELS.averagePoolingForward(), p);
    backward = Implementation.first(Backend.KERNELS.averagePoolingBackward(), p);
    forwardKernels = forward.kernels(p);
    backwardKernels = backward.kernels(p);
  }

  long workspaceSize(int width) {
    return Math.max(Workspace.need(forwardKernels, width), Workspace.need(backwardKernels, width));
  }

  String describe() {
    return "forward " + forward.name() + ", backward " + backward.name();
  }

  void forward(
      float[] input, int inputOffset, float[] output, int outputOffset, Workspace workspace) {
    Operands a =
        Workspace.begin(workspace)
            .reads("input", input, inputOffset, p.inputSize())
            .writes("output", output, outputOffset, p.outputSize())
            .operands();
    a.input = input;
    a.inputAt = inputOffset;
    a.output = output;
    a.outputAt = outputOffset;
    workspace.run(forwardKernels);
  }

  void backward(
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    Operands a =
        Workspace.begin(workspace)
            .reads("grad_output", gradOutput, gradOutputOffset, p.outputSize())
            .writes("grad_input", gradInput, gradInputOffset, p.inputSize())
            .operands();
    a.gradOutput = gradOutput;
    a.gradOutputAt = gradOutputOffset;
    a.gradInput = gradInput;
    a.gradInputAt = gradInputOffset;
    workspace.run(backwardKernels);
  }
}
