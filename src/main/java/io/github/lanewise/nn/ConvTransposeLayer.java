package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.kernel.TransposedConvolution;
import io.github.lanewise.kernel.UnpooledTransposedConvolution;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The work of {@link ConvTranspose1d} and {@link ConvTranspose2d}: weights, output sizes and the
 * plan for the shape of the input.
 */
abstract class ConvTransposeLayer extends PlannedLayer {
  /** The output size that the layer's own output_padding gives. */
  private static final int[] DEFAULT = {};

  private final int dimensions;
  private final int inChannels;
  private final int outChannels;
  private final int[] kernelSize;
  private final int[] stride;
  private final int[] padding;
  private final int[] outputPadding;
  private final int[] dilation;
  private final int groups;
  private final Parameter weight;
  private final Parameter bias;
  private TransposedConvolution plan;

  /** The same for an input that is known in short, and for how many values a plane. */
  private UnpooledTransposedConvolution sparsePlan;

  private int entries;

  /** The latest input in short, or {@code null}. */
  private Unpooled unpooled;

  /** Its gradient, while nobody asks for all of it. */
  private Unpooled gradient;

  private Tensor latestGradOutput;
  private final Consumer<float[]> fillGradient = this::fillGradient;

  /** What the latest forward pass asked for. */
  private int[] outputSize = DEFAULT;

  ConvTransposeLayer(ConvTransposeBuilder<?> b) {
    dimensions = b.dimensions;
    inChannels = b.inChannels;
    outChannels = b.outChannels;
    kernelSize = b.kernelSize;
    stride = b.stride;
    padding = b.padding;
    outputPadding = b.outputPadding;
    dilation = b.dilation;
    groups = b.groups;
    int[] shape = new int[2 + dimensions];
    shape[0] = inChannels;
    shape[1] = outChannels / groups;
    System.arraycopy(kernelSize, 0, shape, 2, dimensions);
    double bound = ConvLayer.bound(shape);
    weight = add("weight", Parameter.uniform(bound, shape));
    bias = b.bias ? add("bias", Parameter.uniform(bound, outChannels)) : null;
  }

  /**
   * The kernels.
   *
   * @return the parameter {@code weight}
   */
  public final Parameter weight() {
    return weight;
  }

  /**
   * What is added to each output channel.
   *
   * @return the parameter {@code bias}, or {@code null} if there is none
   */
  public final Parameter bias() {
    return bias;
  }

  @Override
  public final Tensor forward(Tensor input) {
    return forward(input, DEFAULT);
  }

  /**
   * Computes an output of a size that output_padding can give, in place of the layer's own: a
   * convolution with a stride takes several sizes to one, and this leads back to the one meant.
   *
   * @param input the input
   * @param outputSize one value for all axes, or one an axis, from {@link #leastOutputSize} to
   *     {@link #mostOutputSize}
   * @return the output, valid until the next call
   * @throws IllegalArgumentException if the output size is out of its range, or the input has a
   *     wrong shape
   */
  public final Tensor forward(Tensor input, int... outputSize) {
    if (!Arrays.equals(outputSize, this.outputSize)) {
      forgetPlan();
      this.outputSize = Checks.present("output_size", outputSize).clone();
    }
    return super.forward(input);
  }

  /**
   * The smallest output for planes of a size, which output_padding 0 gives.
   *
   * @param inputSize one value for all axes, or one an axis
   * @return the size, one value an axis
   * @throws IllegalArgumentException if padding leaves nothing of any output
   */
  public final int[] leastOutputSize(int... inputSize) {
    return builder(1, Axes.of("input size", dimensions, 1, inputSize)).leastOutputSize();
  }

  /**
   * The largest output for planes of a size.
   *
   * @param inputSize one value for all axes, or one an axis
   * @return the size, one value an axis
   * @throws IllegalArgumentException if padding leaves nothing of any output
   */
  public final int[] mostOutputSize(int... inputSize) {
    return builder(1, Axes.of("input size", dimensions, 1, inputSize)).mostOutputSize();
  }

  /**
   * The output_padding that leads from one size to another.
   *
   * @param inputSize one value for all axes, or one an axis
   * @param outputSize likewise
   * @return output_padding, one value an axis
   * @throws IllegalArgumentException if there is none; the message tells the legal sizes
   */
  public final int[] outputPadding(int[] inputSize, int[] outputSize) {
    return builder(1, Axes.of("input size", dimensions, 1, inputSize))
        .outputSize(outputSize)
        .build()
        .outputPadding();
  }

  private TransposedConvolution.Builder builder(int batch, int[] size) {
    TransposedConvolution.Builder builder =
        dimensions == 1
            ? TransposedConvolution.convTranspose1d(
                batch, inChannels, outChannels, size[0], kernelSize[0])
            : TransposedConvolution.convTranspose2d(
                batch, inChannels, outChannels, size[0], size[1], kernelSize);
    return builder
        .stride(stride)
        .padding(padding)
        .outputPadding(outputPadding)
        .dilation(dilation)
        .groups(groups);
  }

