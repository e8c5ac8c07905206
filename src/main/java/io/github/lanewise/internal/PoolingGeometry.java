package io.github.lanewise.internal;

import java.util.Arrays;

/**
 * Collects the arguments of a pooling or an unpooling, by PyTorch's names, and checks them
 * together. Sizes are kept as (height, width); one dimension is height one.
 */
public final class PoolingGeometry {
  /** Positions of the largest plane that gets a table of owners. */
  private static final int MOST_OWNERS = 1 << 18;

  private final int dimensions;
  private final int batch;
  private final int channels;
  private final int[] size;
  private final int[] kernelSize;
  private int[] stride;
  private int[] padding = {0, 0};
  private int[] dilation = {1, 1};
  private boolean ceilMode;
  private boolean countIncludePad = true;
  private int divisorOverride;

  /** Of an unpooling; {@code null} for the default. */
  private int[] outputSize;

  /**
   * @param dimensions 1 or 2: how many values the per-axis arguments have
   */
  public PoolingGeometry(int dimensions, int batch, int channels, int[] size, int[] kernelSize) {
    this.dimensions = dimensions;
    this.batch = Checks.range("batch", batch, 1, Integer.MAX_VALUE);
    this.channels = Checks.range("channels", channels, 1, Integer.MAX_VALUE);
    this.size = axes("input size", 1, 1, size);
    this.kernelSize = axes("kernel_size", 1, 1, kernelSize);
    stride = this.kernelSize;
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

  public void outputSize(int... values) {
    outputSize = axes("output_size", 1, 1, values);
  }

  public void ceilMode(boolean value) {
    ceilMode = value;
  }

  public void countIncludePad(boolean value) {
    countIncludePad = value;
  }

  public void divisorOverride(int value) {
    divisorOverride = Checks.range("divisor_override", value, 1, Integer.MAX_VALUE);
  }

  /** The sliding windows of a max or average pooling with these arguments. */
  public PoolingProblem pooling() {
    PoolingAxis rows = axis(0);
    PoolingAxis columns = axis(1);
    return checked(new PoolingProblem(batch, channels, rows, columns, divisorOverride));
  }

  /** The windows of an adaptive pooling; the kernel size is not used. */
  public static PoolingProblem adaptive(
      int dimensions, int batch, int channels, int[] size, int[] outputSize) {
    PoolingGeometry g = new PoolingGeometry(dimensions, batch, channels, size, new int[] {1});
    int[] out = g.axes("output_size", 1, 1, outputSize);
    Checks.size("output", batch, channels, out[0], out[1]); // before tables of that size are made
    return checked(
        new PoolingProblem(
            batch,
            channels,
            new PoolingAxis.Adaptive(g.size[0], out[0]),
            new PoolingAxis.Adaptive(g.size[1], out[1]),
            0));
  }

  /**
   * The pooling that an unpooling to this (height, width) undoes, or {@code null} if nothing is
   * left of its last window.
   */
  public PoolingProblem unpooling(int[] unpooled) {
    PoolingAxis[] axes = new PoolingAxis[2];
    for (int axis = 0; axis < 2; axis++) {
      if ((size[axis] - 1L) * stride[axis] - padding[axis] >= unpooled[axis]) {
        return null;
      }
      axes[axis] =
          new PoolingAxis.Sliding(
              unpooled[axis],
              size[axis],
              kernelSize[axis],
              stride[axis],
              padding[axis],
              1,
              countIncludePad);
    }
    return new PoolingProblem(batch, channels, axes[0], axes[1], 0);
  }

  /** The usual size that an unpooling gives; may be below 1. */
  private long usual(int axis) {
    return (size[axis] - 1L) * stride[axis] - 2L * padding[axis] + kernelSize[axis];
  }

  /** The smallest size that an unpooling can be asked for, an element an axis. */
  public int[] leastUnpooledSize() {
    return unpooledSizes(-1);
  }

  /** The largest size that an unpooling can be asked for, an element an axis. */
  public int[] mostUnpooledSize() {
    return unpooledSizes(1);
  }

  private int[] unpooledSizes(int direction) {
    checkPadding();
    int[] sizes = new int[dimensions];
    for (int i = 0; i < dimensions; i++) {
      int axis = 2 - dimensions + i;
      long size = usual(axis) + direction * (stride[axis] - 1L);
      // a kernel of 2 with padding 1 and stride 1 leaves nothing of one element
      long largest = Math.min(usual(axis) + stride[axis] - 1, Integer.MAX_VALUE);
      Checks.range("the largest output_size", largest, 1, Integer.MAX_VALUE);
      sizes[i] = Checks.range("output_size", Math.max(1, size), 1, Integer.MAX_VALUE - 16);
    }
    return sizes;
  }

  /** The (height, width) that an unpooling with these arguments gives. */
  public int[] unpooledSize() {
    checkPadding();
    int[] out = new int[2];
    for (int axis = 0; axis < 2; axis++) {
      long usual = usual(axis);
      if (outputSize == null) {
        out[axis] = Checks.range("the default output_size", usual, 1, Integer.MAX_VALUE - 16);
      } else {
        if (Math.abs(outputSize[axis] - usual) >= stride[axis]) {
          throw new IllegalArgumentException(
              "output_size is "
                  + shown(outputSize)
                  + " but must lie strictly between "
                  + (usual - stride[axis])
                  + " and "
                  + (usual + stride[axis])
                  + given(axis));
        }
        out[axis] = outputSize[axis];
      }
    }
    Checks.size("input", batch, channels, size[0], size[1]);
    Checks.size("output", batch, channels, out[0], out[1]);
    return out;
  }

  /** The end of a message about an axis. */
  private String given(int axis) {
    return (dimensions == 1 ? "" : axis == 0 ? " in height" : " in width")
        + ": the input is "
        + shown(size)
        + ", kernel_size "
        + shown(kernelSize)
        + ", stride "
        + shown(stride)
        + ", padding "
        + shown(padding);
  }

  /**
   * The window in which each position of an unpooled plane of this (height, width) lies, or -1
   * where there is none.
   *
   * @return {@code null} if windows overlap, or the plane is too large for a table
   */
  public int[] owners(int[] unpooled) {
    boolean overlap = kernelSize[0] > stride[0] || kernelSize[1] > stride[1];
    if (overlap || (long) unpooled[0] * unpooled[1] > MOST_OWNERS) {
      return null;
    }
    int[] owners = new int[unpooled[0] * unpooled[1]];
    for (int i = 0; i < owners.length; i++) {
      int row = owner(0, i / unpooled[1]);
      int column = owner(1, i % unpooled[1]);
      owners[i] = row < 0 || column < 0 ? -1 : row * size[1] + column;
    }
    return owners;
  }

  private int owner(int axis, int position) {
    int window = (position + padding[axis]) / stride[axis];
    boolean inside = (position + padding[axis]) % stride[axis] < kernelSize[axis];
    return inside && window < size[axis] ? window : -1;
  }

  private PoolingAxis axis(int axis) {
    checkPadding();
    long extent = dilation[axis] * (kernelSize[axis] - 1L) + 1;
    long padded = size[axis] + 2L * padding[axis];
    Checks.reach(
        "input",
        size[axis],
        padding[axis],
        extent,
        stride[axis],
        () -> given(axis) + ", dilation " + shown(dilation));
    long windows = Math.floorDiv(padded - extent + (ceilMode ? stride[axis] - 1 : 0), stride[axis]);
    windows++;
    if (ceilMode && (windows - 1) * stride[axis] >= (long) size[axis] + padding[axis]) {
      windows--; // PyTorch drops a last window that would begin in the right padding
    }
    if (windows < 1) {
      throw new IllegalArgumentException(
          "kernel_size "
              + shown(kernelSize)
              + (extent == kernelSize[axis] ? "" : " with dilation " + shown(dilation))
              + " is larger than the input "
              + shown(size)
              + " with padding "
              + shown(padding));
    }
    PoolingAxis.Sliding result =
        new PoolingAxis.Sliding(
            size[axis],
            (int) windows,
            kernelSize[axis],
            stride[axis],
            padding[axis],
            dilation[axis],
            countIncludePad);
    checkNoneEmpty(result);
    return result;
  }

  /** A dilated kernel may step over a small input; PyTorch then returns a meaningless index. */
  private void checkNoneEmpty(PoolingAxis.Sliding axis) {
    if (axis.dilation() <= axis.size()) {
      return;
    }
    for (int window = 0; window < axis.interiorFirst(); window++) {
      if (axis.first(window) >= axis.end(window)) {
        throw new IllegalArgumentException(
            "dilation is "
                + shown(dilation)
                + ", which makes window "
                + window
                + " see only padding: the input is "
                + shown(size)
                + ", kernel_size "
                + shown(kernelSize)
                + ", padding "
                + shown(padding));
      }
    }
  }

  private void checkPadding() {
    for (int axis = 0; axis < 2; axis++) {
      if (padding[axis] > kernelSize[axis] / 2) {
        throw new IllegalArgumentException(
            "padding is "
                + shown(padding)
                + " but must be at most half of kernel_size "
                + shown(kernelSize));
      }
    }
  }

  private static PoolingProblem checked(PoolingProblem p) {
    Checks.size("input", p.batch(), p.channels(), p.rows().size(), p.columns().size());
    Checks.size("output", p.batch(), p.channels(), p.rows().windows(), p.columns().windows());
    return p;
  }

  private int[] axes(String name, int low, int missing, int... values) {
    return Checks.axes(name, dimensions, low, missing, values);
  }

  private String shown(int[] pair) {
    return dimensions == 1 ? String.valueOf(pair[1]) : Arrays.toString(pair);
  }
}
