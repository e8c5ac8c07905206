package io.github.lanewise.jmh;

import io.github.lanewise.kernel.MatrixProduct;
import io.github.lanewise.kernel.Workspace;
import java.util.Arrays;

/**
 * The windows of an image copied into a matrix (in_channels · kernel rows · kernel columns, output
 * positions), then Lanewise's matrix product, image by image.
 */
final class Im2colConvolution extends LoopConvolution {
  private final int depth;
  private final int positions;
  private final int inImage;
  private final int outImage;
  private final float[] columns;
  private final float[] partial;
  private final MatrixProduct output;
  private final MatrixProduct inputGradient;
  private final MatrixProduct weightGradient;

  Im2colConvolution(ConvolutionProblem problem, ConvolutionData data) {
    super(problem, data);
    depth = g.inChannels() * g.kernelRows() * g.kernelColumns();
    positions = g.outRows() * g.outColumns();
    inImage = g.inChannels() * g.inRows() * g.inColumns();
    outImage = g.outChannels() * positions;
    columns = new float[depth * positions];
    partial = new float[g.weightSize()];
    output = MatrixProduct.of(g.outChannels(), positions, depth).build();
    inputGradient = MatrixProduct.of(depth, positions, g.outChannels()).transposeA(true).build();
    weightGradient = MatrixProduct.of(g.outChannels(), depth, positions).transposeB(true).build();
  }

  @Override
  void output(float[] input, float[] weight, float[] out, Workspace workspace) {
    for (int n = 0; n < g.batch(); n++) {
      copy(input, n * inImage, false);
      output.run(weight, 0, columns, 0, null, 0, out, n * outImage, workspace);
    }
  }

  @Override
  void inputGradient(float[] gradOutput, float[] weight, float[] gradInput, Workspace workspace) {
    Arrays.fill(gradInput, 0);
    for (int n = 0; n < g.batch(); n++) {
      inputGradient.run(weight, 0, gradOutput, n * outImage, null, 0, columns, 0, workspace);
      copy(gradInput, n * inImage, true);
    }
  }

  @Override
  void weightGradient(float[] input, float[] gradOutput, float[] gradWeight, Workspace workspace) {
    Arrays.fill(gradWeight, 0);
    for (int n = 0; n < g.batch(); n++) {
      copy(input, n * inImage, false);
      weightGradient.run(gradOutput, n * outImage, columns, 0, null, 0, partial, 0, workspace);
      for (int i = 0; i < gradWeight.length; i++) {
        gradWeight[i] += partial[i];
      }
    }
  }

  /** Copies an image to the columns, or adds the columns to the image. */
  private void copy(float[] image, int at, boolean back) {
    int row = 0;
    for (int c = 0; c < g.inChannels(); c++) {
      for (int kh = 0; kh < g.kernelRows(); kh++) {
        for (int kw = 0; kw < g.kernelColumns(); kw++) {
          for (int y = 0; y < g.outRows(); y++) {
            int inRow = y * g.strideRows() + kh - g.paddingRows();
            int to = row * positions + y * g.outColumns();
            if (inRow >= 0 && inRow < g.inRows()) {
              int from = at + (c * g.inRows() + inRow) * g.inColumns() + kw - g.paddingColumns();
              if (back) {
                addRow(image, from, kw, to);
              } else {
                copyRow(image, from, kw, to);
              }
            } else if (!back) {
              Arrays.fill(columns, to, to + g.outColumns(), 0);
            }
          }
          row++;
        }
      }
    }
  }

  private void copyRow(float[] image, int from, int kw, int to) {
    int first = first(kw);
    int end = end(kw, first);
    Arrays.fill(columns, to, to + first, 0);
    for (int x = first; x < end; x++) {
      columns[to + x] = image[from + x * g.strideColumns()];
    }
    Arrays.fill(columns, to + end, to + g.outColumns(), 0);
  }

  private void addRow(float[] image, int from, int kw, int to) {
    int first = first(kw);
    int end = end(kw, first);
    for (int x = first; x < end; x++) {
      image[from + x * g.strideColumns()] += columns[to + x];
    }
  }

  /** The first output column whose window has the kernel column {@code kw} within the input. */
  private int first(int kw) {
    int before = Math.max(0, g.paddingColumns() - kw);
    return Math.min(g.outColumns(), Math.ceilDiv(before, g.strideColumns()));
  }

  /** One past the last such column. */
  private int end(int kw, int first) {
    int last = Math.floorDiv(g.inColumns() - 1 + g.paddingColumns() - kw, g.strideColumns());
    return Math.max(first, Math.min(g.outColumns(), last + 1));
  }
}