  @Override
  final int[] plan(int[] in) {
    checkChannels(in, inChannels, dimensions == 1 ? "L" : "HW");
    TransposedConvolution.Builder builder = builder(in[0], Arrays.copyOfRange(in, 2, in.length));
    if (outputSize.length > 0) {
      builder.outputSize(outputSize);
    }
    plan = builder.build();
    sparsePlan = null;
    return plan.outputShape();
  }

  /** Whether the layer normalises an input that a batch normalisation has not; maybe, at first. */
  final boolean takesNormalization() {
    return plan == null || plan.takesNormalization();
  }

  /** The same for the gradient of the latest output. */
  final boolean takesNormalizedGradient() {
    return unpooled != null
        && unpooled.fillValue() == null
        && sparsePlan.isBackwardWorthwhile()
        && sparsePlan.takesNormalization();
  }

  @Override
  final void compute(Tensor input, Tensor output) {
    unpooled = input.unpooled();
    if (unpooled != null && (sparsePlan == null || entries != unpooled.entries())) {
      entries = unpooled.entries();
      sparsePlan = plan.unpooled(entries);
    }
    float[] b = bias == null ? null : bias.data().data();
    Normalized normalized = input.normalized();
    if (unpooled != null && sparsePlan.isForwardWorthwhile()) {
      sparsePlan.forward(
          unpooled.values().dense(),
          unpooled.indices().raw(),
          unpooled.fillValue(),
          weight.data().data(),
          b,
          output.data(),
          workspace());
    } else if (normalized != null && takesNormalization()) {
      float[] x = normalized.input().dense();
      plan.forward(x, normalized.by(), weight.data().data(), b, output.data(), workspace());
    } else {
      plan.forward(input.dense(), weight.data().data(), b, output.data(), workspace());
    }
  }

  @Override
  final void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput) {
    float[] gradBias = bias == null ? null : bias.gradTarget();
    if (unpooled != null && sparsePlan.isBackwardWorthwhile()) {
      backwardSparse(gradOutput, gradInput, gradBias);
    } else {
      float[] dy = gradOutput.data();
      if (gradInput != null) {
        plan.backwardInput(dy, weight.data().data(), gradInput.data(), workspace());
      }
      Normalized normalized = input.normalized();
      if (normalized == null || !takesNormalization()) {
        plan.backwardWeight(input.dense(), dy, weight.gradTarget(), workspace());
      } else {
        float[] x = normalized.input().dense();
        plan.backwardWeight(x, normalized.by(), dy, weight.gradTarget(), workspace());
      }
      if (bias != null) {
        plan.backwardBias(dy, gradBias, workspace());
      }
    }
    weight.gradWritten();
    if (bias != null) {
      bias.gradWritten();
    }
  }

  /** Computes all gradients, but that of positions without a value only if someone asks. */
  private void backwardSparse(Tensor gradOutput, Tensor gradInput, float[] gradBias) {
    boolean fill = unpooled.fillValue() != null;
    if (!unpooled.isSibling(gradient) || fill != (gradient.fillValue() != null)) {
      gradient = unpooled.sibling(fill);
    }
    float[] gradValues = gradInput == null ? null : gradient.values().data();
    Normalized normalized = gradOutput.normalized();
    if (normalized != null && takesNormalizedGradient()) {
      sparsePlan.backward(
          unpooled.values().dense(),
          unpooled.indices().raw(),
          weight.data().data(),
          normalized.gradOutput().dense(),
          normalized.by(),
          normalized.input().dense(),
          gradValues,
          weight.gradTarget(),
          gradBias,
          workspace());
    } else {
      sparsePlan.backward(
          unpooled.values().dense(),
          unpooled.indices().raw(),
          unpooled.fillValue(),
          weight.data().data(),
          gradOutput.data(),
          gradValues,
          gradInput == null ? null : gradient.fillValue(),
          weight.gradTarget(),
          gradBias,
          workspace());
    }
    if (gradInput != null) {
      latestGradOutput = gradOutput;
      gradInput.defer(gradient, fillGradient);
    }
  }

  private void fillGradient(float[] gradInput) {
    plan.backwardInput(latestGradOutput.data(), weight.data().data(), gradInput, workspace());
  }

  @Override
  protected final String arguments() {
    return inChannels
        + ", "
        + outChannels
        + ", kernel_size="
        + Tensor.text(kernelSize)
        + ", stride="
        + Tensor.text(stride)
        + (Axes.all(padding, 0) ? "" : ", padding=" + Tensor.text(padding))
        + (Axes.all(outputPadding, 0) ? "" : ", output_padding=" + Tensor.text(outputPadding))
        + (Axes.all(dilation, 1) ? "" : ", dilation=" + Tensor.text(dilation))
        + (groups == 1 ? "" : ", groups=" + groups)
        + (bias == null ? ", bias=False" : "");
  }
}
