package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Normalization;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;

/**
 * The three passes that serve both {@link Convolution} and, seen from the other side, {@link
 * TransposedConvolution}. Argument names come from the caller, for its messages.
 */
final class ConvolutionPasses {
  private final ConvolutionProblem p;
  private final Implementation<ConvolutionProblem> forward;
  private final Implementation<ConvolutionProblem> backwardInput;
  private final Implementation<ConvolutionProblem> backwardWeight;
  private final boolean takesNormalization;
  private final boolean takesNormalizationTransposed;
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
    boolean weight = backwardWeight.takesNormalization(p);
    takesNormalization = weight && forward.takesNormalization(p);
    takesNormalizationTransposed = weight && backwardInput.takesNormalization(p);
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

  /** Whether forward pass and weight gradient can normalise their input. */
  boolean takesNormalization() {
    return takesNormalization;
  }

  /** The same for the dual, whose input is our gradOutput. */
  boolean takesNormalizationTransposed() {
    return takesNormalizationTransposed;
  }

  /** Checks that a plan takes normalisations, and that this one is of arrays of such a shape. */
  static Normalization checked(
      boolean takes, FusedNormalization normalization, int batch, int channels, int plane) {
    if (!takes) {
      throw new IllegalArgumentException(
          "normalization is given, but this plan does not take one (takesNormalization)");
    }
    if (!Checks.present("normalization", normalization).hasShape(batch, channels, plane)) {
      throw new IllegalArgumentException(
          "normalization is of arrays of shape "
              + Arrays.toString(normalization.shape())
              + " but must be of "
              + Arrays.toString(new int[] {batch, channels, plane}));
    }
    return normalization.output();
  }

  /** {@code output = bias + input ⋆ weight}, of a normalised input if there is a normalisation. */
  void forward(
      float[] input,
      int inputOffset,
      Normalization normalization,
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
    a.inputNormalization = normalization;
    a.weight = weight;
    a.weightAt = weightOffset;
    a.bias = bias;
    a.biasAt = biasOffset;
    a.output = output;
    a.outputAt = outputOffset;
    workspace.run(forwardKernels);
  }

  /** {@code gradInput = bias + gradOutput ⋆ᵀ weight}, likewise. */
  void backwardInput(
      float[] gradOutput,
      int gradOutputOffset,
      Normalization normalization,
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
    a.gradOutputNormalization = normalization;
    a.weight = weight;
    a.weightAt = weightOffset;
    a.bias = bias;
    a.biasAt = biasOffset;
    a.gradInput = gradInput;
    a.gradInputAt = gradInputOffset;
    workspace.run(backwardInputKernels);
  }

  /** Weights packed for {@link #forward}. */
  PackedWeights packForward(float[] weight, float[] bias) {
    return new PackedWeights(p, forward, forwardKernels, false, weight, bias);
  }

  /** Weights packed for {@link #backwardInput}. */
  PackedWeights packBackwardInput(float[] weight, float[] bias) {
    return new PackedWeights(p, backwardInput, backwardInputKernels, true, weight, bias);
  }

  /** {@code gradWeight[o][i][k] = Σ input · gradOutput}, likewise. */
  void backwardWeight(
      float[] input,
      int inputOffset,
      Normalization inputNormalization,
      float[] gradOutput,
      int gradOutputOffset,
      Normalization gradOutputNormalization,
      float[] gradWeight,
      int gradWeightOffset,
      Workspace workspace) {
    Operands a = Workspace.begin(workspace);
    a.input = input;
    a.inputAt = inputOffset;
    a.inputNormalization = inputNormalization;
    a.gradOutput = gradOutput;
    a.gradOutputAt = gradOutputOffset;
    a.gradOutputNormalization = gradOutputNormalization;
    a.gradWeight = gradWeight;
    a.gradWeightAt = gradWeightOffset;
    workspace.run(backwardWeightKernels);
  }
}
