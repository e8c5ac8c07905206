package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.kernel.Convolution;
import java.util.Arrays;

/**
 * The work of {@link Conv1d} and {@link Conv2d}: weights, padding and the plan for the shape of the
 * input.
 */
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
  private final boolean same;
  private final PaddingMode paddingMode;
  private Convolution plan;

  /** What widens the input if the kernel cannot, and its results; else null. */
  private Padding widening;

  private Tensor widened;
  private Tensor gradWidened;

  ConvLayer(ConvBuilder<?> b) {
    dimensions = b.dimensions;
    inChannels = b.inChannels;
    outChannels = b.outChannels;
    kernelSize = b.kernelSize;
    stride = b.stride;
    padding = b.padding;
    dilation = b.dilation;
    groups = b.groups;
    same = b.same;
    paddingMode = b.paddingMode;
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
    int[] before = padding.clone();
    int[] after = padding.clone();
    if (same) {
      for (int axis = 0; axis < dimensions; axis++) {
        long extent = dilation[axis] * (kernelSize[axis] - 1L);
        int total = Checks.range("padding", extent, 0, Integer.MAX_VALUE);
        before[axis] = total / 2;
        after[axis] = total - total / 2;
      }
    }
    int[] size = in;
    widening = null;
    if (paddingMode != PaddingMode.ZEROS || !Arrays.equals(before, after)) {
      widening = new Padding(in, before, after, paddingMode);
      size = widening.outputShape();
      widened = Tensor.reshaped(widened, size);
      gradWidened = Tensor.reshaped(gradWidened, size);
      Arrays.fill(before, 0);
    }
    Convolution.Builder builder =
        dimensions == 1
            ? Convolution.conv1d(in[0], inChannels, outChannels, size[2], kernelSize[0])
            : Convolution.conv2d(in[0], inChannels, outChannels, size[2], size[3], kernelSize);
    plan = builder.stride(stride).padding(before).dilation(dilation).groups(groups).build();
    return plan.outputShape();
  }

  /** Whether the layer normalises an input that a batch normalisation has not; maybe, at first. */
  final boolean takesNormalization() {
    return plan == null || widening == null && plan.takesNormalization();
  }

  @Override
  final void compute(Tensor input, Tensor output) {
    Normalized normalized = input.normalized();
    if (normalized != null && takesNormalization()) {
      plan.forward(
          normalized.input().dense(),
          normalized.by(),
          weight.data().data(),
          bias == null ? null : bias.data().data(),
          output.data(),
          workspace());
      return;
    }
    if (widening != null) {
      widening.forward(input.data(), widened.data());
    }
    plan.forward(
        (widening == null ? input : widened).data(),
        weight.data().data(),
        bias == null ? null : bias.data().data(),
        output.data(),
        workspace());
  }

  @Override
  final void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput) {
    float[] dy = gradOutput.data();
    if (gradInput != null) {
      Tensor target = widening == null ? gradInput : gradWidened;
      plan.backwardInput(dy, weight.data().data(), target.data(), workspace());
      if (widening != null) {
        widening.backward(target.data(), gradInput.data());
      }
    }
    Normalized normalized = input.normalized();
    if (normalized != null && takesNormalization()) {
      float[] x = normalized.input().dense();
      plan.backwardWeight(x, normalized.by(), dy, weight.gradTarget(), workspace());
    } else {
      float[] x = (widening == null ? input : widened).data();
      plan.backwardWeight(x, dy, weight.gradTarget(), workspace());
    }
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
        + (same ? ", padding=same" : "")
        + (Axes.all(padding, 0) ? "" : ", padding=" + Tensor.text(padding))
        + (Axes.all(dilation, 1) ? "" : ", dilation=" + Tensor.text(dilation))
        + (groups == 1 ? "" : ", groups=" + groups)
        + (bias == null ? ", bias=False" : "")
        + (paddingMode == PaddingMode.ZEROS ? "" : ", padding_mode=" + paddingMode);
  }
}
