package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Normalization;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.UnpooledProblem;
import java.util.List;

/**
 * {@link MaxUnpooling} followed by {@link TransposedConvolution} as one operation that takes the
 * values and their indices, and skips all other positions. Planned by {@link
 * TransposedConvolution#unpooled}.
 *
 * <p>Shapes, row-major: values and indices (batch, in_channels, entries), fill value (in_channels),
 * weight (in_channels, out_channels / groups, kernel H, kernel W), bias (out_channels), output
 * (batch, out_channels, H', W'); in one dimension kernel H and H' are absent. An index is flat
 * within its input plane, h · W + w. The result is that of a transposed convolution with the input
 *
 * <pre>
 * input[n][i][p] = fillValue[i] + Σ(e with indices[n][i][e] = p) (values[n][i][e] − fillValue[i])
 * </pre>
 *
 * <p>which holds the values where their indices say, and the fill value elsewhere; that is 0 after
 * an unpooling, and another after a batch normalisation of it. Only an index that occurs twice
 * differs from unpooling: here the values add up.
 *
 * <p>The time grows with the values, not with the planes. Whether that pays depends on the shape:
 * {@link #isForwardWorthwhile}, {@link #isBackwardWorthwhile}.
 *
 * <p>A plan is immutable and may be shared between threads, each with a {@link Workspace} of its
 * own. The passes write their result arrays whole, allocate nothing once the workspace has grown,
 * and give the same bits for every {@link Parallelism}. An index outside of its plane is refused
 * with position and value before anything is written.
 *
 * <p>Positions without a value take no part: an infinite or NaN weight gives no NaN there, as zero
 * times it would. Padding may take part as zeros that are multiplied, as in {@link
 * TransposedConvolution}.
 */
public final class UnpooledTransposedConvolution {
  private final UnpooledProblem problem;
  private final ConvolutionProblem dual;
  private final Implementation<UnpooledProblem> forward;
  private final Implementation<UnpooledProblem> backward;
  private final Kernel[] forwardKernels;
  private final Kernel[] backwardKernels;
  private final boolean forwardWorthwhile;
  private final boolean backwardWorthwhile;
  private final boolean takesNormalization;
  private final int[] outputShape;

  UnpooledTransposedConvolution(UnpooledProblem problem, int[] outputShape) {
    this.problem = problem;
    this.outputShape = outputShape;
    dual = problem.dual();
    forward = Implementation.first(Backend.KERNELS.unpooledForward(), problem);
    backward = Implementation.first(Backend.KERNELS.unpooledBackward(), problem);
    forwardKernels = forward.kernels(problem);
    backwardKernels = backward.kernels(problem);
    takesNormalization = backward.takesNormalization(problem);
    forwardWorthwhile = isWorthwhile(forward, Backend.KERNELS.unpooledForward());
    backwardWorthwhile = isWorthwhile(backward, Backend.KERNELS.unpooledBackward());
  }

  /**
   * Whether the forward pass is likely to be faster than unpooling and the transposed convolution.
   *
   * @return true if at most half of the positions have a value, and there is a kernel for this
   *     shape that is as fast as those of {@link TransposedConvolution}
   */
  public boolean isForwardWorthwhile() {
    return forwardWorthwhile;
  }

  /**
   * Whether the backward pass is likely to be faster than those of the transposed convolution.
   *
   * @return as in {@link #isForwardWorthwhile}
   */
  public boolean isBackwardWorthwhile() {
    return backwardWorthwhile;
  }

  private boolean isWorthwhile(
      Implementation<UnpooledProblem> chosen, List<Implementation<UnpooledProblem>> list) {
    boolean made = list.size() == 1 || !chosen.name().equals(list.getLast().name());
    return made && chosen.pays(problem) && 2L * problem.entries() <= problem.plane();
  }

  /** {@return elements of the values, and of the indices} */
  public int valuesSize() {
    return problem.entriesSize();
  }

  /** {@return elements of the weight} */
  public int weightSize() {
    return dual.weightSize();
  }

  /** {@return elements of the output} */
  public int outputSize() {
    return dual.inputSize();
  }

  /** {@return the output's shape: (batch, out_channels, H', W'), in one dimension without H'} */
  public int[] outputShape() {
    return outputShape.clone();
  }

  /**
   * Floats of scratch memory that the larger of the two passes needs.
   *
   * @param parallelism the threads that will work
   * @return floats
   */
  public long workspaceSize(Parallelism parallelism) {
    int width = Parallelism.width(parallelism);
    return Math.max(Workspace.need(forwardKernels, width), Workspace.need(backwardKernels, width));
  }

  /** {@return the implementations chosen for the two passes, for logs and benchmarks} */
  public String describe() {
    return "forward " + forward.name() + ", backward " + backward.name();
  }

