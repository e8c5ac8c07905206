package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.ConvolutionGeometry;
import io.github.lanewise.internal.ConvolutionProblem;

/**
 * A convolution (cross-correlation, as in {@code torch.nn.functional.conv1d} and {@code conv2d})
 * with its three passes, planned once for one shape.
 *
 * <p>Shapes, row-major: input (batch, in_channels, H, W), weight (out_channels, in_channels /
 * groups, kernel H, kernel W), bias (out_channels), output (batch, out_channels, H', W') with
 *
 * <pre>H' = ⌊(H + 2 · padding − dilation · (kernel_size − 1) − 1) / stride⌋ + 1</pre>
 *
 * and likewise W'; in one dimension H, kernel H and H' are absent.
 *
 * <pre>
 * output[n][o][y][x] = bias[o] + Σ(i, kh, kw) weight[o][i][kh][kw]
 *                      · input[n][g·in_channels/groups + i]
 *                             [y·stride + kh·dilation − padding][x·stride + kw·dilation − padding]
 * </pre>
 *
 * where g = ⌊o · groups / out_channels⌋ is the group of o, and i counts the input channels in it.
 *
 * <p>A plan is immutable and may be shared between threads, each with a {@link Workspace} of its
 * own. The passes write their result arrays whole, allocate nothing once the workspace has grown,
 * and give the same bits for every {@link Parallelism}.
 *
 * <p>Padding may take part as zeros that are multiplied: beside it, an infinite or NaN weight may
 * give NaN where a kernel that skips padding gives a number. The scalar kernels skip it.
 */
public final class Convolution {
  private final ConvolutionPasses passes;
  private final int dimensions;

  private Convolution(ConvolutionProblem problem, int dimensions) {
    this.dimensions = dimensions;
    passes = new ConvolutionPasses(problem, false);
  }

  /**
   * Begins the plan of a one-dimensional convolution.
   *
   * @param batch images, N
   * @param inChannels input channels
   * @param outChannels output channels
   * @param length input length
   * @param kernelSize kernel length
   * @return the builder of a plan
   * @throws IllegalArgumentException if a size is below 1
   */
  public static Builder conv1d(
      int batch, int inChannels, int outChannels, int length, int kernelSize) {
    return new Builder(
        1,
        new ConvolutionGeometry(
            1, batch, inChannels, outChannels, new int[] {length}, new int[] {kernelSize}));
  }

  /**
   * Begins the plan of a two-dimensional convolution.
   *
   * @param batch images, N
   * @param inChannels input channels
   * @param outChannels output channels
   * @param height input height
   * @param width input width
   * @param kernelSize kernel height and width, or one value for both
   * @return the builder of a plan
   * @throws IllegalArgumentException if a size is below 1
   */
  public static Builder conv2d(
      int batch, int inChannels, int outChannels, int height, int width, int... kernelSize) {
    return new Builder(
        2,
        new ConvolutionGeometry(
            2, batch, inChannels, outChannels, new int[] {height, width}, kernelSize));
  }

  /** The optional arguments of a plan, by PyTorch's names. */
  public static final class Builder {
    private final int dimensions;
    private final ConvolutionGeometry geometry;

    private Builder(int dimensions, ConvolutionGeometry geometry) {
      this.dimensions = dimensions;
      this.geometry = geometry;
    }

    /**
     * Steps between windows, default 1.
     *
     * @param stride one value, or one an axis, at least 1
     * @return this builder
     * @throws IllegalArgumentException if a value is out of range or their number is wrong
     */
    public Builder stride(int... stride) {
      geometry.stride(stride);
      return this;
    }

    /**
     * Zeros on each side, default 0.
     *
     * @param padding one value, or one an axis, at least 0
     * @return this builder
     * @throws IllegalArgumentException if a value is out of range or their number is wrong
     */
    public Builder padding(int... padding) {
      geometry.padding(padding);
      return this;
    }

    /**
     * Distance of neighbouring kernel positions, default 1.
     *
     * @param dilation one value, or one an axis, at least 1
     * @return this builder
     * @throws IllegalArgumentException if a value is out of range or their number is wrong
     */
    public Builder dilation(int... dilation) {
      geometry.dilation(dilation);
      return this;
    }

