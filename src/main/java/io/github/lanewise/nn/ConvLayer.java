package io.github.lanewise.nn;

import io.github.lanewise.kernel.Convolution;

/** What the convolution layers share; see there. */
abstract class ConvLayer extends PlannedLayer {
  private final int dimensions;
  private final int inChannels;
  private final int outChannels;
  private final int[] kernelSize;
  private final int[] stride;
  private final int[] padding;
  private final int[] dilation;
  private final int groups;
  private final Parameter weight;
  private final Parameter bias;
  private Convolution plan;

  ConvLayer(ConvBuilder<?> b) {
    dimensions = b.dimensions;
    inChannels = b.inChannels;
    outChannels = b.outChannels;
    kernelSize = b.kernelSize;
    stride = b.stride;
    padding = b.padding;
    dilation = b.dilation;
    groups = b.groups;
    int[] shape = new int[2 + dimensions];
    shape[0] = outChannels;
    shape[1] = inChannels / groups;
    System.arraycopy(kernelSize, 0, shape, 2, dimensions);
    double bound = bound(shape);
    weight = add("weight", Parameter.uniform(bound, shape));
    bias = b.bias ? add("bias", Parameter.uniform(bound, outChannels)) : null;
  }

  /** PyTorch's {@code 1 / √fan_in}; fan_in is the weight's shape without the first axis. */
  static double bound(int[] weightShape) {
    double fanIn = 1;
    for (int axis = 1; axis < weightShape.length; axis++) {
      fanIn *= weightShape[axis];
    }
    return 1 / Math.sqrt(fanIn);
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
    Convolution.Builder builder =
        dimensions == 1
            ? Convolution.conv1d(in[0], inChannels, outChannels, in[2], kernelSize[0])
            : Convolution.conv2d(in[0], inChannels, outChannels, in[2], in[3], kernelSize);
    plan = builder.stride(stride).padding(padding).dilation(dilation).groups(groups).build();
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
        + (Axes.all(dilation, 1) ? "" : ", dilation=" + Tensor.text(dilation))
        + (groups == 1 ? "" : ", groups=" + groups)
        + (bias == null ? ", bias=False" : "");
  }
}
