package io.github.lanewise.kernel;

import io.github.lanewise.internal.ChannelProblem;
import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.FloatSum;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.IndexedProblem;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PoolingGeometry;
import java.util.Arrays;

/**
 * Max unpooling, as in {@code torch.nn.functional.max_unpool1d} and {@code max_unpool2d}: puts each
 * value back where {@link MaxPooling} took it from, among zeros. Planned once for one shape.
 *
 * <p>Shapes, row-major: input and indices (batch, channels, H, W), output (batch, channels, H',
 * W'); in one dimension H and H' are absent. The default output size is
 *
 * <pre>H' = (H − 1) · stride − 2 · padding + kernel_size</pre>
 *
 * <p>and likewise W'; a size between that minus stride and that plus stride, both excluded, may be
 * given instead.
 *
 * <pre>
 * output[n][c][indices[n][c][y][x]] = input[n][c][y][x], zero or fillValue[c] elsewhere
 * gradInput[n][c][y][x]             = gradOutput[n][c][indices[n][c][y][x]]
 * </pre>
 *
 * <p>An index is flat within its output plane, h · W' + w. Indices outside the plane are refused
 * with position and value before anything is written. Where an index occurs twice in a plane, which
 * overlapping windows cause, PyTorch leaves the result open; here the last value in row-major order
 * wins, for every backend and number of threads, or the call is refused: {@link Duplicates}. What
 * gradient the overwritten values get is chosen by {@link DuplicateGradient}.
 *
 * <p>A plan is immutable and may be shared between threads, each with a {@link Workspace} of its
 * own. The passes write their result arrays whole, allocate nothing once the workspace has grown,
 * and give the same bits for every {@link Parallelism}.
 */
public final class MaxUnpooling {
  /** What happens when an index occurs more than once in a plane. */
  public enum Duplicates {
    /** The last value in row-major order is the one written; the default. */
    LAST_WINS,
    /** The call is refused, in both passes, before anything is written. */
    REJECT
  }

  /** What gradient values get whose index occurs more than once in a plane. */
  public enum DuplicateGradient {
    /** All get the gradient of their position, as in PyTorch; the default. */
    EVERY,
    /** The value that was written gets it, the others zero: the true gradient of LAST_WINS. */
    WINNER_ONLY
  }

  private final int[] inputShape;
  private final int[] outputShape;
  private final IndexedProblem problem;

  /** The entry in whose window of the pooling each output position lies, or -1 if in none. */
  private final int[] owners;

  private final Implementation<IndexedProblem> forward;
  private final Implementation<IndexedProblem> backward;
  private final Kernel[] forwardKernels;
  private final Kernel[] backwardKernels;
  private final Kernel[] backwardFillKernels;

  private MaxUnpooling(Builder b, int[] size) {
    inputShape =
        b.dimensions == 1
            ? new int[] {b.batch, b.channels, b.width}
            : new int[] {b.batch, b.channels, b.height, b.width};
    outputShape =
        b.dimensions == 1
            ? new int[] {b.batch, b.channels, size[1]}
            : new int[] {b.batch, b.channels, size[0], size[1]};
    problem =
        new IndexedProblem(
            b.batch,
            b.channels,
            b.height * b.width,
            size[0] * size[1],
            b.duplicates == Duplicates.REJECT,
            b.gradient == DuplicateGradient.WINNER_ONLY,
            b.geometry.unpooling(size));
    owners = b.geometry.owners(size);
    forward = Implementation.first(Backend.KERNELS.maxUnpoolingForward(), problem);
    backward = Implementation.first(Backend.KERNELS.maxUnpoolingBackward(), problem);
    forwardKernels = forward.kernels(problem);
    backwardKernels = backward.kernels(problem);
    backwardFillKernels = withFillValue(backwardKernels, b.batch, b.channels);
  }

  /** The kernels of the backward pass, and those that leave the fill value's gradient. */
  private Kernel[] withFillValue(Kernel[] backward, int batch, int channels) {
    ChannelProblem sums = new ChannelProblem(batch, channels, problem.plane());
    Kernel[] sum = Implementation.first(Backend.KERNELS.channelSum(), sums).kernels(sums);
    Kernel[] all = Arrays.copyOf(backward, backward.length + sum.length + 1);
    System.arraycopy(sum, 0, all, backward.length, sum.length);
    all[all.length - 1] = new LessValues(problem);
    return all;
  }

  /** Takes what belongs to the values off the sums of whole planes, a task a channel. */
  private record LessValues(IndexedProblem p) implements Kernel {
    @Override
    public int tasks() {
      return p.channels();
    }

    @Override
    public void run(int channel, Operands a, float[] scratch, int shared, int own) {
      double sum = a.gradBias[a.gradBiasAt + channel];
      for (int image = 0; image < p.batch(); image++) {
        int from = a.gradInputAt + (image * p.channels() + channel) * p.entries();
        sum -= FloatSum.of(a.gradInput, from, p.entries());
      }
      a.gradBias[a.gradBiasAt + channel] = (float) sum;
    }
  }

