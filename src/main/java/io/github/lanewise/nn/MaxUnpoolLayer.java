package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.kernel.MaxUnpooling;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The work of {@link MaxUnpool1d} and {@link MaxUnpool2d}: the checks of the indices and the plan
 * for the shape of the input.
 */
abstract class MaxUnpoolLayer extends PlannedLayer {
  /** The output size of PyTorch's formula. */
  private static final int[] DEFAULT = {};

  private final int dimensions;
  private final int[] kernelSize;
  private final int[] stride;
  private final int[] padding;
  private final MaxUnpooling.Duplicates duplicates;
  private final MaxUnpooling.DuplicateGradient duplicateGradient;

  /** What the latest forward pass asked for, and what came of it. */
  private int[] outputSize = DEFAULT;

  private int[] planeSize;
  private Indices indices;
  private MaxUnpooling plan;

  /** The latest output if it was left in short, or {@code null}. */
  private Unpooled unpooled;

  private final Consumer<float[]> fill = this::fill;

  MaxUnpoolLayer(MaxUnpoolBuilder<?> b) {
    dimensions = b.dimensions;
    kernelSize = b.kernelSize;
    stride = b.stride;
    padding = b.padding;
    duplicates = b.duplicates;
    duplicateGradient = b.duplicateGradient;
  }

  /**
   * Not enough for unpooling.
   *
   * @param input the input
   * @return never
   * @throws IllegalArgumentException always: the indices are missing
   */
  @Override
  public final Tensor forward(Tensor input) {
    forgetPlan();
    throw new IllegalArgumentException(
        this
            + ": unpooling needs the indices of its pooling; call forward(input, pool.indices()),"
            + " with the output size if it is not the default");
  }

  /**
   * Puts each input value where the pooling had found it, and zeros elsewhere; the size of the
   * output planes is {@code (in − 1) · stride − 2 · padding + kernel_size} along each axis.
   *
   * @param input the pooled values, or what became of them
   * @param indices the indices of the pooling; kept until the backward pass
   * @return the output, valid until the next call
   * @throws IllegalArgumentException if the indices do not have the shape of the input, lie outside
   *     of the output plane, or count in a plane of another size
   */
  public final Tensor forward(Tensor input, Indices indices) {
    return forward(input, indices, DEFAULT);
  }

  /**
   * Puts each input value where the pooling had found it, and zeros elsewhere, in planes of the
   * size of the pooling's input, which several sizes round down to.
   *
   * @param input the pooled values, or what became of them
   * @param indices the indices of the pooling; kept until the backward pass
   * @param outputSize the size of the output planes, less than a stride away from the default
   * @return the output, valid until the next call
   * @throws IllegalArgumentException if the output size is out of range, or if the indices do not
   *     have the shape of the input, lie outside of the output plane, or count in a plane of
   *     another size
   */
  public final Tensor forward(Tensor input, Indices indices, int... outputSize) {
    if (indices == null) {
      forward(input);
    }
    if (!Arrays.equals(outputSize, this.outputSize)) {
      forgetPlan();
      this.outputSize = Checks.present("output_size", outputSize).clone();
    }
    this.indices = indices;
    return super.forward(input);
  }

  /**
   * The smallest output size that may be given for planes of a size.
   *
   * @param inputSize one value for all axes, or one an axis
   * @return the size, one value an axis
   * @throws IllegalArgumentException if padding is more than half the kernel
   */
  public final int[] leastOutputSize(int... inputSize) {
    return builder(1, 1, Axes.of("input size", dimensions, 1, inputSize)).leastOutputSize();
  }

  /**
   * The largest output size that may be given for planes of a size.
   *
   * @param inputSize one value for all axes, or one an axis
   * @return the size, one value an axis
   * @throws IllegalArgumentException if padding is more than half the kernel
   */
  public final int[] mostOutputSize(int... inputSize) {
    return builder(1, 1, Axes.of("input size", dimensions, 1, inputSize)).mostOutputSize();
  }

  private MaxUnpooling.Builder builder(int batch, int channels, int[] size) {
    MaxUnpooling.Builder builder =
        dimensions == 1
            ? MaxUnpooling.maxUnpool1d(batch, channels, size[0], kernelSize[0])
            : MaxUnpooling.maxUnpool2d(batch, channels, size[0], size[1], kernelSize);
    return builder.stride(stride).padding(padding);
  }

  @Override
  final int[] plan(int[] in) {
    checkRank(in, dimensions == 1 ? "NCL" : "NCHW");
    MaxUnpooling.Builder builder = builder(in[0], in[1], Arrays.copyOfRange(in, 2, in.length));
    builder.duplicates(duplicates).duplicateGradient(duplicateGradient);
    if (outputSize.length > 0) {
      builder.outputSize(outputSize);
    }
    plan = builder.build();
    unpooled = null;
    int[] out = plan.outputShape();
    planeSize = Arrays.copyOfRange(out, 2, out.length);
    return out;
  }

  @Override
  final void compute(Tensor input, Tensor output) {
    if (!indices.match(input)) {
      throw new IllegalArgumentException(
          this
              + ": the indices have shape "
              + Tensor.text(indices.shape())
              + " but the input has shape "
              + input.shapeText());
    }
    if (!indices.countIn(planeSize)) {
      throw new IllegalArgumentException(
          this
              + ": the indices count in planes of "
              + Tensor.text(indices.planeSize())
              + " but the output planes have "
              + Tensor.text(planeSize)
              + "; give the former as output size");
    }
    boolean brief =
        2 * input.elements() <= output.elements()
            && duplicates == MaxUnpooling.Duplicates.LAST_WINS
            && (indices.areUnique() || plan.areDisjoint(indices.raw()));
    if (!brief) {
      unpooled = null;
      plan.forward(input.data(), indices.raw(), output.data(), workspace());
      return;
    }
    if (unpooled == null || unpooled.values() != input || unpooled.indices() != indices) {
      unpooled = new Unpooled(input, indices, null, plan);
    }
    output.defer(unpooled, fill);
  }

  private void fill(float[] output) {
    unpooled.fill(output, workspace());
  }

  @Override
  final void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput) {
    if (gradInput == null) {
      return;
    }
    Unpooled gradient = gradOutput.unpooled();
    if (gradient != null && gradient.isSibling(unpooled)) {
      float[] values = gradient.values().dense();
      System.arraycopy(values, 0, gradInput.data(), 0, gradInput.elements());
    } else {
      plan.backward(gradOutput.data(), indices.raw(), gradInput.data(), workspace());
    }
  }

  @Override
  protected final String arguments() {
    return "kernel_size="
        + Axes.brief(kernelSize)
        + ", stride="
        + Axes.brief(stride)
        + ", padding="
        + Axes.brief(padding);
  }
}