    /**
     * Blocks of channels that do not mix, default 1; as many as in_channels make a depthwise
     * convolution.
     *
     * @param groups a divisor of both channel counts
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder groups(int groups) {
      geometry.groups(groups);
      return this;
    }

    /**
     * Checks the arguments together and plans the three passes.
     *
     * @return the plan
     * @throws IllegalArgumentException if groups does not divide the channels, the kernel is larger
     *     than the padded input, an array would have more elements than Java allows, or input size
     *     + 2 · padding + dilation · (kernel_size − 1) + 1 + stride is above 536,870,911 along an
     *     axis
     */
    public Convolution build() {
      return new Convolution(geometry.convolution(), dimensions);
    }
  }

  /** {@return elements of the input} */
  public int inputSize() {
    return passes.inputSize;
  }

  /** {@return elements of the weight} */
  public int weightSize() {
    return passes.weightSize;
  }

  /** {@return elements of the output} */
  public int outputSize() {
    return passes.outputSize;
  }

  /** {@return the output's shape: (batch, out_channels, H', W'), in one dimension without H'} */
  public int[] outputShape() {
    return passes.outputShape(dimensions);
  }

  /**
   * Floats of scratch memory that the largest of the three passes needs.
   *
   * @param parallelism the threads that will work
   * @return floats
   */
  public long workspaceSize(Parallelism parallelism) {
    return passes.workspaceSize(parallelism);
  }

  /** {@return the implementations chosen for the three passes, for logs and benchmarks} */
  public String describe() {
    return passes.describe();
  }

  /**
   * Computes the output.
   *
   * @param input (batch, in_channels, H, W)
   * @param weight (out_channels, in_channels / groups, kernel H, kernel W)
   * @param bias (out_channels), or {@code null} for none
   * @param output written: (batch, out_channels, H', W')
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or the output overlaps another array
   */
  public void forward(
      float[] input, float[] weight, float[] bias, float[] output, Workspace workspace) {
    forward(input, 0, weight, 0, bias, 0, output, 0, workspace);
  }

  /**
   * Computes the output of arrays that begin at an offset.
   *
   * @param input (batch, in_channels, H, W) from {@code inputOffset} on
   * @param inputOffset index of the first element
   * @param weight (out_channels, in_channels / groups, kernel H, kernel W)
   * @param weightOffset index of the first element
   * @param bias (out_channels), or {@code null} for none
   * @param biasOffset index of the first element
   * @param output written: (batch, out_channels, H', W')
   * @param outputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or the output overlaps another array
   */
  public void forward(
      float[] input,
      int inputOffset,
      float[] weight,
      int weightOffset,
      float[] bias,
      int biasOffset,
      float[] output,
      int outputOffset,
      Workspace workspace) {
    passes.forward(
        input,
        inputOffset,
        null,
        weight,
        weightOffset,
        bias,
        biasOffset,
        output,
        outputOffset,
        workspace);
  }

  /**
   * Computes the gradient with respect to the input.
   *
   * @param gradOutput (batch, out_channels, H', W')
   * @param weight (out_channels, in_channels / groups, kernel H, kernel W)
   * @param gradInput written: (batch, in_channels, H, W)
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or the result overlaps another array
   */
  public void backwardInput(
      float[] gradOutput, float[] weight, float[] gradInput, Workspace workspace) {
    backwardInput(gradOutput, 0, weight, 0, gradInput, 0, workspace);
  }

  /**
   * Computes the gradient with respect to the input, of arrays that begin at an offset.
   *
   * @param gradOutput (batch, out_channels, H', W')
   * @param gradOutputOffset index of the first element
   * @param weight (out_channels, in_channels / groups, kernel H, kernel W)
   * @param weightOffset index of the first element
   * @param gradInput written: (batch, in_channels, H, W)
   * @param gradInputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or the result overlaps another array
   */
  public void backwardInput(
      float[] gradOutput,
      int gradOutputOffset,
      float[] weight,
      int weightOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    passes.backwardInput(
        gradOutput, gradOutputOffset, weight, weightOffset, gradInput, gradInputOffset, workspace);
  }

  /**
   * Computes the gradient with respect to the weight. Padding may take part as zeros that are
   * multiplied, so that an infinite gradient beside it may turn weights' gradients to NaN.
   *
   * @param input (batch, in_channels, H, W)
   * @param gradOutput (batch, out_channels, H', W')
   * @param gradWeight written: (out_channels, in_channels / groups, kernel H, kernel W)
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or the result overlaps another array
   */
  public void backwardWeight(
      float[] input, float[] gradOutput, float[] gradWeight, Workspace workspace) {
    backwardWeight(input, 0, gradOutput, 0, gradWeight, 0, workspace);
  }

