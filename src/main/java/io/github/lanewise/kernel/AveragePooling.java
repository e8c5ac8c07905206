package io.github.lanewise.kernel;

import io.github.lanewise.internal.PoolingGeometry;
import io.github.lanewise.internal.PoolingProblem;

/**
 * Average pooling, as in {@code torch.nn.functional.avg_pool1d} and {@code avg_pool2d}, planned
 * once for one shape.
 *
 * <p>Shapes, row-major: input (batch, channels, H, W), output (batch, channels, H', W') with
 *
 * <pre>H' = ⌊(H + 2 · padding − kernel_size) / stride⌋ + 1</pre>
 *
 * <p>and likewise W'; ceil_mode rounds up, but drops a last window that would begin in the right
 * padding. In one dimension H and H' are absent.
 *
 * <pre>
 * output[n][c][y][x] = (Σ(kh, kw) input[n][c][y·stride + kh − padding][x·stride + kw − padding]) / divisor
 * gradInput          = Σ gradOutput / divisor over the windows that see the element
 * </pre>
 *
 * <p>The divisor counts the positions of the window: with count_include_pad those in the padding
 * too, but not what a window of ceil_mode has beyond it; else those in the input only.
 * divisor_override replaces both. The sum is divided, not multiplied by a reciprocal.
 *
 * <p>A plan is immutable and may be shared between threads, each with a {@link Workspace} of its
 * own. The passes write their result arrays whole, allocate nothing once the workspace has grown,
 * and give the same bits for every {@link Parallelism}.
 */
public final class AveragePooling {
  private final PoolingProblem problem;
  private final AveragePoolingPasses passes;
  private final int dimensions;

  private AveragePooling(PoolingProblem problem, int dimensions) {
    this.problem = problem;
    this.dimensions = dimensions;
    passes = new AveragePoolingPasses(problem);
  }

  /**
   * Begins the plan of a one-dimensional average pooling.
   *
   * @param batch images, N
   * @param channels channels, C
   * @param length input length
   * @param kernelSize window length
   * @return the builder of a plan
   * @throws IllegalArgumentException if a size is below 1
   */
  public static Builder avgPool1d(int batch, int channels, int length, int kernelSize) {
    return new Builder(
        1, new PoolingGeometry(1, batch, channels, new int[] {length}, new int[] {kernelSize}));
  }

  /**
   * Begins the plan of a two-dimensional average pooling.
   *
   * @param batch images, N
   * @param channels channels, C
   * @param height input height
   * @param width input width
   * @param kernelSize window height and width, or one value for both
   * @return the builder of a plan
   * @throws IllegalArgumentException if a size is below 1 or kernelSize has not one or two values
   */
  public static Builder avgPool2d(
      int batch, int channels, int height, int width, int... kernelSize) {
    return new Builder(
        2, new PoolingGeometry(2, batch, channels, new int[] {height, width}, kernelSize));
  }

  /** The optional arguments of a plan, by PyTorch's names. */
  public static final class Builder {
    private final int dimensions;
    private final PoolingGeometry geometry;

    private Builder(int dimensions, PoolingGeometry geometry) {
      this.dimensions = dimensions;
      this.geometry = geometry;
    }

    /**
     * Steps between windows, default the kernel size.
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
     * @param padding one value, or one an axis, from 0 to half the kernel size
     * @return this builder
     * @throws IllegalArgumentException if a value is out of range or their number is wrong
     */
    public Builder padding(int... padding) {
      geometry.padding(padding);
      return this;
    }

    /**
     * Whether a last window may reach beyond the padding, default no; it is dropped if it would
     * begin in the right padding.
     *
     * @param ceilMode {@code true} to round the output size up
     * @return this builder
     */
    public Builder ceilMode(boolean ceilMode) {
      geometry.ceilMode(ceilMode);
      return this;
    }

    /**
     * Whether the divisor counts the padding, default yes.
     *
     * @param countIncludePad {@code false} to count input elements only
     * @return this builder
     */
    public Builder countIncludePad(boolean countIncludePad) {
      geometry.countIncludePad(countIncludePad);
      return this;
    }

    /**
     * Divides by this number instead of a count.
     *
     * @param divisorOverride at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder divisorOverride(int divisorOverride) {
      geometry.divisorOverride(divisorOverride);
      return this;
    }

    /**
     * Checks the arguments together and plans the two passes.
     *
     * @return the plan
     * @throws IllegalArgumentException if padding is more than half the kernel, the kernel is
     *     larger than the padded input, an array would have more elements than Java allows, or
     *     input size + 2 · padding + kernel_size + stride is above 536,870,911 along an axis
     */
    public AveragePooling build() {
      return new AveragePooling(geometry.pooling(), dimensions);
    }
  }

  /** {@return elements of the input} */
  public int inputSize() {
    return problem.inputSize();
  }

  /** {@return elements of the output} */
  public int outputSize() {
    return problem.outputSize();
  }

  /** {@return the output's shape: (batch, channels, H', W'), in one dimension without H'} */
  public int[] outputShape() {
    return problem.outputShape(dimensions);
  }

  /**
   * Floats of scratch memory that the larger of the two passes needs.
   *
   * @param parallelism the threads that will work
   * @return floats
   */
  public long workspaceSize(Parallelism parallelism) {
    return passes.workspaceSize(Parallelism.width(parallelism));
  }

  /** {@return the implementations chosen for the two passes, for logs and benchmarks} */
  public String describe() {
    return passes.describe();
  }

  /**
   * Computes the averages.
   *
   * @param input (batch, channels, H, W)
   * @param output written: (batch, channels, H', W')
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or the result overlaps another array
   */
  public void forward(float[] input, float[] output, Workspace workspace) {
    forward(input, 0, output, 0, workspace);
  }

  /**
   * Computes the averages, of arrays that begin at an offset.
   *
   * @param input (batch, channels, H, W)
   * @param inputOffset index of the first element
   * @param output written: (batch, channels, H', W')
   * @param outputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or the result overlaps another array
   */
  public void forward(
      float[] input, int inputOffset, float[] output, int outputOffset, Workspace workspace) {
    passes.forward(input, inputOffset, output, outputOffset, workspace);
  }

  /**
   * Computes the gradient with respect to the input.
   *
   * @param gradOutput (batch, channels, H', W')
   * @param gradInput written: (batch, channels, H, W)
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or the result overlaps another array
   */
  public void backward(float[] gradOutput, float[] gradInput, Workspace workspace) {
    backward(gradOutput, 0, gradInput, 0, workspace);
  }

  /**
   * Computes the gradient with respect to the input, of arrays that begin at an offset.
   *
   * @param gradOutput (batch, channels, H', W')
   * @param gradOutputOffset index of the first element
   * @param gradInput written: (batch, channels, H, W)
   * @param gradInputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or the result overlaps another array
   */
  public void backward(
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    passes.backward(gradOutput, gradOutputOffset, gradInput, gradInputOffset, workspace);
  }
}