  /**
   * Computes the output.
   *
   * @param values (batch, in_channels, entries)
   * @param indices (batch, in_channels, entries)
   * @param fillValue (in_channels), or {@code null} for 0
   * @param weight (in_channels, out_channels / groups, kernel H, kernel W)
   * @param bias (out_channels), or {@code null} for none
   * @param output written: (batch, out_channels, H', W')
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, the output overlaps another array,
   *     or an index is refused; then nothing was written
   */
  public void forward(
      float[] values,
      int[] indices,
      float[] fillValue,
      float[] weight,
      float[] bias,
      float[] output,
      Workspace workspace) {
    forward(values, 0, indices, 0, fillValue, 0, weight, 0, bias, 0, output, 0, workspace);
  }

  /**
   * Computes the output of arrays that begin at an offset.
   *
   * @param values (batch, in_channels, entries)
   * @param valuesOffset index of the first element
   * @param indices (batch, in_channels, entries)
   * @param indicesOffset index of the first element
   * @param fillValue (in_channels), or {@code null} for 0
   * @param fillValueOffset index of the first element
   * @param weight (in_channels, out_channels / groups, kernel H, kernel W)
   * @param weightOffset index of the first element
   * @param bias (out_channels), or {@code null} for none
   * @param biasOffset index of the first element
   * @param output written: (batch, out_channels, H', W')
   * @param outputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, the output overlaps another array,
   *     or an index is refused; then nothing was written
   */
  public void forward(
      float[] values,
      int valuesOffset,
      int[] indices,
      int indicesOffset,
      float[] fillValue,
      int fillValueOffset,
      float[] weight,
      int weightOffset,
      float[] bias,
      int biasOffset,
      float[] output,
      int outputOffset,
      Workspace workspace) {
    Operands a =
        Workspace.begin(workspace)
            .reads("indices", indices, indicesOffset, problem.entriesSize())
            .reads("values", values, valuesOffset, problem.entriesSize())
            .mayRead("fill_value", fillValue, fillValueOffset, dual.outChannels())
            .reads("weight", weight, weightOffset, dual.weightSize())
            .mayRead("bias", bias, biasOffset, dual.inChannels())
            .writes("output", output, outputOffset, dual.inputSize())
            .operands();
    a.input = values;
    a.inputAt = valuesOffset;
    a.indices = indices;
    a.indicesAt = indicesOffset;
    a.fillValue = fillValue;
    a.fillValueAt = fillValueOffset;
    a.weight = weight;
    a.weightAt = weightOffset;
    a.bias = bias;
    a.biasAt = biasOffset;
    a.output = output;
    a.outputAt = outputOffset;
    workspace.run(forwardKernels);
  }

  /**
   * Computes the gradients with respect to the values, the fill value, the weight and the bias.
   *
   * @param values (batch, in_channels, entries)
   * @param indices (batch, in_channels, entries)
   * @param fillValue (in_channels), or {@code null} for 0
   * @param weight (in_channels, out_channels / groups, kernel H, kernel W)
   * @param gradOutput (batch, out_channels, H', W')
   * @param gradValues written: (batch, in_channels, entries), the gradient of the input at the
   *     indices; or {@code null} if not wanted
   * @param gradFillValue written: (in_channels), the sum of the input's gradient over all positions
   *     less that over the indices; or {@code null} if not wanted
   * @param gradWeight written: (in_channels, out_channels / groups, kernel H, kernel W)
   * @param gradBias written: (out_channels), or {@code null} if not wanted
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, a result overlaps another array,
   *     gradFillValue is wanted without gradValues, or an index is refused; then nothing was
   *     written
   */
  public void backward(
      float[] values,
      int[] indices,
      float[] fillValue,
      float[] weight,
      float[] gradOutput,
      float[] gradValues,
      float[] gradFillValue,
      float[] gradWeight,
      float[] gradBias,
      Workspace workspace) {
    backward(
        values,
        0,
        indices,
        0,
        fillValue,
        0,
        weight,
        0,
        gradOutput,
        0,
        gradValues,
        0,
        gradFillValue,
        0,
        gradWeight,
        0,
        gradBias,
        0,
        workspace);
  }