  /**
   * Begins the plan of a one-dimensional unpooling.
   *
   * @param batch images, N
   * @param channels channels, C
   * @param length length of the unpooling's input, which is the pooling's output
   * @param kernelSize window length of the pooling
   * @return the builder of a plan
   * @throws IllegalArgumentException if a size is below 1
   */
  public static Builder maxUnpool1d(int batch, int channels, int length, int kernelSize) {
    return new Builder(1, batch, channels, 1, length, kernelSize);
  }

  /**
   * Begins the plan of a two-dimensional unpooling.
   *
   * @param batch images, N
   * @param channels channels, C
   * @param height height of the unpooling's input, which is the pooling's output
   * @param width width of the unpooling's input
   * @param kernelSize window height and width of the pooling, or one value for both
   * @return the builder of a plan
   * @throws IllegalArgumentException if a size is below 1 or kernelSize has not one or two values
   */
  public static Builder maxUnpool2d(
      int batch, int channels, int height, int width, int... kernelSize) {
    return new Builder(2, batch, channels, height, width, kernelSize);
  }

  /** The optional arguments of a plan: PyTorch's by its names, and what PyTorch leaves open. */
  public static final class Builder {
    private final int dimensions;
    private final int batch;
    private final int channels;
    private final int height;
    private final int width;
    private final PoolingGeometry geometry;
    private Duplicates duplicates = Duplicates.LAST_WINS;
    private DuplicateGradient gradient = DuplicateGradient.EVERY;

    private Builder(
        int dimensions, int batch, int channels, int height, int width, int... kernelSize) {
      this.dimensions = dimensions;
      this.batch = batch;
      this.channels = channels;
      this.height = height;
      this.width = width;
      int[] size = dimensions == 1 ? new int[] {width} : new int[] {height, width};
      geometry = new PoolingGeometry(dimensions, batch, channels, size, kernelSize);
    }

    /**
     * The pooling's stride, default the kernel size.
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
     * The pooling's padding, default 0.
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
     * The output's size, which is the pooling's input size; a pooling that rounded down has lost
     * it.
     *
     * @param outputSize one value, or one an axis, at least 1; the legal range is from {@link
     *     #leastOutputSize} to {@link #mostOutputSize}
     * @return this builder
     * @throws IllegalArgumentException if a value is below 1 or their number is wrong
     */
    public Builder outputSize(int... outputSize) {
      geometry.outputSize(outputSize);
      return this;
    }

    /**
     * The smallest output size that may be given with the arguments so far.
     *
     * @return the size, one value an axis
     * @throws IllegalArgumentException if padding is more than half the kernel, or leaves nothing
     *     of any output
     */
    public int[] leastOutputSize() {
      return geometry.leastUnpooledSize();
    }

    /**
     * The largest output size that may be given with the arguments so far.
     *
     * @return the size, one value an axis
     * @throws IllegalArgumentException if padding is more than half the kernel or leaves nothing of
     *     any output, or a size is more than Java allows
     */
    public int[] mostOutputSize() {
      return geometry.mostUnpooledSize();
    }

    /**
     * What to do when an index occurs more than once in a plane.
     *
     * @param duplicates the policy, default {@link Duplicates#LAST_WINS}
     * @return this builder
     * @throws IllegalArgumentException if it is {@code null}
     */
    public Builder duplicates(Duplicates duplicates) {
      this.duplicates = Checks.present("duplicates", duplicates);
      return this;
    }

    /**
     * What gradient values get whose index occurs more than once in a plane.
     *
     * @param gradient the policy, default {@link DuplicateGradient#EVERY}
     * @return this builder
     * @throws IllegalArgumentException if it is {@code null}
     */
    public Builder duplicateGradient(DuplicateGradient gradient) {
      this.gradient = Checks.present("duplicate_gradient", gradient);
      return this;
    }

    /**
     * Checks the arguments together and plans the two passes.
     *
     * @return the plan
     * @throws IllegalArgumentException if padding is more than half the kernel, the output size is
     *     out of its range, or an array would have more elements than Java allows
     */
    public MaxUnpooling build() {
      return new MaxUnpooling(this, geometry.unpooledSize());
    }
  }

  /** {@return elements of the input, and of the indices} */
  public int inputSize() {
    return problem.entriesSize();
  }

  /** {@return elements of the output} */
  public int outputSize() {
    return problem.planesSize();
  }

  /** {@return the input's shape: (batch, channels, H, W), in one dimension without H} */
  public int[] inputShape() {
    return inputShape.clone();
  }

  /** {@return the output's shape: (batch, channels, H', W'), in one dimension without H'} */
  public int[] outputShape() {
    return outputShape.clone();
  }

  /**
   * Whether each index lies in the window of the pooling that it belongs to, as those of a pooling
   * do, and windows do not overlap: then no index occurs twice in a plane.
   *
   * @param indices (batch, channels, H, W)
   * @return false also if an index is outside of its plane, or the plane has more than 262,144
   *     positions: then nobody looked
   * @throws IllegalArgumentException if the array is too short
   */
  public boolean areDisjoint(int[] indices) {
    Checks.array("indices", indices, 0, problem.entriesSize());
    if (owners == null) {
      return false;
    }
    int entries = problem.entries();
    int wrong = 0;
    for (int plane = 0; plane < problem.planes() && wrong == 0; plane++) {
      int from = plane * entries;
      for (int e = 0; e < entries; e++) {
        int index = indices[from + e];
        if (index < 0 || index >= owners.length) {
          return false;
        }
        wrong |= owners[index] ^ e;
      }
    }
    return wrong == 0;
  }

