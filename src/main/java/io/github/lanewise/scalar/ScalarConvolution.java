package io.github.lanewise.scalar;

import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;

/**
 * The scalar twins of the three convolution passes. Each runs its innermost loop along a row, over
 * exactly those positions that lie inside both arrays, so that no loop tests bounds and C2 may
 * vectorise it.
 */
final class ScalarConvolution {
  private ScalarConvolution() {}

  /** {@code output[n][o][y][x] = bias[o] + Σ input[n][i][y·s + k·d - p][…] · weight[o][i][k]}. */
  static final class Forward extends ScalarTwin<ConvolutionProblem> {
    @Override
    public Kernel[] kernels(ConvolutionProblem p) {
      return new Kernel[] {
        new Kernel() {
          @Override
          public int tasks() {
            return p.batch();
          }

          @Override
          public void run(int image, Operands a, float[] scratch, int shared, int own) {
            forward(p, image, a);
          }
        }
      };
    }
  }

  private static void forward(ConvolutionProblem p, int image, Operands a) {
    int plane = p.outHeight() * p.outWidth();
    for (int o = 0; o < p.outChannels(); o++) {
      int out = a.outputAt + image * p.outputImage() + o * plane;
      float start = a.bias == null ? 0 : a.bias[a.biasAt + o];
      java.util.Arrays.fill(a.output, out, out + plane, start);
      int firstIn = o / p.outPerGroup() * p.inPerGroup();
      for (int i = 0; i < p.inPerGroup(); i++) {
        int in = a.inputAt + image * p.inputImage() + (firstIn + i) * p.inHeight() * p.inWidth();
        int w = a.weightAt + (o * p.inPerGroup() + i) * p.taps();
        for (int kh = 0; kh < p.kernelHeight(); kh++) {
          int shiftH = kh * p.dilationHeight() - p.paddingHeight();
          int y1 =
              ConvolutionProblem.endInside(shiftH, p.strideHeight(), p.inHeight(), p.outHeight());
          for (int y = ConvolutionProblem.firstInside(shiftH, p.strideHeight()); y < y1; y++) {
            int row = in + (y * p.strideHeight() + shiftH) * p.inWidth();
            for (int kw = 0; kw < p.kernelWidth(); kw++) {
              float weight = a.weight[w + kh * p.kernelWidth() + kw];
              int shift = kw * p.dilationWidth() - p.paddingWidth();
              int x1 =
                  ConvolutionProblem.endInside(shift, p.strideWidth(), p.inWidth(), p.outWidth());
              for (int x = ConvolutionProblem.firstInside(shift, p.strideWidth()); x < x1; x++) {
                a.output[out + y * p.outWidth() + x] +=
                    a.input[row + x * p.strideWidth() + shift] * weight;
              }
            }
          }
        }
      }
    }
  }

  /** {@code gradInput[n][i][y·s + k·d - p][…] += gradOutput[n][o][y][x] · weight[o][i][k]}. */
  static final class BackwardInput extends ScalarTwin<ConvolutionProblem> {
    @Override
    public Kernel[] kernels(ConvolutionProblem p) {
      return new Kernel[] {
        new Kernel() {
          @Override
          public int tasks() {
            return p.batch();
          }

          @Override
          public void run(int image, Operands a, float[] scratch, int shared, int own) {
            backwardInput(p, image, a);
          }
        }
      };
    }
  }

