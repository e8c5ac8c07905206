package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import java.util.Arrays;

/**
 * Widens the planes of a tensor (N, C, L) or (N, C, H, W), for what the kernels of the convolution
 * cannot do themselves: padding other than zeros, or not the same on both sides.
 */
final class Padding {
  private final int planes;
  private final int height;
  private final int width;
  private final int left;

  /** For each row and column of the result where it comes from, -1 for zeros. */
  private final int[] rows;

  private final int[] columns;
  private final int[] outputShape;

  /**
   * Plans for one shape.
   *
   * @param shape of the tensor to widen
   * @param before added at the beginning of each axis after the channels
   * @param after added at its end
   * @throws IllegalArgumentException if the mode does not allow so much
   */
  Padding(int[] shape, int[] before, int[] after, PaddingMode mode) {
    int axes = before.length;
    outputShape = shape.clone();
    for (int axis = 0; axis < axes; axis++) {
      int size = shape[2 + axis];
      int most = Math.max(before[axis], after[axis]);
      if (most > mode.most(size)) {
        throw new IllegalArgumentException(
            "padding is "
                + most
                + " but must be at most "
                + mode.most(size)
                + " for an axis of size "
                + size
                + " and padding_mode "
                + mode);
      }
      outputShape[2 + axis] =
          Checks.range(
              "padded size", (long) size + before[axis] + after[axis], 1, Integer.MAX_VALUE);
    }
    planes = Checks.size("input", shape[0], shape[1]);
    height = axes == 1 ? 1 : shape[2];
    width = shape[shape.length - 1];
    left = before[axes - 1];
    rows = axes == 1 ? new int[] {0} : sources(before[0], height, after[0], mode);
    columns = sources(left, width, after[axes - 1], mode);
  }

  private static int[] sources(int before, int size, int after, PaddingMode mode) {
    int[] sources = new int[before + size + after];
    for (int i = 0; i < sources.length; i++) {
      sources[i] = mode.source(i - before, size);
    }
    return sources;
  }

  int[] outputShape() {
    return outputShape;
  }

  void forward(float[] input, float[] output) {
    int at = 0;
    for (int plane = 0; plane < planes; plane++) {
      for (int row : rows) {
        if (row < 0) {
          Arrays.fill(output, at, at + columns.length, 0);
        } else {
          widen(input, (plane * height + row) * width, output, at);
        }
        at += columns.length;
      }
    }
  }

  private void widen(float[] input, int from, float[] output, int at) {
    System.arraycopy(input, from, output, at + left, width);
    for (int i = 0; i < left; i++) {
      output[at + i] = columns[i] < 0 ? 0 : input[from + columns[i]];
    }
    for (int i = left + width; i < columns.length; i++) {
      output[at + i] = columns[i] < 0 ? 0 : input[from + columns[i]];
    }
  }

  /** Each element of the input gathers the gradients of the places it was copied to. */
  void backward(float[] gradOutput, float[] gradInput) {
    Arrays.fill(gradInput, 0, planes * height * width, 0);
    int at = 0;
    for (int plane = 0; plane < planes; plane++) {
      for (int row : rows) {
        if (row >= 0) {
          int to = (plane * height + row) * width;
          for (int i = 0; i < columns.length; i++) {
            if (columns[i] >= 0) {
              gradInput[to + columns[i]] += gradOutput[at + i];
            }
          }
        }
        at += columns.length;
      }
    }
  }
}
