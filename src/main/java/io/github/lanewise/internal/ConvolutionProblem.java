package io.github.lanewise.internal;

/**
 * A valid convolution (cross-correlation) in two dimensions; one dimension is height one. A
 * transposed convolution is described by its dual: the convolution whose input gradient it is.
 *
 * <p>input (batch, inChannels, inHeight, inWidth), weight (outChannels, inChannels / groups,
 * kernelHeight, kernelWidth), output (batch, outChannels, outHeight, outWidth), where {@code out =
 * (in + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1}, except in the dual of a
 * transposed convolution, where the input may be cut shorter or reach further by less than a
 * stride.
 */
public record ConvolutionProblem(
    int batch,
    int inChannels,
    int outChannels,
    int inHeight,
    int inWidth,
    int outHeight,
    int outWidth,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int paddingHeight,
    int paddingWidth,
    int dilationHeight,
    int dilationWidth,
    int groups) {

  /** Input channels of one group. */
  public int inPerGroup() {
    return inChannels / groups;
  }

  /** Output channels of one group. */
  public int outPerGroup() {
    return outChannels / groups;
  }

  /** Kernel positions. */
  public int taps() {
    return kernelHeight * kernelWidth;
  }

  /** Elements of one input image. */
  public int inputImage() {
    return inChannels * inHeight * inWidth;
  }

  /** Elements of one output image. */
  public int outputImage() {
    return outChannels * outHeight * outWidth;
  }

  /** Elements of the input. */
  public int inputSize() {
    return batch * inputImage();
  }

  /** Elements of the output. */
  public int outputSize() {
    return batch * outputImage();
  }

  /** Elements of the weight. */
  public int weightSize() {
    return outChannels * inPerGroup() * taps();
  }

  /** Multiply-adds of one pass, counting those in the padding. */
  public long multiplyAdds() {
    return (long) outputSize() * inPerGroup() * taps();
  }

  /** The first position for which {@code position * stride + shift} is not negative. */
  public static int firstInside(int shift, int stride) {
    return shift >= 0 ? 0 : (-shift + stride - 1) / stride;
  }

  /** One past the last of the positions for which {@code position * stride + shift < size}. */
  public static int endInside(int shift, int stride, int size, int positions) {
    int last = size - 1 - shift;
    return last < 0 ? 0 : Math.min(positions, last / stride + 1);
  }
}