  /**
   * Floats of scratch memory that the larger of the two passes needs.
   *
   * @param parallelism the threads that will work
   * @return floats
   */
  public long workspaceSize(Parallelism parallelism) {
    return Math.max(
        Workspace.need(forwardKernels, Parallelism.width(parallelism)),
        Workspace.need(backwardFillKernels, Parallelism.width(parallelism)));
  }

  /** {@return the implementations chosen for the two passes, for logs and benchmarks} */
  public String describe() {
    return "forward " + forward.name() + ", backward " + backward.name();
  }

  /**
   * Puts the values at their indices, among zeros.
   *
   * @param input (batch, channels, H, W)
   * @param indices (batch, channels, H, W)
   * @param output written: (batch, channels, H', W')
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, the output overlaps the input, or an
   *     index is refused; then nothing was written
   */
  public void forward(float[] input, int[] indices, float[] output, Workspace workspace) {
    forward(input, 0, indices, 0, null, 0, output, 0, workspace);
  }

  /**
   * Puts the values at their indices, among zeros or a fill value, in arrays that begin at an
   * offset. A fill value is what unpooling becomes after a function of each channel's elements.
   *
   * @param input (batch, channels, H, W)
   * @param inputOffset index of the first element
   * @param indices (batch, channels, H, W)
   * @param indicesOffset index of the first element
   * @param fillValue (channels), or {@code null} for 0
   * @param fillValueOffset index of the first element
   * @param output written: (batch, channels, H', W')
   * @param outputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, the output overlaps another array,
   *     or an index is refused; then nothing was written
   */
  public void forward(
      float[] input,
      int inputOffset,
      int[] indices,
      int indicesOffset,
      float[] fillValue,
      int fillValueOffset,
      float[] output,
      int outputOffset,
      Workspace workspace) {
    Operands a =
        Workspace.begin(workspace)
            .reads("indices", indices, indicesOffset, problem.entriesSize())
            .reads("input", input, inputOffset, problem.entriesSize())
            .mayRead("fill_value", fillValue, fillValueOffset, problem.channels())
            .writes("output", output, outputOffset, problem.planesSize())
            .operands();
    a.input = input;
    a.inputAt = inputOffset;
    a.indices = indices;
    a.indicesAt = indicesOffset;
    a.fillValue = fillValue;
    a.fillValueAt = fillValueOffset;
    a.output = output;
    a.outputAt = outputOffset;
    workspace.run(forwardKernels);
  }

  /**
   * Computes the gradient with respect to the input.
   *
   * @param gradOutput (batch, channels, H', W')
   * @param indices (batch, channels, H, W)
   * @param gradInput written: (batch, channels, H, W)
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, the result overlaps grad_output, or
   *     an index is refused; then nothing was written
   */
  public void backward(float[] gradOutput, int[] indices, float[] gradInput, Workspace workspace) {
    backward(gradOutput, 0, indices, 0, gradInput, 0, null, 0, workspace);
  }

  /**
   * Computes the gradients with respect to the input and the fill value, of arrays that begin at an
   * offset.
   *
   * @param gradOutput (batch, channels, H', W')
   * @param gradOutputOffset index of the first element
   * @param indices (batch, channels, H, W)
   * @param indicesOffset index of the first element
   * @param gradInput written: (batch, channels, H, W)
   * @param gradInputOffset index of the first element
   * @param gradFillValue written: (channels), the sum of gradOutput over a channel's positions that
   *     no index names, if no index occurs twice in a plane; or {@code null} if not wanted
   * @param gradFillValueOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, a result overlaps another array, or
   *     an index is refused; then nothing was written
   */
  public void backward(
      float[] gradOutput,
      int gradOutputOffset,
      int[] indices,
      int indicesOffset,
      float[] gradInput,
      int gradInputOffset,
      float[] gradFillValue,
      int gradFillValueOffset,
      Workspace workspace) {
    Operands a =
        Workspace.begin(workspace)
            .reads("indices", indices, indicesOffset, problem.entriesSize())
            .reads("grad_output", gradOutput, gradOutputOffset, problem.planesSize())
            .writes("grad_input", gradInput, gradInputOffset, problem.entriesSize())
            .mayWrite("grad_fill_value", gradFillValue, gradFillValueOffset, problem.channels())
            .operands();
    a.gradOutput = gradOutput;
    a.gradOutputAt = gradOutputOffset;
    a.indices = indices;
    a.indicesAt = indicesOffset;
    a.gradInput = gradInput;
    a.gradInputAt = gradInputOffset;
    a.gradBias = gradFillValue;
    a.gradBiasAt = gradFillValueOffset;
    workspace.run(gradFillValue == null ? backwardKernels : backwardFillKernels);
  }
}