  /**
   * Computes the gradient with respect to the weight, of arrays that begin at an offset.
   *
   * @param input (batch, in_channels, H, W)
   * @param inputOffset index of the first element
   * @param gradOutput (batch, out_channels, H', W')
   * @param gradOutputOffset index of the first element
   * @param gradWeight written: (out_channels, in_channels / groups, kernel H, kernel W)
   * @param gradWeightOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or the result overlaps another array
   */
  public void backwardWeight(
      float[] input,
      int inputOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradWeight,
      int gradWeightOffset,
      Workspace workspace) {
    passes.backwardWeight(
        input,
        inputOffset,
        null,
        gradOutput,
        gradOutputOffset,
        gradWeight,
        gradWeightOffset,
        workspace);
  }

  /**
   * Computes the gradient with respect to the bias: the sum of {@code gradOutput} over each
   * channel.
   *
   * @param gradOutput (batch, out_channels, H', W')
   * @param gradBias written: (out_channels)
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or the result overlaps another array
   */
  public void backwardBias(float[] gradOutput, float[] gradBias, Workspace workspace) {
    backwardBias(gradOutput, 0, gradBias, 0, workspace);
  }

  /**
   * Computes the gradient with respect to the bias, of arrays that begin at an offset.
   *
   * @param gradOutput (batch, out_channels, H', W')
   * @param gradOutputOffset index of the first element
   * @param gradBias written: (out_channels)
   * @param gradBiasOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or the result overlaps another array
   */
  public void backwardBias(
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradBias,
      int gradBiasOffset,
      Workspace workspace) {
    passes.backwardBias(gradOutput, gradOutputOffset, gradBias, gradBiasOffset, workspace);
  }

  /**
   * Packs weight and bias for forward passes again and again, as inference does: {@link
   * PackedWeights#forward}. It allocates.
   *
   * @param weight (out_channels, in_channels / groups, kernel H, kernel W)
   * @param bias (out_channels), or {@code null} for none
   * @return a copy with a forward pass of its own
   * @throws IllegalArgumentException if an array is too short
   */
  public PackedWeights packWeights(float[] weight, float[] bias) {
    return passes.packWeights(dimensions, weight, bias);
  }

  /**
   * Whether {@link #forward(float[], FusedNormalization, float[], float[], float[], Workspace)} and
   * {@link #backwardWeight(float[], FusedNormalization, float[], float[], Workspace)} can be
   * called: it depends on the kernels chosen, which do where there are few channels.
   *
   * @return true if both can
   */
  public boolean takesNormalization() {
    return passes.takesNormalization();
  }

  /**
   * Computes the output from an input that a batch normalisation has yet to normalise.
   *
   * @param input (batch, in_channels, H, W), the input of the normalisation
   * @param normalization after its forward pass
   * @param weight (out_channels, in_channels / groups, kernel H, kernel W)
   * @param bias (out_channels), or {@code null} for none
   * @param output written: (batch, out_channels, H', W')
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if the plan does not {@link #takesNormalization take a
   *     normalisation} or not this one's shape, an array is too short or the output overlaps
   *     another array
   * @throws IllegalStateException if the normalisation's forward pass has not been run
   */
  public void forward(
      float[] input,
      FusedNormalization normalization,
      float[] weight,
      float[] bias,
      float[] output,
      Workspace workspace) {
    Checks.present("normalization", normalization);
    passes.forward(input, 0, normalization, weight, 0, bias, 0, output, 0, workspace);
  }

  /**
   * Computes the gradient with respect to the weight, from an input that a batch normalisation has
   * yet to normalise.
   *
   * @param input (batch, in_channels, H, W), the input of the normalisation
   * @param normalization after its forward pass
   * @param gradOutput (batch, out_channels, H', W')
   * @param gradWeight written: (out_channels, in_channels / groups, kernel H, kernel W)
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if the plan does not {@link #takesNormalization take a
   *     normalisation} or not this one's shape, an array is too short or the result overlaps
   *     another array
   * @throws IllegalStateException if the normalisation's forward pass has not been run
   */
  public void backwardWeight(
      float[] input,
      FusedNormalization normalization,
      float[] gradOutput,
      float[] gradWeight,
      Workspace workspace) {
    Checks.present("normalization", normalization);
    passes.backwardWeight(input, 0, normalization, gradOutput, 0, gradWeight, 0, workspace);
  }
}
