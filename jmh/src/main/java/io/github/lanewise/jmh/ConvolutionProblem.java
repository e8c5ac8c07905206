package io.github.lanewise.jmh;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * A line of problems.txt or others.txt: a convolution or transposed convolution with equal kernel
 * sizes, strides, paddings and dilations on both axes.
 *
 * @param name its name, {@code group.layer}
 * @param transposed whether it is a transposed convolution
 * @param height 0 in one dimension
 */
public record ConvolutionProblem(
    String name,
    boolean transposed,
    int batch,
    int inChannels,
    int outChannels,
    int kernel,
    int stride,
    int padding,
    int outputPadding,
    int height,
    int width,
    int groups,
    int dilation) {

  private static final List<ConvolutionProblem> ALL = read("problems.txt");
  private static final List<ConvolutionProblem> OTHERS = read("others.txt");

  /** All problems without groups and dilations, in the order of their file. */
  public static List<ConvolutionProblem> all() {
    return ALL;
  }

  /** Those with groups or dilations, which only Lanewise's own arms compute. */
  public static List<ConvolutionProblem> others() {
    return OTHERS;
  }

  /** The problem of that name. */
  public static ConvolutionProblem of(String name) {
    return Stream.concat(ALL.stream(), OTHERS.stream())
        .filter(p -> p.name.equals(name))
        .findAny()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "problem \"" + name + "\" is not in problems.txt or others.txt"));
  }

  private static List<ConvolutionProblem> read(String file) {
    try (InputStream in = ConvolutionProblem.class.getResourceAsStream(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(ConvolutionProblem::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ConvolutionProblem parse(String line) {
    String[] f = line.trim().split("\\s+");
    int[] n = new int[f.length];
    for (int i = 2; i < f.length; i++) {
      n[i] = Integer.parseInt(f[i]);
    }
    return new ConvolutionProblem(
        f[0],
        f[1].equals("convT"),
        n[2],
        n[3],
        n[4],
        n[5],
        n[6],
        n[7],
        n[8],
        n[9],
        n[10],
        n.length > 11 ? n[11] : 1,
        n.length > 12 ? n[12] : 1);
  }

  /**
   * {@return what it is in a line} Input, output channels, kernel size, and the other arguments
   * where they are not PyTorch's defaults.
   */
  public String shape() {
    StringBuilder text = new StringBuilder();
    text.append(batch).append('×').append(inChannels).append('×');
    if (twoDimensional()) {
      text.append(height).append('×');
    }
    text.append(width).append(" → ").append(outChannels);
    text.append(transposed ? ", transposed, kernel " : ", kernel ").append(kernel);
    append(text, "stride", stride, 1);
    append(text, "padding", padding, 0);
    append(text, "output_padding", outputPadding, 0);
    append(text, "groups", groups, 1);
    append(text, "dilation", dilation, 1);
    return text.toString();
  }

  private static void append(StringBuilder text, String argument, int value, int normal) {
    if (value != normal) {
      text.append(", ").append(argument).append(' ').append(value);
    }
  }

  /** {@return the same with another batch} */
  ConvolutionProblem withBatch(int images) {
    return new ConvolutionProblem(
        name,
        transposed,
        images,
        inChannels,
        outChannels,
        kernel,
        stride,
        padding,
        outputPadding,
        height,
        width,
        groups,
        dilation);
  }

  /** {@return whether it has two dimensions} */
  public boolean twoDimensional() {
    return height > 0;
  }

  /** The convolution that computes this, or whose input gradient does if this is transposed. */
  Geometry geometry() {
    int rows = Math.max(height, 1);
    int kernelRows = twoDimensional() ? kernel : 1;
    int strideRows = twoDimensional() ? stride : 1;
    int paddingRows = twoDimensional() ? padding : 0;
    int extraRows = twoDimensional() ? outputPadding : 0;
    int outRows = size(rows, kernelRows, strideRows, paddingRows, extraRows);
    int outColumns = size(width, kernel, stride, padding, outputPadding);
    return transposed
        ? new Geometry(
            batch,
            outChannels,
            inChannels,
            outRows,
            outColumns,
            rows,
            width,
            kernelRows,
            kernel,
            strideRows,
            stride,
            paddingRows,
            padding,
            dilation,
            groups)
        : new Geometry(
            batch,
            inChannels,
            outChannels,
            rows,
            width,
            outRows,
            outColumns,
            kernelRows,
            kernel,
            strideRows,
            stride,
            paddingRows,
            padding,
            dilation,
            groups);
  }

  /** {@return the shape of the output as PyTorch gives it} */
  public long[] outputShape() {
    Geometry g = geometry();
    long rows = transposed ? g.inRows() : g.outRows();
    long columns = transposed ? g.inColumns() : g.outColumns();
    return twoDimensional()
        ? new long[] {batch, outChannels, rows, columns}
        : new long[] {batch, outChannels, columns};
  }

  private int size(int in, int kernel, int stride, int padding, int extra) {
    int reach = (kernel - 1) * dilation + 1;
    return transposed
        ? (in - 1) * stride - 2 * padding + reach + extra
        : (in + 2 * padding - reach) / stride + 1;
  }

  /** {@return additions and multiplications of each of the three passes, paddings included} */
  double flops() {
    Geometry g = geometry();
    return 2.0
        * batch
        * inChannels
        * outChannels
        * g.kernelRows()
        * g.kernelColumns()
        * g.outRows()
        * g.outColumns()
        / groups;
  }

  /** {@return bytes of input, weight and output, which each pass reads or writes} */
  double bytes() {
    Geometry g = geometry();
    return 4.0 * ((double) g.inputSize() + g.weightSize() + g.outputSize());
  }

  /** Sizes of a convolution in two dimensions; in one, there is one row. */
  record Geometry(
      int batch,
      int inChannels,
      int outChannels,
      int inRows,
      int inColumns,
      int outRows,
      int outColumns,
      int kernelRows,
      int kernelColumns,
      int strideRows,
      int strideColumns,
      int paddingRows,
      int paddingColumns,
      int dilation,
      int groups) {

    int inputSize() {
      return batch * inChannels * inRows * inColumns;
    }

    int outputSize() {
      return batch * outChannels * outRows * outColumns;
    }

    int weightSize() {
      return outChannels * inGroup() * kernelRows * kernelColumns;
    }

    /** {@return input channels of a group} */
    int inGroup() {
      return inChannels / groups;
    }

    /** {@return output channels of a group} */
    int outGroup() {
      return outChannels / groups;
    }
  }
}
