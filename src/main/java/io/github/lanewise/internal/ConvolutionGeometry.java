package io.github.lanewise.internal;

import java.util.Arrays;

/**
 * Collects the arguments of a convolution or a transposed one, by PyTorch's names, and checks them
 * together: the one place where shapes become a {@link ConvolutionProblem}.
 */
public final class ConvolutionGeometry {
  private final int dimensions;
  private final int batch;
  private final int inChannels;
  private final int outChannels;
  private final int[] size;
  private final int[] kernelSize;
  private int[] stride = {1, 1};
  private int[] padding = {0, 0};
  private int[] dilation = {1, 1};
  private int[] outputPadding = {0, 0};

  /** What output_padding must make of a transposed convolution, or null if that is given. */
  private int[] outputSize;

  private int groups = 1;

  /**
   * Sizes are given as (height, width); one dimension is height one.
   *
   * @param dimensions 1 or 2: how many values the per-axis arguments have
   */
  public ConvolutionGeometry(
      int dimensions, int batch, int inChannels, int outChannels, int[] size, int[] kernelSize) {
    this.dimensions = dimensions;
    this.batch = Checks.range("batch", batch, 1, Integer.MAX_VALUE);
    this.inChannels = Checks.range("in_channels", inChannels, 1, Integer.MAX_VALUE);
    this.outChannels = Checks.range("out_channels", outChannels, 1, Integer.MAX_VALUE);
    this.size = axes("input size", 1, 1, size);
    this.kernelSize = axes("kernel_size", 1, 1, kernelSize);
  }

  public void stride(int... values) {
    stride = axes("stride", 1, 1, values);
  }

  public void padding(int... values) {
    padding = axes("padding", 0, 0, values);
  }

  public void dilation(int... values) {
    dilation = axes("dilation", 1, 1, values);
  }

  public void outputPadding(int... values) {
    outputPadding = axes("output_padding", 0, 0, values);
    outputSize = null;
  }

  /** Takes the place of output_padding. */
  public void outputSize(int... values) {
    outputSize = axes("output_size", 1, 1, values);
  }

  public void groups(int value) {
    groups = Checks.range("groups", value, 1, Integer.MAX_VALUE);
  }

  private int[] axes(String name, int low, int missing, int... values) {
    return Checks.axes(name, dimensions, low, missing, values);
  }

  private void checkGroups() {
    if (inChannels % groups != 0 || outChannels % groups != 0) {
      throw new IllegalArgumentException(
          "groups is "
              + groups
              + " but must divide in_channels "
              + inChannels
              + " and out_channels "
              + outChannels);
    }
  }

  /** The extent of the dilated kernel along an axis. */
  private long extent(int axis) {
    return dilation[axis] * (kernelSize[axis] - 1L) + 1;
  }

  /** The problem of a convolution with these arguments. */
  public ConvolutionProblem convolution() {
    checkGroups();
    int[] out = new int[2];
    for (int axis = 0; axis < 2; axis++) {
      long padded = size[axis] + 2L * padding[axis];
      if (extent(axis) > padded) {
        throw new IllegalArgumentException(
            "kernel_size "
                + shown(kernelSize)
                + " with dilation "
                + shown(dilation)
                + " is larger than the input "
                + shown(size)
                + " with padding "
                + shown(padding));
      }
      out[axis] = checkedSize((padded - extent(axis)) / stride[axis] + 1);
    }
    checkReach("input", size);
    return problem(inChannels, outChannels, size, out);
  }

  /** The size that a transposed convolution has without output_padding; may be below 1. */
  private long unpadded(int axis) {
    return (size[axis] - 1L) * stride[axis] - 2L * padding[axis] + extent(axis);
  }

  private int mostOutputPadding(int axis) {
    return Math.max(stride[axis], dilation[axis]) - 1;
  }

  /** The smallest size that a transposed convolution can be asked for, an element an axis. */
  public int[] leastOutputSize() {
    return outputSizes(false);
  }

  /** The largest size that a transposed convolution can be asked for, an element an axis. */
  public int[] mostOutputSize() {
    return outputSizes(true);
  }

