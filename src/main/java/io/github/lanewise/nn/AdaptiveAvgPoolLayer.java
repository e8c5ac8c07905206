package io.github.lanewise.nn;

import io.github.lanewise.kernel.AdaptiveAveragePooling;

/**
 * The work of {@link AdaptiveAvgPool1d} and {@link AdaptiveAvgPool2d}: the plan for the shape of
 * the input.
 */
abstract class AdaptiveAvgPoolLayer extends PlannedLayer {
  private final int[] outputSize;
  private AdaptiveAveragePooling plan;

  AdaptiveAvgPoolLayer(int dimensions, int... outputSize) {
    this.outputSize = Axes.of("output_size", dimensions, 1, outputSize);
  }

  @Override
  final int[] plan(int[] in) {
    checkRank(in, outputSize.length == 1 ? "NCL" : "NCHW");
    plan =
        outputSize.length == 1
            ? AdaptiveAveragePooling.adaptiveAvgPool1d(in[0], in[1], in[2], outputSize[0]).build()
            : AdaptiveAveragePooling.adaptiveAvgPool2d(in[0], in[1], in[2], in[3], outputSize)
                .build();
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
    return "output_size=" + Axes.brief(outputSize);
  }
}
