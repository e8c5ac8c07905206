package io.github.lanewise.jmh;

import io.github.lanewise.kernel.Workspace;
import java.util.Arrays;

/** The loops of the formula, one thread. */
final class NaiveConvolution extends LoopConvolution {
  NaiveConvolution(ConvolutionProblem problem, ConvolutionData data) {
    super(problem, data);
  }

  /** What the innermost loop computes; the loops around it are the same. */
  private enum Pass {
    OUTPUT,
    INPUT_GRADIENT,
    WEIGHT_GRADIENT
  }

  @Override
  void output(float[] input, float[] weight, float[] output, Workspace workspace) {
    Arrays.fill(output, 0);
    loops(Pass.OUTPUT, input, weight, output);
  }

  @Override
  void inputGradient(float[] gradOutput, float[] weight, float[] gradInput, Workspace workspace) {
    Arrays.fill(gradInput, 0);
    loops(Pass.INPUT_GRADIENT, gradInput, weight, gradOutput);
  }

  @Override
  void weightGradient(float[] input, float[] gradOutput, float[] gradWeight, Workspace workspace) {
    Arrays.fill(gradWeight, 0);
    loops(Pass.WEIGHT_GRADIENT, input, gradWeight, gradOutput);
  }

  private void loops(Pass pass, float[] input, float[] weight, float[] output) {
    for (int n = 0; n < g.batch(); n++) {
      for (int o = 0; o < g.outChannels(); o++) {
        for (int c = 0; c < g.inChannels(); c++) {
          for (int y = 0; y < g.outRows(); y++) {
            for (int kh = 0; kh < g.kernelRows(); kh++) {
              int row = y * g.strideRows() + kh - g.paddingRows();
              if (row >= 0 && row < g.inRows()) {
                int in = ((n * g.inChannels() + c) * g.inRows() + row) * g.inColumns();
                int w = ((o * g.inChannels() + c) * g.kernelRows() + kh) * g.kernelColumns();
                int out = ((n * g.outChannels() + o) * g.outRows() + y) * g.outColumns();
                switch (pass) {
                  case OUTPUT -> output(input, in, weight, w, output, out);
                  case INPUT_GRADIENT -> inputGradient(input, in, weight, w, output, out);
                  case WEIGHT_GRADIENT -> weightGradient(input, in, weight, w, output, out);
                }
              }
            }
          }
        }
      }
    }
  }

  // three plain loops, so that the compiler has a fair chance with each

  private void output(float[] input, int in, float[] weight, int w, float[] output, int out) {
    for (int x = 0; x < g.outColumns(); x++) {
      int column = x * g.strideColumns() - g.paddingColumns();
      int end = Math.min(g.kernelColumns(), g.inColumns() - column);
      float sum = 0;
      for (int kw = Math.max(0, -column); kw < end; kw++) {
        sum += input[in + column + kw] * weight[w + kw];
      }
      output[out + x] += sum;
    }
  }

  private void inputGradient(
      float[] input, int in, float[] weight, int w, float[] output, int out) {
    for (int x = 0; x < g.outColumns(); x++) {
      int column = x * g.strideColumns() - g.paddingColumns();
      int end = Math.min(g.kernelColumns(), g.inColumns() - column);
      for (int kw = Math.max(0, -column); kw < end; kw++) {
        input[in + column + kw] += output[out + x] * weight[w + kw];
      }
    }
  }

  private void weightGradient(
      float[] input, int in, float[] weight, int w, float[] output, int out) {
    for (int x = 0; x < g.outColumns(); x++) {
      int column = x * g.strideColumns() - g.paddingColumns();
      int end = Math.min(g.kernelColumns(), g.inColumns() - column);
      for (int kw = Math.max(0, -column); kw < end; kw++) {
        weight[w + kw] += output[out + x] * input[in + column + kw];
      }
    }
  }
}
