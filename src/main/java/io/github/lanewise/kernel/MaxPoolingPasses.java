package io.github.lanewise.kernel;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.IndexedProblem;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PoolingProblem;

/** The two passes that {@link MaxPooling} and {@link AdaptiveMaxPooling} share. */
final class MaxPoolingPasses {
  private final PoolingProblem p;
  private final Implementation<PoolingProblem> forward;
  private final Implementation<IndexedProblem> backward;
  private final Kernel[] forwardKernels;
  private final Kernel[] backwardKernels;

  MaxPoolingPasses(PoolingProblem problem) {
    p = problem;
    IndexedProblem indexed =
        new IndexedProblem(p.planes(), 1, p.outputPlane(), p.inputPlane(), false, false, p);
    forward = Implementation.first(Backend.KERNELS.maxPooling(), p);
    backward = Implementation.first(Backend.KERNELS.maxPoolingBackward(), indexed);
    forwardKernels = forward.kernels(p);
    backwardKernels = backward.kernels(indexed);
  }

  long workspaceSize(int width) {
    return Math.max(Workspace.need(forwardKernels, width), Workspace.need(backwardKernels, width));
  }

  String describe() {
    return "forward " + forward.name() + ", backward " + backward.name();
  }

  void forward(
      float[] input,
      int inputOffset,
      float[] output,
      int outputOffset,
      int[] indices,
      int indicesOffset,
      Workspace workspace) {
    Operands a =
        Workspace.begin(workspace)
            .reads("input", input, inputOffset, p.inputSize())
            .writes("output", output, outputOffset, p.outputSize())
            .mayWrite("indices", indices, indicesOffset, p.outputSize())
            .operands();
    a.input = input;
    a.inputAt = inputOffset;
    a.output = output;
    a.outputAt = outputOffset;
    a.indices = indices;
    a.indicesAt = indicesOffset;
    workspace.run(forwardKernels);
  }

  void backward(
      float[] gradOutput,
      int gradOutputOffset,
      int[] indices,
      int indicesOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    Operands a =
        Workspace.begin(workspace)
            .reads("grad_output", gradOutput, gradOutputOffset, p.outputSize())
            .reads("indices", indices, indicesOffset, p.outputSize())
            .writes("grad_input", gradInput, gradInputOffset, p.inputSize())
            .operands();
    a.gradOutput = gradOutput;
    a.gradOutputAt = gradOutputOffset;
    a.indices = indices;
    a.indicesAt = indicesOffset;
    a.gradInput = gradInput;
    a.gradInputAt = gradInputOffset;
    workspace.run(backwardKernels);
  }
}
