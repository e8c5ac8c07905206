package io.github.lanewise.nn;

import io.github.lanewise.kernel.AdaptiveMaxPooling;

/**
 * The maximum of each of a given number of windows, as {@code torch.nn.AdaptiveMaxPool2d}; {@link
 * #indices} tells afterwards where the maxima were.
 *
 * <p>(N, C, H, W) becomes (N, C, H', W'); window i of H' begins at ⌊i · H / H'⌋ and ends before ⌈(i
 * + 1) · H / H'⌉, and likewise along the width. See {@link
 * io.github.lanewise.kernel.AdaptiveMaxPooling}.
 */
public final class AdaptiveMaxPool2d extends PlannedLayer {
  private final int[] outputSize;
  private AdaptiveMaxPooling plan;
  private Indices indices;

  /**
   * A layer.
   *
   * @param outputSize one value, or height and width, at least 1
   * @throws IllegalArgumentException if a value is out of range or their number is wrong
   */
  public AdaptiveMaxPool2d(int... outputSize) {
    this.outputSize = Axes.of("output_size", 2, 1, outputSize);
  }

  /**
   * Where the latest forward pass found its maxima.
   *
   * @return the indices of the latest output, overwritten by the next forward pass
   * @throws IllegalStateException if there was no forward pass
   */
  public Indices indices() {
    if (indices == null) {
      throw new IllegalStateException(this + ": there are indices after a forward pass only");
    }
    return indices;
  }

  @Override
  int[] plan(int[] in) {
    checkRank(in, "NCHW");
    plan = AdaptiveMaxPooling.adaptiveMaxPool2d(in[0], in[1], in[2], in[3], outputSize).build();
    int[] out = plan.outputShape();
    indices = Indices.reshaped(indices, out, false, in[2], in[3]);
    return out;
  }

  @Override
  void compute(Tensor input, Tensor output) {
    plan.forward(input.data(), output.data(), indices.raw(), workspace());
  }

  @Override
  void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput) {
    if (gradInput != null) {
      plan.backward(gradOutput.data(), indices.raw(), gradInput.data(), workspace());
    }
  }

  @Override
  protected String arguments() {
    return "output_size=" + Axes.brief(outputSize);
  }
}
