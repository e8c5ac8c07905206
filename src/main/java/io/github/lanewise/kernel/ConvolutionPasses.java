package io.github.lanewise.kernel;

import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;

/**
 * The three passes that serve both {@link Convolution} and, seen from the other side, {@link
 * TransposedConvolution}. Argument names come from the caller, for its messages.
 */
final class ConvolutionPasses {
  private final ConvolutionProblem p;
  private final Implementation<ConvolutionProblem> forward;
  private final Implementation<ConvolutionProblem> backwardInput;
  private final Implementation<ConvolutionProblem> backwardWeight;
  private final Kernel[] forwardKernels;
  private final Kernel[] backwardInputKernels;
  private final Kernel[] backwardWeightKernels;

  ConvolutionPasses(ConvolutionProblem problem) {
    p = problem;
    forward = Implementation.first(Backend.KERNELS.convolutionForward(), p);
    backwardInput = Implementation.first(Backend.KERNELS.convolutionBackwardInput(), p);
    backwardWeight = Implementation.first(Backend.KERNELS.convolutionBackwardWeight(), p);
    forwardKernels = forward.kernels(p);
    backwardInputKernels = backwardInput.kernels(p);
    backwardWeightKernels = backwardWeight.kernels(p);
  }

  long workspaceSize(int width) {
    return Math.max(
        Workspace.need(forwardKernels, width),
        Math.max(
            Workspace.need(backwardInputKernels, width),
            Workspace.need(backwardWeightKernels, width)));
  }

  String describe() {
    return describe(forward, backwardInput);
  }

  /** The same by the names of the dual, whose forward pass is our input gradient. */
  String describeTransposed() {
    return describe(backwardInput, forward);
  }

  private String describe(
      Implementation<ConvolutionProblem> first, Implementation<ConvolutionProblem> second) {
    return "forward "
        + first.name()
        + ", backward input "
        + second.name()
        + ", backward weight "
        + backwardWeight.name();
  }

  /** {@code output = bias + input ⋆ weight}. */
  void forward(
      float[] input,
      int inputOffset,
      float[] weight,
      int weightOffset,
      float[] bias,
      int biasOffset,
      float[] output,
      int outputOffset,
      Workspace workspace) {
    Operands a = Workspace.begin(workspace);
    a.input = input;
    a.inputAt = inputOffset;
    a.weight = weight;
    a.weightAt = weightOffset;
    a.bias = bias;
    a.biasAt = biasOffset;
    a.output = output;
    a.outputAt = outputOffset;
    workspace.run(forwardKernels);
  }

  /** {@code gradInput = bias + gradOutput ⋆ᵀ weight}. */
  void backwardInput(
      float[] gradOutput,
      int gradOutputOffset,
      float[] weight,
      int weightOffset,
      float[] bias,
      int biasOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    Operands a = Workspace.begin(workspace);
    a.gradOutput = gradOutput;
    a.gradOutputAt = gradOutputOffset;
    a.weight = weight;
    a.weightAt = weightOffset;
    a.bias = bias;
    a.biasAt = biasOffset;
    a.gradInput = gradInput;
    a.gradInputAt = gradInputOffset;
    workspace.run(backwardInputKernels);
  }

  /** {@code gradWeight[o][i][k] = Σ input · gradOutput}. */
  void backwardWeight(
      float[] input,
      int inputOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradWeight,
      int gradWeightOffset,
      Workspace workspace) {
    Operands a = Workspace.begin(workspace);
    a.input = input;
    a.inputAt = inputOffset;
    a.gradOutput = gradOutput;
    a.gradOutputAt = gradOutputOffset;
    a.gradWeight = gradWeight;
    a.gradWeightAt = gradWeightOffset;
    workspace.run(backwardWeightKernels);
  }
}
