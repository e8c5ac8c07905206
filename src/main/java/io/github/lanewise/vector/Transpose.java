package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Transposes matrices in blocks of lanes × lanes. A block takes log₂(lanes) passes; the pass of
 * distance d exchanges, in each pair of rows i and i + d, the lanes that the other should have.
 */
final class Transpose {
  /** Floats of scratch memory. */
  static final int SCRATCH = LANES * LANES;

  private static final VectorShuffle<Float> SWAP_1 = swap(1);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  private static final VectorMask<Float> UPPER_1 = upper(1);
  private static final VectorMask<Float> UPPER_2 = upper(2);
  private static final VectorMask<Float> UPPER_4 = upper(4);
  private static final VectorMask<Float> UPPER_8 = upper(8);

  private Transpose() {}

  /** Lane l gets lane l ^ d. */
  private static VectorShuffle<Float> swap(int d) {
    return VectorShuffle.fromOp(F, lane -> (lane ^ d) % LANES);
  }

  /** The lanes whose number has bit d. */
  private static VectorMask<Float> upper(int d) {
    boolean[] bits = new boolean[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      bits[lane] = (lane & d) != 0;
    }
    return VectorMask.fromArray(F, bits, 0);
  }

  /**
   * {@code to[j][i] = from[i][j] + bias[j]}.
   *
   * @param rows rows of {@code from}, columns of {@code to}
   * @param columns columns of {@code from}, rows of {@code to}
   * @param bias one value for each row of {@code to}, or {@code null}
   * @param scratch where {@link #SCRATCH} floats are free from {@code own} on
   */
  static void run(
      float[] from,
      int fromAt,
      int fromStride,
      int rows,
      int columns,
      float[] to,
      int toAt,
      int toStride,
      float[] bias,
      int biasAt,
      float[] scratch,
      int own) {
    int fullRows = rows - rows % LANES;
    int fullColumns = columns - columns % LANES;
    for (int j = 0; j < fullColumns; j += LANES) {
      for (int i = 0; i < fullRows; i += LANES) {
        block(
            from,
            fromAt + i * fromStride + j,
            fromStride,
            to,
            toAt + j * toStride + i,
            toStride,
            bias,
            biasAt + j,
            scratch,
            own);
      }
    }
    plain(
        from,
        fromAt + fullColumns,
        fromStride,
        fullRows,
        columns - fullColumns,
        to,
        toAt + fullColumns * toStride,
        toStride,
        bias,
        biasAt + fullColumns);
    plain(
        from,
        fromAt + fullRows * fromStride,
        fromStride,
        rows - fullRows,
        columns,
        to,
        toAt + fullRows,
        toStride,
        bias,
        biasAt);
  }

  private static void plain(
      float[] from,
      int fromAt,
      int fromStride,
      int rows,
      int columns,
      float[] to,
      int toAt,
      int toStride,
      float[] bias,
      int biasAt) {
    for (int j = 0; j < columns; j++) {
      int at = toAt + j * toStride;
      if (bias == null) {
        for (int i = 0; i < rows; i++) {
          to[at + i] = from[fromAt + i * fromStride + j];
        }
      } else {
        float b = bias[biasAt + j];
        for (int i = 0; i < rows; i++) {
          to[at + i] = from[fromAt + i * fromStride + j] + b;
        }
      }
    }
  }

  private static void block(
      float[] from,
      int fromAt,
      int fromStride,
      float[] to,
      int toAt,
      int toStride,
      float[] bias,
      int biasAt,
      float[] scratch,
      int own) {
    if (LANES == 16) {
      pass8(from, fromAt, fromStride, scratch, own, LANES);
      pass4(scratch, own, LANES, scratch, own, LANES);
      pass2(scratch, own, LANES, scratch, own, LANES);
    } else if (LANES == 8) {
      pass4(from, fromAt, fromStride, scratch, own, LANES);
      pass2(scratch, own, LANES, scratch, own, LANES);
    } else {
      pass2(from, fromAt, fromStride, scratch, own, LANES);
    }
    pass1(scratch, own, LANES, to, toAt, toStride, bias, biasAt);
  }

  private static void pass8(float[] a, int at, int s, float[] b, int to, int t) {
    for (int i = 0; i < LANES; i++) {
      if ((i & 8) == 0) {
        FloatVector x = FloatVector.fromArray(F, a, at + i * s);
        FloatVector y = FloatVector.fromArray(F, a, at + (i + 8) * s);
        x.blend(y.rearrange(SWAP_8), UPPER_8).intoArray(b, to + i * t);
        x.rearrange(SWAP_8).blend(y, UPPER_8).intoArray(b, to + (i + 8) * t);
      }
    }
  }

  private static void pass4(float[] a, int at, int s, float[] b, int to, int t) {
    for (int i = 0; i < LANES; i++) {
      if ((i & 4) == 0) {
        FloatVector x = FloatVector.fromArray(F, a, at + i * s);
        FloatVector y = FloatVector.fromArray(F, a, at + (i + 4) * s);
        x.blend(y.rearrange(SWAP_4), UPPER_4).intoArray(b, to + i * t);
        x.rearrange(SWAP_4).blend(y, UPPER_4).intoArray(b, to + (i + 4) * t);
      }
    }
  }

  private static void pass2(float[] a, int at, int s, float[] b, int to, int t) {
    for (int i = 0; i < LANES; i++) {
      if ((i & 2) == 0) {
        FloatVector x = FloatVector.fromArray(F, a, at + i * s);
        FloatVector y = FloatVector.fromArray(F, a, at + (i + 2) * s);
        x.blend(y.rearrange(SWAP_2), UPPER_2).intoArray(b, to + i * t);
        x.rearrange(SWAP_2).blend(y, UPPER_2).intoArray(b, to + (i + 2) * t);
      }
    }
  }

  private static void pass1(
      float[] a, int at, int s, float[] b, int to, int t, float[] bias, int biasAt) {
    for (int i = 0; i < LANES; i += 2) {
      FloatVector x = FloatVector.fromArray(F, a, at + i * s);
      FloatVector y = FloatVector.fromArray(F, a, at + (i + 1) * s);
      FloatVector even = x.blend(y.rearrange(SWAP_1), UPPER_1);
      FloatVector odd = x.rearrange(SWAP_1).blend(y, UPPER_1);
      if (bias != null) {
        even = even.add(bias[biasAt + i]);
        odd = odd.add(bias[biasAt + i + 1]);
      }
      even.intoArray(b, to + i * t);
      odd.intoArray(b, to + (i + 1) * t);
    }
  }
}
