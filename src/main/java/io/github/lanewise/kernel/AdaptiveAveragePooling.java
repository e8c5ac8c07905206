package io.github.lanewise.kernel;

import io.github.lanewise.internal.PoolingGeometry;
import io.github.lanewise.internal.PoolingProblem;

/**
 * Adaptive average pooling, as in {@code torch.nn.functional.adaptive_avg_pool1d} and {@code
 * adaptive_avg_pool2d}: the output has the size asked for, whatever the input's.
 *
 * <p>Shapes, row-major: input (batch, channels, H, W), output (batch, channels, H', W'); in one
 * dimension H and H' are absent. Output row y covers the input rows
 *
 * <pre>[⌊y · H / H'⌋, ⌈(y + 1) · H / H'⌉)</pre>
 *
 * <p>and likewise the columns; windows overlap by one row where H' does not divide H.
 *
 * <p>The output is the sum of a window divided by its elements; the gradient spreads {@code
 * gradOutput / elements} over the window and adds up where windows overlap.
 *
 * <p>A plan is immutable and may be shared between threads, each with a {@link Workspace} of its
 * own. The passes write their result arrays whole, allocate nothing once the workspace has grown,
 * and give the same bits for every {@link Parallelism}.
 */
public final class AdaptiveAveragePooling {
  private final PoolingProblem problem;
  private final AveragePoolingPasses passes;
  private final int dimensions;

  private AdaptiveAveragePooling(PoolingProblem problem, int dimensions) {
    this.problem = problem;
    this.dimensions = dimensions;
    passes = new AveragePoolingPasses(problem);
  }

  /**
   * Begins the plan of a one-dimensional adaptive average pooling.
   *
   * @param batch images, N
   * @param channels channels, C
   * @param length input length
   * @param outputSize output length
   * @return the builder of a plan
   * @throws IllegalArgumentException if a size is below 1 or an array would have more elements than
   *     Java allows
   */
  public static Builder adaptiveAvgPool1d(int batch, int channels, int length, int outputSize) {
    return new Builder(1, batch, channels, new int[] {length}, outputSize);
  }

  /**
   * Begins the plan of a two-dimensional adaptive average pooling.
   *
   * @param batch images, N
   * @param channels channels, C
   * @param height input height
   * @param width input width
   * @param outputSize output height and width, or one value for both
   * @return the builder of a plan
   * @throws IllegalArgumentException if a size is below 1, outputSize has not one or two values, or
   *     an array would have more elements than Java allows
   */
  public static Builder adaptiveAvgPool2d(
      int batch, int channels, int height, int width, int... outputSize) {
    return new Builder(2, batch, channels, new int[] {height, width}, outputSize);
  }

  /** The arguments of a plan; there are no optional ones. */
  public static final class Builder {
    private final int dimensions;
    private final PoolingProblem problem;

    private Builder(int dimensions, int batch, int channels, int[] size, int... outputSize) {
      this.dimensions = dimensions;
      problem = PoolingGeometry.adaptive(dimensions, batch, channels, size, outputSize);
    }

    /**
     * Plans the two passes.
     *
     * @return the plan
     */
    public AdaptiveAveragePooling build() {
      return new AdaptiveAveragePooling(problem, dimensions);
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
