package io.github.lanewise.nn;

import io.github.lanewise.kernel.AdaptiveMaxPooling;
import java.util.Arrays;

/**
 * The work of {@link AdaptiveMaxPool1d} and {@link AdaptiveMaxPool2d}: a plan for the shape of the
 * input, and the indices of the latest maxima.
 */
abstract class AdaptiveMaxPoolLayer extends PlannedLayer {
  private final int[] outputSize;
  private AdaptiveMaxPooling plan;
  private Indices indices;

  AdaptiveMaxPoolLayer(int dimensions, int... outputSize) {
    this.outputSize = Axes.of("output_size", dimensions, 1, outputSize);
  }

  /**
   * Where the latest forward pass found its maxima.
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
    boolean line = outputSize.length == 1;
    checkRank(in, line ? "NCL" : "NCHW");
    plan =
        line
            ? AdaptiveMaxPooling.adaptiveMaxPool1d(in[0], in[1], in[2], outputSize[0]).build()
            : AdaptiveMaxPooling.adaptiveMaxPool2d(in[0], in[1], in[2], in[3], outputSize).build();
    int[] out = plan.outputShape();
    indices = Indices.reshaped(indices, out, false, Arrays.copyOfRange(in, 2, in.length));
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
    return "output_size=" + Axes.brief(outputSize);
  }
}
