package io.github.lanewise.kernel;

import io.github.lanewise.internal.ChannelProblem;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Normalization;
import io.github.lanewise.internal.Operands;

/**
 * The passes of {@link Convolution} and of {@link TransposedConvolution}, with the checks of their
 * arrays. A transposed convolution is planned as its dual, the convolution whose input gradient it
 * is; here all has the transposed one's names: its input is the dual's gradOutput, its output the
 * dual's gradInput.
 */
final class ConvolutionPasses {
  final int inputSize;
  final int weightSize;
  final int outputSize;
  private final ConvolutionProblem p;

  /** Whether the problem is the dual of a transposed convolution. */
  private final boolean transposed;

  private final int inChannels;
  private final int inPlane;
  private final int outChannels;
  private final Implementation<ConvolutionProblem> forward;
  private final Implementation<ConvolutionProblem> backwardInput;
  private final Implementation<ConvolutionProblem> backwardWeight;
  private final boolean takesNormalization;
  private final Kernel[] forwardKernels;
  private final Kernel[] backwardInputKernels;
  private final Kernel[] backwardWeightKernels;
  private final Kernel[] backwardBiasKernels;

  ConvolutionPasses(ConvolutionProblem problem, boolean transposed) {
    p = problem;
    this.transposed = transposed;
    int theirInput = p.inHeight() * p.inWidth();
    int theirOutput = p.outHeight() * p.outWidth();
    inChannels = transposed ? p.outChannels() : p.inChannels();
    outChannels = transposed ? p.inChannels() : p.outChannels();
    inPlane = transposed ? theirOutput : theirInput;
    inputSize = transposed ? p.outputSize() : p.inputSize();
    weightSize = p.weightSize();
    outputSize = transposed ? p.inputSize() : p.outputSize();
    var there = Implementation.first(Backend.KERNELS.convolutionForward(), p);
    var back = Implementation.first(Backend.KERNELS.convolutionBackwardInput(), p);
    forward = transposed ? back : there;
    backwardInput = transposed ? there : back;
    backwardWeight = Implementation.first(Backend.KERNELS.convolutionBackwardWeight(), p);
    takesNormalization = backwardWeight.takesNormalization(p) && forward.takesNormalization(p);
    forwardKernels = forward.kernels(p);
    backwardInputKernels = backwardInput.kernels(p);
    backwardWeightKernels = backwardWeight.kernels(p);
    var sums = new ChannelProblem(p.batch(), outChannels, transposed ? theirInput : theirOutput);
    backwardBiasKernels = Implementation.first(Backend.KERNELS.channelSum(), sums).kernels(sums);
  }

  /** The output's shape, in one dimension without a height. */
  int[] outputShape(int dimensions) {
    int height = transposed ? p.inHeight() : p.outHeight();
    int width = transposed ? p.inWidth() : p.outWidth();
    return dimensions == 1
        ? new int[] {p.batch(), outChannels, width}
        : new int[] {p.batch(), outChannels, height, width};
  }

  /** The need of the passes but for the bias gradient. */
  long workspaceSize(Parallelism parallelism) {
    int width = Parallelism.width(parallelism);
    return Math.max(
        Workspace.need(forwardKernels, width),
        Math.max(
            Workspace.need(backwardInputKernels, width),
            Workspace.need(backwardWeightKernels, width)));
  }

  String describe() {
    return "forward "
        + forward.name()
        + ", backward input "
        + backwardInput.name()
        + ", backward weight "
        + backwardWeight.name();
  }

  /** Whether forward pass and weight gradient can normalise their input. */
  boolean takesNormalization() {
    return takesNormalization;
  }