  private static void backwardInput(ConvolutionProblem p, int image, Operands a) {
    int plane = p.inHeight() * p.inWidth();
    int at = a.gradInputAt + image * p.inputImage();
    for (int i = 0; i < p.inChannels(); i++) {
      float start = a.bias == null ? 0 : a.bias[a.biasAt + i];
      java.util.Arrays.fill(a.gradInput, at + i * plane, at + (i + 1) * plane, start);
    }
    for (int o = 0; o < p.outChannels(); o++) {
      int out = a.gradOutputAt + image * p.outputImage() + o * p.outHeight() * p.outWidth();
      int firstIn = o / p.outPerGroup() * p.inPerGroup();
      for (int i = 0; i < p.inPerGroup(); i++) {
        int in = at + (firstIn + i) * plane;
        int w = a.weightAt + (o * p.inPerGroup() + i) * p.taps();
        for (int kh = 0; kh < p.kernelHeight(); kh++) {
          int shiftH = kh * p.dilationHeight() - p.paddingHeight();
          int y1 =
              ConvolutionProblem.endInside(shiftH, p.strideHeight(), p.inHeight(), p.outHeight());
          for (int y = ConvolutionProblem.firstInside(shiftH, p.strideHeight()); y < y1; y++) {
            int row = in + (y * p.strideHeight() + shiftH) * p.inWidth();
            for (int kw = 0; kw < p.kernelWidth(); kw++) {
              float weight = a.weight[w + kh * p.kernelWidth() + kw];
              int shift = kw * p.dilationWidth() - p.paddingWidth();
              int x1 =
                  ConvolutionProblem.endInside(shift, p.strideWidth(), p.inWidth(), p.outWidth());
              for (int x = ConvolutionProblem.firstInside(shift, p.strideWidth()); x < x1; x++) {
                a.gradInput[row + x * p.strideWidth() + shift] +=
                    a.gradOutput[out + y * p.outWidth() + x] * weight;
              }
            }
          }
        }
      }
    }
  }

  /** {@code gradWeight[o][i][k] = Σ input[n][i][y·s + k·d - p][…] · gradOutput[n][o][y][x]}. */
  static final class BackwardWeight extends ScalarTwin<ConvolutionProblem> {
    @Override
    public Kernel[] kernels(ConvolutionProblem p) {
      return new Kernel[] {
        new Kernel() {
          @Override
          public int tasks() {
            return p.outChannels();
          }

          @Override
          public void run(int o, Operands a, float[] scratch, int shared, int own) {
            backwardWeight(p, o, a);
          }
        }
      };
    }
  }

  private static void backwardWeight(ConvolutionProblem p, int o, Operands a) {
    int firstIn = o / p.outPerGroup() * p.inPerGroup();
    for (int i = 0; i < p.inPerGroup(); i++) {
      for (int kh = 0; kh < p.kernelHeight(); kh++) {
        int shiftH = kh * p.dilationHeight() - p.paddingHeight();
        int y0 = ConvolutionProblem.firstInside(shiftH, p.strideHeight());
        int y1 =
            ConvolutionProblem.endInside(shiftH, p.strideHeight(), p.inHeight(), p.outHeight());
        for (int kw = 0; kw < p.kernelWidth(); kw++) {
          int shift = kw * p.dilationWidth() - p.paddingWidth();
          int x0 = ConvolutionProblem.firstInside(shift, p.strideWidth());
          int x1 = ConvolutionProblem.endInside(shift, p.strideWidth(), p.inWidth(), p.outWidth());
          float sum = 0;
          for (int image = 0; image < p.batch(); image++) {
            int in =
                a.inputAt + image * p.inputImage() + (firstIn + i) * p.inHeight() * p.inWidth();
            int out = a.gradOutputAt + image * p.outputImage() + o * p.outHeight() * p.outWidth();
            for (int y = y0; y < y1; y++) {
              int row = in + (y * p.strideHeight() + shiftH) * p.inWidth() + shift;
              float line = 0; // sums of sums: the rounding error grows with the row, not the batch
              for (int x = x0; x < x1; x++) {
                line +=
                    a.input[row + x * p.strideWidth()] * a.gradOutput[out + y * p.outWidth() + x];
              }
              sum += line;
            }
          }
          int w = (o * p.inPerGroup() + i) * p.taps() + kh * p.kernelWidth() + kw;
          a.gradWeight[a.gradWeightAt + w] = sum;
        }
      }
    }
  }
}
