package io.github.lanewise.nn;

import io.github.lanewise.kernel.AveragePooling;

/** The work of {@link AvgPool1d} and {@link AvgPool2d}: the plan for the shape of the input. */
abstract class AvgPoolLayer extends PlannedLayer {
  private final int dimensions;
  private final int[] kernelSize;
  private final int[] stride;
  private final int[] padding;
  private final boolean ceilMode;
  private final boolean countIncludePad;
  private final int divisorOverride;
  private AveragePooling plan;

  AvgPoolLayer(AvgPoolBuilder<?> b) {
    dimensions = b.dimensions;
    kernelSize = b.kernelSize;
    stride = b.stride;
    padding = b.padding;
    ceilMode = b.ceilMode;
    countIncludePad = b.countIncludePad;
    divisorOverride = b.divisorOverride;
  }

  @Override
  final int[] plan(int[] in) {
    checkRank(in, dimensions == 1 ? "NCL" : "NCHW");
    AveragePooling.Builder builder =
        dimensions == 1
            ? AveragePooling.avgPool1d(in[0], in[1], in[2], kernelSize[0])
            : AveragePooling.avgPool2d(in[0], in[1], in[2], in[3], kernelSize);
    builder.stride(stride).padding(padding).ceilMode(ceilMode).countIncludePad(countIncludePad);
    if (divisorOverride > 0) {
      builder.divisorOverride(divisorOverride);
    }
    plan = builder.build();
    return plan.outputShape();
  }

  @Override
  final void compute(Tensor input, Tensor output) {
    plan.forward(input.data(), output.data(), workspace());
  }

  @Override
  final void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput) {
    if (gradInput != null) {
      plan.backward(gradOutput.data(), gradInput.data(), workspace());
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
        + (ceilMode ? ", ceil_mode=True" : "")
        + (countIncludePad ? "" : ", count_include_pad=False")
        + (divisorOverride == 0 ? "" : ", divisor_override=" + divisorOverride);
  }
}
