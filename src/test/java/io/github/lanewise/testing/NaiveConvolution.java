package io.github.lanewise.testing;

/**
 * The reference: convolution, transposed convolution and their gradients in plain loops over their
 * defining sums, in double. Slow, and meant to be checked by reading.
 *
 * @param output bias plus the sum over input channels and kernel positions
 * @param gradInput the derivative of ⟨output, gradOutput⟩ with respect to the input
 * @param gradWeight with respect to the weight
 * @param gradBias with respect to the bias
 */
public record NaiveConvolution(
    double[] output, double[] gradInput, double[] gradWeight, double[] gradBias) {

  /** What is done with each product of the defining sum, given the positions of its factors. */
  interface Term {
    void at(int input, int weight, int output);
  }

  /** All four results. */
  public static NaiveConvolution of(ConvolutionCase c, ConvolutionData data) {
    double[] output = new double[c.outputSize()];
    double[] gradInput = new double[c.inputSize()];
    double[] gradWeight = new double[c.weightSize()];
    double[] gradBias = new double[c.outChannels()];
    int plane = c.outHeight() * c.outWidth();
    for (int i = 0; i < output.length; i++) {
      int channel = i / plane % c.outChannels();
      output[i] = data.bias() == null ? 0 : data.bias()[channel];
      gradBias[channel] += data.gradOutput()[i];
    }
    float[] input = data.input();
    float[] weight = data.weight();
    float[] gradOutput = data.gradOutput();
    forEachTerm(
        c,
        (x, w, y) -> {
          // output[y] is the sum of input[x] · weight[w]; the derivatives follow
          output[y] += (double) input[x] * weight[w];
          gradInput[x] += (double) gradOutput[y] * weight[w];
          gradWeight[w] += (double) gradOutput[y] * input[x];
        });
    return new NaiveConvolution(output, gradInput, gradWeight, gradBias);
  }

  static void forEachTerm(ConvolutionCase c, Term term) {
    if (c.transposed()) {
      transposed(c, term);
    } else {
      convolution(c, term);
    }
  }

  /** {@code output[n][o][y][x] += input[n][g·I + i][y·s + kh·d − p][…] · weight[o][i][kh][kw]}. */
  private static void convolution(ConvolutionCase c, Term term) {
    ConvolutionCase.Axis h = c.height();
    ConvolutionCase.Axis w = c.width();
    int in = c.inChannels() / c.groups();
    int out = c.outChannels() / c.groups();
    for (int n = 0; n < c.batch(); n++) {
      for (int o = 0; o < c.outChannels(); o++) {
        for (int i = 0; i < in; i++) {
          for (int y = 0; y < c.outHeight(); y++) {
            for (int x = 0; x < c.outWidth(); x++) {
              for (int kh = 0; kh < h.kernel(); kh++) {
                for (int kw = 0; kw < w.kernel(); kw++) {
                  int row = y * h.stride() + kh * h.dilation() - h.padding();
                  int column = x * w.stride() + kw * w.dilation() - w.padding();
                  if (row >= 0 && row < h.size() && column >= 0 && column < w.size()) {
                    int channel = o / out * in + i;
                    term.at(
                        ((n * c.inChannels() + channel) * h.size() + row) * w.size() + column,
                        ((o * in + i) * h.kernel() + kh) * w.kernel() + kw,
                        ((n * c.outChannels() + o) * c.outHeight() + y) * c.outWidth() + x);
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /** {@code output[n][g·O + o][y·s + kh·d − p][…] += input[n][i][y][x] · weight[i][o][kh][kw]}. */
  private static void transposed(ConvolutionCase c, Term term) {
    ConvolutionCase.Axis h = c.height();
    ConvolutionCase.Axis w = c.width();
    int in = c.inChannels() / c.groups();
    int out = c.outChannels() / c.groups();
    for (int n = 0; n < c.batch(); n++) {
      for (int i = 0; i < c.inChannels(); i++) {
        for (int o = 0; o < out; o++) {
          for (int y = 0; y < h.size(); y++) {
            for (int x = 0; x < w.size(); x++) {
              for (int kh = 0; kh < h.kernel(); kh++) {
                for (int kw = 0; kw < w.kernel(); kw++) {
                  int row = y * h.stride() + kh * h.dilation() - h.padding();
                  int column = x * w.stride() + kw * w.dilation() - w.padding();
                  if (row >= 0 && row < c.outHeight() && column >= 0 && column < c.outWidth()) {
                    int channel = i / in * out + o;
                    term.at(
                        ((n * c.inChannels() + i) * h.size() + y) * w.size() + x,
                        ((i * out + o) * h.kernel() + kh) * w.kernel() + kw,
                        ((n * c.outChannels() + channel) * c.outHeight() + row) * c.outWidth()
                            + column);
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /** Products behind one element of the output, at most, and the bias. */
  public static long outputTerms(ConvolutionCase c) {
    return (long) c.inChannels() / c.groups() * c.height().kernel() * c.width().kernel() + 1;
  }

  /** Products behind one element of the input gradient, at most. */
  public static long gradInputTerms(ConvolutionCase c) {
    return (long) c.outChannels() / c.groups() * c.height().kernel() * c.width().kernel();
  }

  /** Products behind one element of the weight gradient, at most. */
  public static long gradWeightTerms(ConvolutionCase c) {
    return c.transposed()
        ? (long) c.batch() * c.height().size() * c.width().size()
        : (long) c.batch() * c.outHeight() * c.outWidth();
  }

  /** Terms behind one element of the bias gradient. */
  public static long gradBiasTerms(ConvolutionCase c) {
    return (long) c.batch() * c.outHeight() * c.outWidth();
  }
}