  private int[] outputSizes(boolean most) {
    int[] sizes = new int[dimensions];
    for (int i = 0; i < dimensions; i++) {
      int axis = 2 - dimensions + i;
      long largest = unpadded(axis) + mostOutputPadding(axis);
      if (largest < 1) {
        throw nothingLeft(largest);
      }
      sizes[i] = checkedSize(most ? largest : Math.max(1, unpadded(axis)));
    }
    return sizes;
  }

  /** output_padding as given, or as output_size needs it, an element an axis. */
  public int[] outputPadding() {
    int[] wanted = outputSize;
    int[] result = outputPadding;
    if (wanted != null) {
      result = new int[2];
      for (int axis = 0; axis < 2; axis++) {
        long extra = wanted[axis] - unpadded(axis);
        if (extra < 0 || extra > mostOutputPadding(axis)) {
          long most = unpadded(axis) + mostOutputPadding(axis);
          if (most < 1) {
            throw nothingLeft(most);
          }
          throw new IllegalArgumentException(
              "output_size is "
                  + shown(wanted)
                  + " but must be between "
                  + Math.max(1, unpadded(axis))
                  + " and "
                  + most
                  + given(axis, "input", size));
        }
        result[axis] = (int) extra;
      }
    }
    return Arrays.copyOfRange(result, 2 - dimensions, 2);
  }

  /** The end of a message about an axis. */
  private String given(int axis, String of, int[] its) {
    return (dimensions == 1 ? "" : axis == 0 ? " in height" : " in width")
        + ": the "
        + of
        + " is "
        + shown(its)
        + ", kernel_size "
        + shown(kernelSize)
        + ", stride "
        + shown(stride)
        + ", padding "
        + shown(padding)
        + ", dilation "
        + shown(dilation);
  }

  private void checkReach(String of, int[] its) {
    for (int i = 0; i < 2; i++) {
      int axis = i;
      Checks.reach(of, its[i], padding[i], extent(i), stride[i], () -> given(axis, of, its));
    }
  }

  private IllegalArgumentException nothingLeft(long wanted) {
    return new IllegalArgumentException(
        "the output would have size "
            + wanted
            + ": padding "
            + shown(padding)
            + " crops all of input "
            + shown(size)
            + " with kernel_size "
            + shown(kernelSize)
            + " and stride "
            + shown(stride));
  }

  /** The dual of a transposed convolution with these arguments: its input is our output. */
  public ConvolutionProblem transposed() {
    checkGroups();
    int[] out = new int[2];
    int[] extra = outputPadding();
    for (int axis = 0; axis < 2; axis++) {
      int added = axis < 2 - dimensions ? 0 : extra[axis - 2 + dimensions];
      if (added > mostOutputPadding(axis)) {
        throw new IllegalArgumentException(
            "output_padding is "
                + shown(outputPadding)
                + " but must be smaller than the larger of stride "
                + shown(stride)
                + " and dilation "
                + shown(dilation));
      }
      long wanted = unpadded(axis) + added;
      if (wanted < 1) {
        throw nothingLeft(wanted);
      }
      out[axis] = checkedSize(wanted);
    }
    checkReach("output", out);
    return problem(outChannels, inChannels, out, size);
  }

  private static int checkedSize(long value) {
    return Checks.range("output size", value, 1, Integer.MAX_VALUE - 16);
  }

  private ConvolutionProblem problem(int in, int out, int[] inSize, int[] outSize) {
    Checks.size("input", batch, in, inSize[0], inSize[1]);
    Checks.size("output", batch, out, outSize[0], outSize[1]);
    Checks.size("weight", out, in / groups, kernelSize[0], kernelSize[1]);
    return new ConvolutionProblem(
        batch,
        in,
        out,
        inSize[0],
        inSize[1],
        outSize[0],
        outSize[1],
        kernelSize[0],
        kernelSize[1],
        stride[0],
        stride[1],
        padding[0],
        padding[1],
        dilation[0],
        dilation[1],
        groups);
  }

  private String shown(int[] pair) {
    return dimensions == 1 ? String.valueOf(pair[1]) : Arrays.toString(pair);
  }
}
