package io.github.lanewise.nn;

import io.github.lanewise.kernel.MaxPooling;

/**
 * The work of {@link MaxPool1d} and {@link MaxPool2d}: the plan for the shape of the input, and the
 * indices of the latest maxima.
 */
abstract class MaxPoolLayer extends PlannedLayer {
  private final int dimensions;
  private final int[] kernelSize;
  private final int[] stride;
  private final int[] padding;
  private final int[] dilation;
  private final boolean ceilMode;
  private MaxPooling plan;
  private Indices indices;

  MaxPoolLayer(MaxPoolBuilder<?> b) {
    dimensions = b.dimensions;
    kernelSize = b.kernelSize;
    stride = b.stride;
    padding = b.padding;
    dilation = b.dilation;
    ceilMode = b.ceilMode;
  }

  /**
   * Where the latest forward pass found its maxima; unpooling needs them.
   *
   * @return the indices of the latest output, overwritten by the next forward pass
   * @throws IllegalStateException if there was no forward pass
   */
  public final Indices indices() {
    if (indices == null) {
      throw new IllegalStateException(this + ": there are indices after a forward pass only");
    }
    return indices;
  }

  @Override
  final int[] plan(int[] in) {
    checkRank(in, dimensions == 1 ? "NCL" : "NCHW");
    MaxPooling.Builder builder =
        dimensions == 1
            ? MaxPooling.maxPool1d(in[0], in[1], in[2], kernelSize[0])
            : MaxPooling.maxPool2d(in[0], in[1], in[2], in[3], kernelSize);
    plan = builder.stride(stride).padding(padding).dilation(dilation).ceilMode(ceilMode).build();
    int[] out = plan.outputShape();
    boolean unique = true;
    for (int axis = 0; axis < dimensions; axis++) {
      unique &= dilation[axis] == 1 && kernelSize[axis] <= stride[axis];
    }
    indices =
        dimensions == 1
            ? Indices.reshaped(indices, out, unique, in[2])
            : Indices.reshaped(indices, out, unique, in[2], in[3]);
    return out;
  }

  @Override
  final void compute(Tensor input, Tensor output) {
    plan.forward(input.data(), output.data(), indices.raw(), workspace());
  }

  @Override
  final void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput) {
    if (gradInput != null) {
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
        + Axes.brief(padding)
        + ", dilation="
        + Axes.brief(dilation)
        + ", ceil_mode="
        + Axes.python(ceilMode);
  }
}