  /**
   * Computes the gradients with respect to the values, the fill value, the weight and the bias, of
   * arrays that begin at an offset.
   *
   * @param values (batch, in_channels, entries)
   * @param valuesOffset index of the first element
   * @param indices (batch, in_channels, entries)
   * @param indicesOffset index of the first element
   * @param fillValue (in_channels), or {@code null} for 0
   * @param fillValueOffset index of the first element
   * @param weight (in_channels, out_channels / groups, kernel H, kernel W)
   * @param weightOffset index of the first element
   * @param gradOutput (batch, out_channels, H', W')
   * @param gradOutputOffset index of the first element
   * @param gradValues written: (batch, in_channels, entries), the gradient of the input at the
   *     indices; or {@code null} if not wanted
   * @param gradValuesOffset index of the first element
   * @param gradFillValue written: (in_channels), the sum of the input's gradient over all positions
   *     less that over the indices; or {@code null} if not wanted
   * @param gradFillValueOffset index of the first element
   * @param gradWeight written: (in_channels, out_channels / groups, kernel H, kernel W)
   * @param gradWeightOffset index of the first element
   * @param gradBias written: (out_channels), or {@code null} if not wanted
   * @param gradBiasOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, a result overlaps another array,
   *     gradFillValue is wanted without gradValues, or an index is refused; then nothing was
   *     written
   */
  public void backward(
      float[] values,
      int valuesOffset,
      int[] indices,
      int indicesOffset,
      float[] fillValue,
      int fillValueOffset,
      float[] weight,
      int weightOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradValues,
      int gradValuesOffset,
      float[] gradFillValue,
      int gradFillValueOffset,
      float[] gradWeight,
      int gradWeightOffset,
      float[] gradBias,
      int gradBiasOffset,
      Workspace workspace) {
    if (gradFillValue != null && gradValues == null) {
      throw new IllegalArgumentException(
          "grad_values is null but must be present where grad_fill_value is: the latter is the sum"
              + " of all gradients less the former's");
    }
    Operands a =
        Workspace.begin(workspace)
            .reads("indices", indices, indicesOffset, problem.entriesSize())
            .reads("values", values, valuesOffset, problem.entriesSize())
            .mayRead("fill_value", fillValue, fillValueOffset, dual.outChannels())
            .reads("weight", weight, weightOffset, dual.weightSize())
            .reads("grad_output", gradOutput, gradOutputOffset, dual.inputSize())
            .mayWrite("grad_values", gradValues, gradValuesOffset, problem.entriesSize())
            .mayWrite("grad_fill_value", gradFillValue, gradFillValueOffset, dual.outChannels())
            .writes("grad_weight", gradWeight, gradWeightOffset, dual.weightSize())
            .mayWrite("grad_bias", gradBias, gradBiasOffset, dual.inChannels())
            .operands();
    a.input = values;
    a.inputAt = valuesOffset;
    a.indices = indices;
    a.indicesAt = indicesOffset;
    a.fillValue = fillValue;
    a.fillValueAt = fillValueOffset;
    a.weight = weight;
    a.weightAt = weightOffset;
    a.gradOutput = gradOutput;
    a.gradOutputAt = gradOutputOffset;
    a.gradInput = gradValues;
    a.gradInputAt = gradValuesOffset;
    a.gradFillValue = gradFillValue;
    a.gradFillValueAt = gradFillValueOffset;
    a.gradWeight = gradWeight;
    a.gradWeightAt = gradWeightOffset;
    a.gradBias = gradBias;
    a.gradBiasAt = gradBiasOffset;
    workspace.run(backwardKernels);
  }

  /**
   * Whether {@link #backward(float[], int[], float[], float[], FusedNormalization, float[],
   * float[], float[], float[], Workspace)} can be called: it depends on the kernel chosen.
   *
   * @return true if it can
   */
  public boolean takesNormalization() {
    return takesNormalization;
  }

  /**
   * Computes the gradients, without a fill value, where the output went to a batch normalisation
   * whose gradient has yet to be computed.
   *
   * @param values (batch, in_channels, entries)
   * @param indices of the same shape: where each value lies in its plane
   * @param weight (in_channels, out_channels, kernel H, kernel W)
   * @param gradOutput (batch, out_channels, H', W'), with respect to the normalisation's output
   * @param normalization after its backward pass
   * @param output (batch, out_channels, H', W'), the normalisation's input
   * @param gradValues written: (batch, in_channels, entries), or {@code null} if not wanted
   * @param gradWeight written: (in_channels, out_channels, kernel H, kernel W)
   * @param gradBias written: (out_channels), or {@code null} if not wanted
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if the plan does not {@link #takesNormalization take a
   *     normalisation} or not this one's shape, an array is too short or overlaps one that is
   *     written, or an index is out of range
   * @throws IllegalStateException if the normalisation's backward pass has not been run
   */
  public void backward(
      float[] values,
      int[] indices,
      float[] weight,
      float[] gradOutput,
      FusedNormalization normalization,
      float[] output,
      float[] gradValues,
      float[] gradWeight,
      float[] gradBias,
      Workspace workspace) {
    Normalization by =
        Checks.present("normalization", normalization)
            .gradient(takesNormalization, dual.batch(), dual.inChannels(), problem.resultPlane());
    Operands a =
        Workspace.begin(workspace)
            .reads("indices", indices, 0, problem.entriesSize())
            .reads("values", values, 0, problem.entriesSize())
            .reads("weight", weight, 0, dual.weightSize())
            .reads("grad_output", gradOutput, 0, dual.inputSize())
            .reads("output", output, 0, dual.inputSize())
            .mayWrite("grad_values", gradValues, 0, problem.entriesSize())
            .writes("grad_weight", gradWeight, 0, dual.weightSize())
            .mayWrite("grad_bias", gradBias, 0, dual.inChannels())
            .operands();
    a.input = values;
    a.indices = indices;
    a.weight = weight;
    a.gradOutput = gradOutput;
    a.gradientNormalization = by;
    a.normalizedInput = output;
    a.gradInput = gradValues;
    a.gradWeight = gradWeight;
    a.gradBias = gradBias;
    a.inputAt = a.indicesAt = a.weightAt = a.gradOutputAt = a.normalizedInputAt = 0;
    a.gradInputAt = a.gradWeightAt = a.gradBiasAt = 0;
    workspace.run(backwardKernels);
  }
}
