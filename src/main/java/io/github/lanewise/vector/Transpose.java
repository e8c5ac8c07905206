package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Transposes matrices in blocks of lanes × lanes. A block takes log₂(lanes) steps; the step of
 * distance d exchanges, in each pair of rows i and i + d, the lanes that the other should have. Two
 * steps at a time work on four rows in registers.
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
    if (rows < LANES || columns < LANES) {
      plain(from, fromAt, fromStride, rows, columns, to, toAt, toStride, bias, biasAt);
      return;
    }
    // the longer way is the inner one: it goes through sixteen rows of memory at a time
    int blocks = (rows + LANES - 1) / LANES;
    int blocksAcross = (columns + LANES - 1) / LANES;
    boolean across = columns > rows;
    for (int n = 0; n < blocks * blocksAcross; n++) {
      // the last block of a row or column overlaps the one before where lengths are no multiples
      int i = Math.min((across ? n / blocksAcross : n % blocks) * LANES, rows - LANES);
      int j = Math.min((across ? n % blocksAcross : n / blocks) * LANES, columns - LANES);
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
    // without a bias, -0 is added: it changes nothing
    if (rows < columns && rows < 8) {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          float b = bias == null ? -0f : bias[biasAt + j];
          to[toAt + j * toStride + i] = from[fromAt + i * fromStride + j] + b;
        }
      }
      return;
    }
    for (int j = 0; j < columns; j++) {
      int at = toAt + j * toStride;
      float b = bias == null ? -0f : bias[biasAt + j];
      for (int i = 0; i < rows; i++) {
        to[at + i] = from[fromAt + i * fromStride + j] + b;
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
      distances8And4(from, fromAt, fromStride, scratch, own);
    } else if (LANES == 8) {
      distance4(from, fromAt, fromStride, scratch, own);
    } else {
      distances2And1(from, fromAt, fromStride, to, toAt, toStride, bias, biasAt);
      return;
    }
    distances2And1(scratch, own, LANES, to, toAt, toStride, bias, biasAt);
  }

  private static void distances8And4(float[] from, int at, int stride, float[] to, int toAt) {
    for (int i = 0; i < LANES / 4; i++) {
      FloatVector a = FloatVector.fromArray(F, from, at + i * stride);
      FloatVector b = FloatVector.fromArray(F, from, at + (i + 4) * stride);
      FloatVector c = FloatVector.fromArray(F, from, at + (i + 8) * stride);
      FloatVector d = FloatVector.fromArray(F, from, at + (i + 12) * stride);
      FloatVector ac = a.blend(c.rearrange(SWAP_8), UPPER_8);
      FloatVector ca = a.rearrange(SWAP_8).blend(c, UPPER_8);
      FloatVector bd = b.blend(d.rearrange(SWAP_8), UPPER_8);
      FloatVector db = b.rearrange(SWAP_8).blend(d, UPPER_8);
      int t = toAt + i * LANES;
      ac.blend(bd.rearrange(SWAP_4), UPPER_4).intoArray(to, t);
      ac.rearrange(SWAP_4).blend(bd, UPPER_4).intoArray(to, t + 4 * LANES);
      ca.blend(db.rearrange(SWAP_4), UPPER_4).intoArray(to, t + 8 * LANES);
      ca.rearrange(SWAP_4).blend(db, UPPER_4).intoArray(to, t + 12 * LANES);
    }
  }

  private static void distance4(float[] from, int at, int stride, float[] to, int toAt) {
    for (int i = 0; i < LANES / 2; i++) {
      FloatVector a = FloatVector.fromArray(F, from, at + i * stride);
      FloatVector b = FloatVector.fromArray(F, from, at + (i + 4) * stride);
      a.blend(b.rearrange(SWAP_4), UPPER_4).intoArray(to, toAt + i * LANES);
      a.rearrange(SWAP_4).blend(b, UPPER_4).intoArray(to, toAt + (i + 4) * LANES);
    }
  }

  private static void distances2And1(
      float[] from,
      int at,
      int stride,
      float[] to,
      int toAt,
      int toStride,
      float[] bias,
      int biasAt) {
    for (int i = 0; i < LANES; i += 4) {
      FloatVector a = FloatVector.fromArray(F, from, at + i * stride);
      FloatVector b = FloatVector.fromArray(F, from, at + (i + 1) * stride);
      FloatVector c = FloatVector.fromArray(F, from, at + (i + 2) * stride);
      FloatVector d = FloatVector.fromArray(F, from, at + (i + 3) * stride);
      FloatVector ac = a.blend(c.rearrange(SWAP_2), UPPER_2);
      FloatVector ca = a.rearrange(SWAP_2).blend(c, UPPER_2);
      FloatVector bd = b.blend(d.rearrange(SWAP_2), UPPER_2);
      FloatVector db = b.rearrange(SWAP_2).blend(d, UPPER_2);
      a = ac.blend(bd.rearrange(SWAP_1), UPPER_1);
      b = ac.rearrange(SWAP_1).blend(bd, UPPER_1);
      c = ca.blend(db.rearrange(SWAP_1), UPPER_1);
      d = ca.rearrange(SWAP_1).blend(db, UPPER_1);
      if (bias != null) {
        a = a.add(bias[biasAt + i]);
        b = b.add(bias[biasAt + i + 1]);
        c = c.add(bias[biasAt + i + 2]);
        d = d.add(bias[biasAt + i + 3]);
      }
      a.intoArray(to, toAt + i * toStride);
      b.intoArray(to, toAt + (i + 1) * toStride);
      c.intoArray(to, toAt + (i + 2) * toStride);
      d.intoArray(to, toAt + (i + 3) * toStride);
    }
  }
}
