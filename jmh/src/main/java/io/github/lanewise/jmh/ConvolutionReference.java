package io.github.lanewise.jmh;

import io.github.lanewise.jmh.ConvolutionProblem.Geometry;
import java.util.StringJoiner;
import java.util.function.Consumer;

/** Single elements of the results, summed in double from the formula. */
final class ConvolutionReference {
  private final Geometry g;
  private final boolean transposed;
  private final ConvolutionData data;

  ConvolutionReference(ConvolutionProblem problem, ConvolutionData data) {
    g = problem.geometry();
    transposed = problem.transposed();
    this.data = data;
  }

  /**
   * Checks a sample of the output and of the three gradients.
   *
   * @throws AssertionError if some are wrong, with one of each array
   */
  void verify() {
    StringJoiner mistakes = new StringJoiner("; ");
    Consumer<Runnable> attempt =
        check -> {
          try {
            check.run();
          } catch (AssertionError e) {
            mistakes.add(e.getMessage());
          }
        };
    attempt.accept(this::verifyOutput);
    attempt.accept(this::verifyInputGradient);
    attempt.accept(this::verifyWeightGradient);
    attempt.accept(this::verifyBiasGradient);
    if (mistakes.length() > 0) {
      throw new AssertionError(mistakes.toString());
    }
  }

  /** Checks a sample of the output. */
  void verifyOutput() {
    int channels = data.bias.length;
    int plane = data.output.length / g.batch() / channels;
    Sample.verify(
        "output",
        data.output,
        data.output.length,
        i ->
            data.bias[i / plane % channels]
                + (transposed
                    ? inputGradient(data.input, data.weight, i)
                    : output(data.input, data.weight, i)),
        Sample.tolerance(
            Math.max(g.inChannels(), g.outChannels()) * g.kernelRows() * g.kernelColumns()));
  }

  private void verifyInputGradient() {
    Sample.verify(
        "grad_input",
        data.gradInput,
        data.gradInput.length,
        i ->
            transposed
                ? output(data.gradOutput, data.weight, i)
                : inputGradient(data.gradOutput, data.weight, i),
        Sample.tolerance(
            Math.max(g.inChannels(), g.outChannels()) * g.kernelRows() * g.kernelColumns()));
  }

  private void verifyWeightGradient() {
    Sample.verify(
        "grad_weight",
        data.gradWeight,
        data.gradWeight.length,
        i ->
            transposed
                ? weightGradient(data.gradOutput, data.input, i)
                : weightGradient(data.input, data.gradOutput, i),
        Sample.tolerance(g.batch() * g.outRows() * g.outColumns()));
  }

  private void verifyBiasGradient() {
    int channels = data.bias.length;
    int plane = data.output.length / g.batch() / channels;
    Sample.verify(
        "grad_bias",
        data.gradBias,
        channels,
        o -> {
          double sum = 0;
          for (int n = 0; n < g.batch(); n++) {
            for (int i = 0; i < plane; i++) {
              sum += data.gradOutput[(n * channels + o) * plane + i];
            }
          }
          return sum;
        },
        Sample.tolerance(g.batch() * plane));
  }

  private double output(float[] input, float[] weight, int index) {
    int x = index % g.outColumns();
    int y = index / g.outColumns() % g.outRows();
    int o = index / g.outColumns() / g.outRows() % g.outChannels();
    int n = index / g.outColumns() / g.outRows() / g.outChannels();
    int first = o / g.outGroup() * g.inGroup();
    double sum = 0;
    for (int c = 0; c < g.inGroup(); c++) {
      for (int kh = 0; kh < g.kernelRows(); kh++) {
        for (int kw = 0; kw < g.kernelColumns(); kw++) {
          int row = y * g.strideRows() + kh * g.dilation() - g.paddingRows();
          int column = x * g.strideColumns() + kw * g.dilation() - g.paddingColumns();
          if (row >= 0 && row < g.inRows() && column >= 0 && column < g.inColumns()) {
            sum += (double) input[input(n, first + c, row, column)] * weight[weight(o, c, kh, kw)];
          }
        }
      }
    }
    return sum;
  }

  private double inputGradient(float[] gradOutput, float[] weight, int index) {
    int column = index % g.inColumns();
    int row = index / g.inColumns() % g.inRows();
    int c = index / g.inColumns() / g.inRows() % g.inChannels();
    int n = index / g.inColumns() / g.inRows() / g.inChannels();
    int first = c / g.inGroup() * g.outGroup();
    double sum = 0;
    for (int kh = 0; kh < g.kernelRows(); kh++) {
      for (int kw = 0; kw < g.kernelColumns(); kw++) {
        int y = row + g.paddingRows() - kh * g.dilation();
        int x = column + g.paddingColumns() - kw * g.dilation();
        if (y % g.strideRows() == 0 && x % g.strideColumns() == 0) {
          y /= g.strideRows();
          x /= g.strideColumns();
          if (y >= 0 && y < g.outRows() && x >= 0 && x < g.outColumns()) {
            for (int o = first; o < first + g.outGroup(); o++) {
              sum +=
                  (double) gradOutput[output(n, o, y, x)]
                      * weight[weight(o, c % g.inGroup(), kh, kw)];
            }
          }
        }
      }
    }
    return sum;
  }

  private double weightGradient(float[] input, float[] gradOutput, int index) {
    int kw = index % g.kernelColumns();
    int kh = index / g.kernelColumns() % g.kernelRows();
    int o = index / g.kernelColumns() / g.kernelRows() / g.inGroup();
    int c =
        o / g.outGroup() * g.inGroup() + index / g.kernelColumns() / g.kernelRows() % g.inGroup();
    double sum = 0;
    for (int n = 0; n < g.batch(); n++) {
      for (int y = 0; y < g.outRows(); y++) {
        for (int x = 0; x < g.outColumns(); x++) {
          int row = y * g.strideRows() + kh * g.dilation() - g.paddingRows();
          int column = x * g.strideColumns() + kw * g.dilation() - g.paddingColumns();
          if (row >= 0 && row < g.inRows() && column >= 0 && column < g.inColumns()) {
            sum += (double) input[input(n, c, row, column)] * gradOutput[output(n, o, y, x)];
          }
        }
      }
    }
    return sum;
  }

  private int input(int n, int c, int row, int column) {
    return ((n * g.inChannels() + c) * g.inRows() + row) * g.inColumns() + column;
  }

  private int output(int n, int o, int y, int x) {
    return ((n * g.outChannels() + o) * g.outRows() + y) * g.outColumns() + x;
  }

  private int weight(int o, int c, int kh, int kw) {
    return ((o * g.inGroup() + c) * g.kernelRows() + kh) * g.kernelColumns() + kw;
  }
}
