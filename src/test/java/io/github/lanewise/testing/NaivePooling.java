package io.github.lanewise.testing;

import io.github.lanewise.testing.PoolingCase.Axis;

/** Pooling written from the formulas, one output at a time, and no faster than that. */
public final class NaivePooling {
  private NaivePooling() {}

  /** Maxima and where they are. */
  public record Maxima(float[] output, long[] indices) {}

  /** Max pooling: the first of equal maxima wins, NaN wins over all, the last of several. */
  public static Maxima max(PoolingCase c, float[] input) {
    float[] output = new float[c.outputSize()];
    long[] indices = new long[c.outputSize()];
    int o = 0;
    for (int plane = 0; plane < c.planes(); plane++) {
      for (int y = 0; y < c.outHeight(); y++) {
        for (int x = 0; x < c.outWidth(); x++, o++) {
          indices[o] = -1;
          for (int kh = 0; kh < c.height().kernel(); kh++) {
            for (int kw = 0; kw < c.width().kernel(); kw++) {
              int h = position(c.height(), y, kh);
              int w = position(c.width(), x, kw);
              if (h >= 0 && h < c.height().size() && w >= 0 && w < c.width().size()) {
                int at = h * c.width().size() + w;
                float value = input[plane * c.inputPlane() + at];
                if (indices[o] < 0 || value > output[o] || Float.isNaN(value)) {
                  output[o] = value;
                  indices[o] = at;
                }
              }
            }
          }
        }
      }
    }
    return new Maxima(output, indices);
  }

  /** Max pooling's gradient: sums where windows share their maximum. */
  public static double[] maxBackward(PoolingCase c, float[] gradOutput, long[] indices) {
    double[] gradInput = new double[c.inputSize()];
    for (int o = 0; o < gradOutput.length; o++) {
      int plane = o / c.outputPlane();
      gradInput[plane * c.inputPlane() + (int) indices[o]] += gradOutput[o];
    }
    return gradInput;
  }

  /**
   * Average pooling.
   *
   * @param divisorOverride or 0 for none
   */
  public static double[] average(
      PoolingCase c, boolean countIncludePad, int divisorOverride, float[] input) {
    double[] output = new double[c.outputSize()];
    spread(c, countIncludePad, divisorOverride, (o, i, share) -> output[o] += input[i]);
    spreadDivisors(c, countIncludePad, divisorOverride, (o, divisor) -> output[o] /= divisor);
    return output;
  }

  /** Average pooling's gradient. */
  public static double[] averageBackward(
      PoolingCase c, boolean countIncludePad, int divisorOverride, float[] gradOutput) {
    double[] gradInput = new double[c.inputSize()];
    spread(
        c,
        countIncludePad,
        divisorOverride,
        (o, i, divisor) -> gradInput[i] += gradOutput[o] / divisor);
    return gradInput;
  }

  private interface Visitor {
    void visit(int output, int input, double divisor);
  }

  private interface DivisorVisitor {
    void visit(int output, double divisor);
  }

  /** Visits each pair of an output and an input that it sees. */
  private static void spread(PoolingCase c, boolean countPad, int override, Visitor visitor) {
    spreadDivisors(
        c,
        countPad,
        override,
        (o, divisor) -> {
          int plane = o / c.outputPlane();
          int y = o % c.outputPlane() / c.outWidth();
          int x = o % c.outWidth();
          for (int kh = 0; kh < c.height().kernel(); kh++) {
            for (int kw = 0; kw < c.width().kernel(); kw++) {
              int h = position(c.height(), y, kh);
              int w = position(c.width(), x, kw);
              if (h >= 0 && h < c.height().size() && w >= 0 && w < c.width().size()) {
                visitor.visit(o, plane * c.inputPlane() + h * c.width().size() + w, divisor);
              }
            }
          }
        });
  }

  private static void spreadDivisors(
      PoolingCase c, boolean countPad, int override, DivisorVisitor visitor) {
    int o = 0;
    for (int plane = 0; plane < c.planes(); plane++) {
      for (int y = 0; y < c.outHeight(); y++) {
        for (int x = 0; x < c.outWidth(); x++, o++) {
          int counted = count(c.height(), y, countPad) * count(c.width(), x, countPad);
          visitor.visit(o, override != 0 ? override : counted);
        }
      }
    }
  }

  private static int count(Axis axis, int window, boolean countPad) {
    int counted = 0;
    for (int k = 0; k < axis.kernel(); k++) {
      int position = position(axis, window, k);
      int pad = countPad ? axis.padding() : 0;
      if (position >= -pad && position < axis.size() + pad) {
        counted++;
      }
    }
    return counted;
  }

  private static int position(Axis axis, int window, int k) {
    return window * axis.stride() + k * axis.dilation() - axis.padding();
  }
}
