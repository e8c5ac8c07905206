package io.github.lanewise.nn;

import io.github.lanewise.kernel.TransposedConvolution;

/** What the transposed convolution layers share; see there. */
abstract class ConvTransposeLayer extends PlannedLayer {
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
  final int[] plan(int[] in) {
    checkChannels(in, inChannels, dimensions == 1 ? "L" : "HW");
    TransposedConvolution.Builder builder =
        dimensions == 1
            ? TransposedConvolution.convTranspose1d(
                in[0], inChannels, outChannels, in[2], kernelSize[0])
            : TransposedConvolution.convTranspose2d(
                in[0], inChannels, outChannels, in[2], in[3], kernelSize);
    plan =
        builder
            .stride(stride)
            .padding(padding)
            .outputPadding(outputPadding)
            .dilation(dilation)
            .groups(groups)
            .build();
    return plan.outputShape();
  }

  @Override
  final void compute(Tensor input, Tensor output) {
    plan.forward(
        input.data(),
        weight.data().data(),
        bias == null ? null : bias.data().data(),
        output.data(),
        workspace());
  }

  @Override
  final void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput) {
    float[] dy = gradOutput.data();
    if (gradInput != null) {
      plan.backwardInput(dy, weight.data().data(), gradInput.data(), workspace());
    }
    plan.backwardWeight(input.data(), dy, weight.gradTarget(), workspace());
    weight.gradWritten();
    if (bias != null) {
      plan.backwardBias(dy, bias.gradTarget(), workspace());
      bias.gradWritten();
    }
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