  /** Of an input that {@code normalization} has yet to normalise, unless it is {@code null}. */
  void forward(
      float[] input,
      int inputOffset,
      FusedNormalization normalization,
      float[] weight,
      int weightOffset,
      float[] bias,
      int biasOffset,
      float[] output,
      int outputOffset,
      Workspace workspace) {
    Normalization by = checked(normalization);
    Operands a =
        Workspace.begin(workspace)
            .reads("input", input, inputOffset, inputSize)
            .reads("weight", weight, weightOffset, weightSize)
            .mayRead("bias", bias, biasOffset, outChannels)
            .writes("output", output, outputOffset, outputSize)
            .operands();
    through(a, transposed, input, inputOffset, output, outputOffset);
    normalise(a, by);
    a.weight = weight;
    a.weightAt = weightOffset;
    a.bias = bias;
    a.biasAt = biasOffset;
    workspace.run(forwardKernels);
  }

  void backwardInput(
      float[] gradOutput,
      int gradOutputOffset,
      float[] weight,
      int weightOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    Operands a =
        Workspace.begin(workspace)
            .reads("grad_output", gradOutput, gradOutputOffset, outputSize)
            .reads("weight", weight, weightOffset, weightSize)
            .writes("grad_input", gradInput, gradInputOffset, inputSize)
            .operands();
    through(a, !transposed, gradOutput, gradOutputOffset, gradInput, gradInputOffset);
    a.weight = weight;
    a.weightAt = weightOffset;
    workspace.run(backwardInputKernels);
  }

  /** Of an input that {@code normalization} has yet to normalise, unless it is {@code null}. */
  void backwardWeight(
      float[] input,
      int inputOffset,
      FusedNormalization normalization,
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradWeight,
      int gradWeightOffset,
      Workspace workspace) {
    Normalization by = checked(normalization);
    Operands a =
        Workspace.begin(workspace)
            .reads("input", input, inputOffset, inputSize)
            .reads("grad_output", gradOutput, gradOutputOffset, outputSize)
            .writes("grad_weight", gradWeight, gradWeightOffset, weightSize)
            .operands();
    a.input = transposed ? gradOutput : input;
    a.inputAt = transposed ? gradOutputOffset : inputOffset;
    a.gradOutput = transposed ? input : gradOutput;
    a.gradOutputAt = transposed ? inputOffset : gradOutputOffset;
    normalise(a, by);
    a.gradWeight = gradWeight;
    a.gradWeightAt = gradWeightOffset;
    workspace.run(backwardWeightKernels);
  }

  /** Sums over batch and plane. */
  void backwardBias(
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradBias,
      int gradBiasOffset,
      Workspace workspace) {
    Operands a =
        Workspace.begin(workspace)
            .reads("grad_output", gradOutput, gradOutputOffset, outputSize)
            .writes("grad_bias", gradBias, gradBiasOffset, outChannels)
            .operands();
    a.gradOutput = gradOutput;
    a.gradOutputAt = gradOutputOffset;
    a.gradBias = gradBias;
    a.gradBiasAt = gradBiasOffset;
    workspace.run(backwardBiasKernels);
  }

  /** Weights packed for {@link #forward}. */
  PackedWeights packWeights(int dimensions, float[] weight, float[] bias) {
    return new PackedWeights(
        p, forward, forwardKernels, transposed, outputShape(dimensions), weight, bias);
  }

  /** Fills in what a pass leads from and to; {@code back} if by the kernels of input gradients. */
  static void through(
      Operands a, boolean back, float[] from, int fromOffset, float[] to, int toOffset) {
    if (back) {
      a.gradOutput = from;
      a.gradOutputAt = fromOffset;
      a.gradInput = to;
      a.gradInputAt = toOffset;
    } else {
      a.input = from;
      a.inputAt = fromOffset;
      a.output = to;
      a.outputAt = toOffset;
    }
  }

  /** {@code null} for none. */
  private Normalization checked(FusedNormalization normalization) {
    return normalization == null
        ? null
        : normalization.output(takesNormalization, p.batch(), inChannels, inPlane);
  }

  private void normalise(Operands a, Normalization by) {
    if (transposed) {
      a.gradOutputNormalization = by;
    } else {
      a.inputNormalization = by;
    }
  }
}
