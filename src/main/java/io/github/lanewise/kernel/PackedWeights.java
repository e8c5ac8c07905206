package io.github.lanewise.kernel;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;

/**
 * Weight and bias of a convolution as its forward pass uses them, packed once for many calls: for
 * inference, where weights stay and batches are small, so that packing them in each call would take
 * up to as long as the arithmetic. Made by {@link Convolution#packWeights} and {@link
 * TransposedConvolution#packWeights}.
 *
 * <p>It is a copy: arrays that change later change nothing here. It is immutable and may be shared
 * between threads, each with a {@link Workspace} of its own.
 */
public final class PackedWeights {
  private final Kernel[] kernels;

  /** Whether the problem is the dual of a transposed convolution. */
  private final boolean transposed;

  private final int inputSize;
  private final int outputSize;
  private final int[] outputShape;

  /** {@code null} if the kernels use the weights as they are. */
  private final float[] packed;

  private final float[] weight;

  /** {@code null} for none. */
  private final float[] bias;

  PackedWeights(
      ConvolutionProblem p,
      Implementation<ConvolutionProblem> pass,
      Kernel[] kernels,
      boolean transposed,
      int[] outputShape,
      float[] weight,
      float[] bias) {
    this.kernels = kernels;
    this.transposed = transposed;
    inputSize = transposed ? p.outputSize() : p.inputSize();
    outputSize = transposed ? p.inputSize() : p.outputSize();
    this.outputShape = outputShape;
    int channels = outputShape[1];
    Checks.array("weight", weight, 0, p.weightSize());
    if (bias != null) {
      Checks.array("bias", bias, 0, channels);
    }
    this.bias = bias == null ? null : Arrays.copyOf(bias, channels);
    Kernel packs = pass.weights(p);
    packed = packs == null ? null : pack(packs, weight, bias);
    this.weight = packs == null ? Arrays.copyOf(weight, p.weightSize()) : null;
  }

  private static float[] pack(Kernel kernel, float[] weight, float[] bias) {
    int shared = CacheLine.FIRST;
    long own = shared + CacheLine.up(kernel.sharedScratch());
    float[] packed = new float[Math.toIntExact(CacheLine.aligned(own + kernel.taskScratch()))];
    Operands a = new Operands();
    a.weight = weight;
    a.bias = bias;
    for (int task = 0; task < kernel.tasks(); task++) {
      kernel.run(task, a, packed, shared, (int) own);
    }
    return packed;
  }

  /**
   * Computes the output: the same bits as the plan's forward pass.
   *
   * @param input (batch, in_channels, H, W)
   * @param output written: (batch, out_channels, H', W')
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or both overlap
   */
  public void forward(float[] input, float[] output, Workspace workspace) {
    forward(input, 0, output, 0, workspace);
  }

  /**
   * Computes the output of arrays that begin at an offset: the same bits as the plan's forward
   * pass.
   *
   * @param input (batch, in_channels, H, W)
   * @param inputOffset index of the first element
   * @param output written: (batch, out_channels, H', W')
   * @param outputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or both overlap
   */
  public void forward(
      float[] input, int inputOffset, float[] output, int outputOffset, Workspace workspace) {
    Operands a =
        Workspace.begin(workspace)
            .reads("input", input, inputOffset, inputSize)
            .writes("output", output, outputOffset, outputSize)
            .operands();
    ConvolutionPasses.through(a, transposed, input, inputOffset, output, outputOffset);
    a.packedWeights = packed;
    a.weight = weight;
    a.weightAt = 0;
    a.bias = bias;
    a.biasAt = 0;
    workspace.run(kernels);
  }

  /**
   * Floats of scratch memory that the forward pass needs.
   *
   * @param parallelism the threads that will work
   * @return their number
   */
  public long workspaceSize(Parallelism parallelism) {
    return Workspace.need(kernels, Parallelism.width(parallelism));
  }

  /**
   * Elements of the input.
   *
   * @return their number
   */
  public int inputSize() {
    return inputSize;
  }

  /**
   * Elements of the output.
   *
   * @return their number
   */
  public int outputSize() {
    return outputSize;
  }

  /** {@return the output's shape: (batch, out_channels, H', W'), in one dimension without H'} */
  public int[] outputShape() {
    return outputShape.clone();
  }

  /**
   * Memory that the weights take.
   *
   * @return floats held
   */
  public int floats() {
    return (packed == null ? weight : packed).length;
  }
}
