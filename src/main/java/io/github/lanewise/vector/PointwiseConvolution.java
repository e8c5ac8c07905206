package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;

/**
 * Convolution with one tap, and its input gradient, as the matrix product that they are: the
 * result's channels by the positions of all images. Nothing is transposed, and most results are
 * written where they belong.
 */
final class PointwiseConvolution implements Implementation<ConvolutionProblem> {
  /** With fewer channels on either side, packing takes as long as the arithmetic. */
  private static final int FEWEST_CHANNELS = 8;

  private final boolean backward;

  private PointwiseConvolution(boolean backward) {
    this.backward = backward;
  }

  static PointwiseConvolution forward() {
    return new PointwiseConvolution(false);
  }

  static PointwiseConvolution backwardInput() {
    return new PointwiseConvolution(true);
  }

  @Override
  public String name() {
    return "matrix-product";
  }

  @Override
  public boolean accepts(ConvolutionProblem p) {
    return isProduct(p);
  }

  /** Whether each position of the result depends on the same position of the source only. */
  static boolean isProduct(ConvolutionProblem p) {
    return p.taps() == 1
        && p.groups() == 1
        && p.strideHeight() == 1
        && p.strideWidth() == 1
        && p.paddingHeight() == 0
        && p.paddingWidth() == 0
        && p.inHeight() == p.outHeight() // output_padding leaves gaps
        && p.inWidth() == p.outWidth()
        && p.inChannels() >= FEWEST_CHANNELS
        && p.outChannels() >= FEWEST_CHANNELS
        && p.batch() * p.outHeight() * p.outWidth() >= LANES;
  }

  @Override
  public Kernel[] kernels(ConvolutionProblem p) {
    return PackedProduct.kernels(weights(p), new PlaneColumns(p, backward));
  }

  @Override
  public PackedRows weights(ConvolutionProblem p) {
    int m = backward ? p.inChannels() : p.outChannels();
    int k = backward ? p.outChannels() : p.inChannels();
    return new PackedRows(m, k, backward, true);
  }
}
