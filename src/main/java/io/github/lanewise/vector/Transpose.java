package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Transposes matrices in blocks of lanes × lanes, in registers. A block takes log₂(lanes) steps;
 * the step of distance d exchanges, in each pair of rows i and i + d, the lanes that the other
 * should have: both halves that move are blended into one vector, so that one permutation moves
 * them all.
 */
final class Transpose {
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
      int biasAt) {
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
          biasAt + j);
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

  /** One block, lanes × lanes. */
  private static void block(
      float[] from,
      int fromAt,
      int fromStride,
      float[] to,
      int toAt,
      int toStride,
      float[] bias,
      int biasAt) {
    if (LANES == 16) {
      sixteen(from, fromAt, fromStride, to, toAt, toStride, bias, biasAt);
    } else if (LANES == 8) {
      eight(from, fromAt, fromStride, to, toAt, toStride, bias, biasAt);
    } else {
      four(from, fromAt, fromStride, to, toAt, toStride, bias, biasAt);
    }
  }

  /** Written out, as are the other two: a vector in an array or through a call is an object. */
  private static void sixteen(
      float[] from,
      int fromAt,
      int fromStride,
      float[] to,
      int toAt,
      int toStride,
      float[] bias,
      int biasAt) {
    FloatVector r0 = FloatVector.fromArray(F, from, fromAt);
    FloatVector r1 = FloatVector.fromArray(F, from, fromAt + fromStride);
    FloatVector r2 = FloatVector.fromArray(F, from, fromAt + 2 * fromStride);
    FloatVector r3 = FloatVector.fromArray(F, from, fromAt + 3 * fromStride);
    FloatVector r4 = FloatVector.fromArray(F, from, fromAt + 4 * fromStride);
    FloatVector r5 = FloatVector.fromArray(F, from, fromAt + 5 * fromStride);
    FloatVector r6 = FloatVector.fromArray(F, from, fromAt + 6 * fromStride);
    FloatVector r7 = FloatVector.fromArray(F, from, fromAt + 7 * fromStride);
    FloatVector r8 = FloatVector.fromArray(F, from, fromAt + 8 * fromStride);
    FloatVector r9 = FloatVector.fromArray(F, from, fromAt + 9 * fromStride);
    FloatVector r10 = FloatVector.fromArray(F, from, fromAt + 10 * fromStride);
    FloatVector r11 = FloatVector.fromArray(F, from, fromAt + 11 * fromStride);
    FloatVector r12 = FloatVector.fromArray(F, from, fromAt + 12 * fromStride);
    FloatVector r13 = FloatVector.fromArray(F, from, fromAt + 13 * fromStride);
    FloatVector r14 = FloatVector.fromArray(F, from, fromAt + 14 * fromStride);
    FloatVector r15 = FloatVector.fromArray(F, from, fromAt + 15 * fromStride);
    // distance 8
    FloatVector t = r8.blend(r0, UPPER_8).rearrange(SWAP_8);
    r0 = r0.blend(t, UPPER_8);
    r8 = t.blend(r8, UPPER_8);
    t = r9.blend(r1, UPPER_8).rearrange(SWAP_8);
    r1 = r1.blend(t, UPPER_8);
    r9 = t.blend(r9, UPPER_8);
    t = r10.blend(r2, UPPER_8).rearrange(SWAP_8);
    r2 = r2.blend(t, UPPER_8);
    r10 = t.blend(r10, UPPER_8);
    t = r11.blend(r3, UPPER_8).rearrange(SWAP_8);
    r3 = r3.blend(t, UPPER_8);
    r11 = t.blend(r11, UPPER_8);
    t = r12.blend(r4, UPPER_8).rearrange(SWAP_8);
    r4 = r4.blend(t, UPPER_8);
    r12 = t.blend(r12, UPPER_8);
    t = r13.blend(r5, UPPER_8).rearrange(SWAP_8);
    r5 = r5.blend(t, UPPER_8);
    r13 = t.blend(r13, UPPER_8);
    t = r14.blend(r6, UPPER_8).rearrange(SWAP_8);
    r6 = r6.blend(t, UPPER_8);
    r14 = t.blend(r14, UPPER_8);
    t = r15.blend(r7, UPPER_8).rearrange(SWAP_8);
    r7 = r7.blend(t, UPPER_8);
    r15 = t.blend(r15, UPPER_8);
    // distance 4
    t = r4.blend(r0, UPPER_4).rearrange(SWAP_4);
    r0 = r0.blend(t, UPPER_4);
    r4 = t.blend(r4, UPPER_4);
    t = r5.blend(r1, UPPER_4).rearrange(SWAP_4);
    r1 = r1.blend(t, UPPER_4);
    r5 = t.blend(r5, UPPER_4);
    t = r6.blend(r2, UPPER_4).rearrange(SWAP_4);
    r2 = r2.blend(t, UPPER_4);
    r6 = t.blend(r6, UPPER_4);
    t = r7.blend(r3, UPPER_4).rearrange(SWAP_4);
    r3 = r3.blend(t, UPPER_4);
    r7 = t.blend(r7, UPPER_4);
    t = r12.blend(r8, UPPER_4).rearrange(SWAP_4);
    r8 = r8.blend(t, UPPER_4);
    r12 = t.blend(r12, UPPER_4);
    t = r13.blend(r9, UPPER_4).rearrange(SWAP_4);
    r9 = r9.blend(t, UPPER_4);
    r13 = t.blend(r13, UPPER_4);
    t = r14.blend(r10, UPPER_4).rearrange(SWAP_4);
    r10 = r10.blend(t, UPPER_4);
    r14 = t.blend(r14, UPPER_4);
    t = r15.blend(r11, UPPER_4).rearrange(SWAP_4);
    r11 = r11.blend(t, UPPER_4);
    r15 = t.blend(r15, UPPER_4);
    // distance 2
    t = r2.blend(r0, UPPER_2).rearrange(SWAP_2);
    r0 = r0.blend(t, UPPER_2);
    r2 = t.blend(r2, UPPER_2);
    t = r3.blend(r1, UPPER_2).rearrange(SWAP_2);
    r1 = r1.blend(t, UPPER_2);
    r3 = t.blend(r3, UPPER_2);
    t = r6.blend(r4, UPPER_2).rearrange(SWAP_2);
    r4 = r4.blend(t, UPPER_2);
    r6 = t.blend(r6, UPPER_2);
    t = r7.blend(r5, UPPER_2).rearrange(SWAP_2);
    r5 = r5.blend(t, UPPER_2);
    r7 = t.blend(r7, UPPER_2);
    t = r10.blend(r8, UPPER_2).rearrange(SWAP_2);
    r8 = r8.blend(t, UPPER_2);
    r10 = t.blend(r10, UPPER_2);
    t = r11.blend(r9, UPPER_2).rearrange(SWAP_2);
    r9 = r9.blend(t, UPPER_2);
    r11 = t.blend(r11, UPPER_2);
    t = r14.blend(r12, UPPER_2).rearrange(SWAP_2);
    r12 = r12.blend(t, UPPER_2);
    r14 = t.blend(r14, UPPER_2);
    t = r15.blend(r13, UPPER_2).rearrange(SWAP_2);
    r13 = r13.blend(t, UPPER_2);
    r15 = t.blend(r15, UPPER_2);
    // distance 1
    t = r1.blend(r0, UPPER_1).rearrange(SWAP_1);
    r0 = r0.blend(t, UPPER_1);
    r1 = t.blend(r1, UPPER_1);
    t = r3.blend(r2, UPPER_1).rearrange(SWAP_1);
    r2 = r2.blend(t, UPPER_1);
    r3 = t.blend(r3, UPPER_1);
    t = r5.blend(r4, UPPER_1).rearrange(SWAP_1);
    r4 = r4.blend(t, UPPER_1);
    r5 = t.blend(r5, UPPER_1);
    t = r7.blend(r6, UPPER_1).rearrange(SWAP_1);
    r6 = r6.blend(t, UPPER_1);
    r7 = t.blend(r7, UPPER_1);
    t = r9.blend(r8, UPPER_1).rearrange(SWAP_1);
    r8 = r8.blend(t, UPPER_1);
    r9 = t.blend(r9, UPPER_1);
    t = r11.blend(r10, UPPER_1).rearrange(SWAP_1);
    r10 = r10.blend(t, UPPER_1);
    r11 = t.blend(r11, UPPER_1);
    t = r13.blend(r12, UPPER_1).rearrange(SWAP_1);
    r12 = r12.blend(t, UPPER_1);
    r13 = t.blend(r13, UPPER_1);
    t = r15.blend(r14, UPPER_1).rearrange(SWAP_1);
    r14 = r14.blend(t, UPPER_1);
    r15 = t.blend(r15, UPPER_1);
    if (bias != null) {
      r0 = r0.add(bias[biasAt]);
      r1 = r1.add(bias[biasAt + 1]);
      r2 = r2.add(bias[biasAt + 2]);
      r3 = r3.add(bias[biasAt + 3]);
      r4 = r4.add(bias[biasAt + 4]);
      r5 = r5.add(bias[biasAt + 5]);
      r6 = r6.add(bias[biasAt + 6]);
      r7 = r7.add(bias[biasAt + 7]);
      r8 = r8.add(bias[biasAt + 8]);
      r9 = r9.add(bias[biasAt + 9]);
      r10 = r10.add(bias[biasAt + 10]);
      r11 = r11.add(bias[biasAt + 11]);
      r12 = r12.add(bias[biasAt + 12]);
      r13 = r13.add(bias[biasAt + 13]);
      r14 = r14.add(bias[biasAt + 14]);
      r15 = r15.add(bias[biasAt + 15]);
    }
    r0.intoArray(to, toAt);
    r1.intoArray(to, toAt + toStride);
    r2.intoArray(to, toAt + 2 * toStride);
    r3.intoArray(to, toAt + 3 * toStride);
    r4.intoArray(to, toAt + 4 * toStride);
    r5.intoArray(to, toAt + 5 * toStride);
    r6.intoArray(to, toAt + 6 * toStride);
    r7.intoArray(to, toAt + 7 * toStride);
    r8.intoArray(to, toAt + 8 * toStride);
    r9.intoArray(to, toAt + 9 * toStride);
    r10.intoArray(to, toAt + 10 * toStride);
    r11.intoArray(to, toAt + 11 * toStride);
    r12.intoArray(to, toAt + 12 * toStride);
    r13.intoArray(to, toAt + 13 * toStride);
    r14.intoArray(to, toAt + 14 * toStride);
    r15.intoArray(to, toAt + 15 * toStride);
  }

  private static void eight(
      float[] from,
      int fromAt,
      int fromStride,
      float[] to,
      int toAt,
      int toStride,
      float[] bias,
      int biasAt) {
    FloatVector r0 = FloatVector.fromArray(F, from, fromAt);
    FloatVector r1 = FloatVector.fromArray(F, from, fromAt + fromStride);
    FloatVector r2 = FloatVector.fromArray(F, from, fromAt + 2 * fromStride);
    FloatVector r3 = FloatVector.fromArray(F, from, fromAt + 3 * fromStride);
    FloatVector r4 = FloatVector.fromArray(F, from, fromAt + 4 * fromStride);
    FloatVector r5 = FloatVector.fromArray(F, from, fromAt + 5 * fromStride);
    FloatVector r6 = FloatVector.fromArray(F, from, fromAt + 6 * fromStride);
    FloatVector r7 = FloatVector.fromArray(F, from, fromAt + 7 * fromStride);
    // distance 4
    FloatVector t = r4.blend(r0, UPPER_4).rearrange(SWAP_4);
    r0 = r0.blend(t, UPPER_4);
    r4 = t.blend(r4, UPPER_4);
    t = r5.blend(r1, UPPER_4).rearrange(SWAP_4);
    r1 = r1.blend(t, UPPER_4);
    r5 = t.blend(r5, UPPER_4);
    t = r6.blend(r2, UPPER_4).rearrange(SWAP_4);
    r2 = r2.blend(t, UPPER_4);
    r6 = t.blend(r6, UPPER_4);
    t = r7.blend(r3, UPPER_4).rearrange(SWAP_4);
    r3 = r3.blend(t, UPPER_4);
    r7 = t.blend(r7, UPPER_4);
    // distance 2
    t = r2.blend(r0, UPPER_2).rearrange(SWAP_2);
    r0 = r0.blend(t, UPPER_2);
    r2 = t.blend(r2, UPPER_2);
    t = r3.blend(r1, UPPER_2).rearrange(SWAP_2);
    r1 = r1.blend(t, UPPER_2);
    r3 = t.blend(r3, UPPER_2);
    t = r6.blend(r4, UPPER_2).rearrange(SWAP_2);
    r4 = r4.blend(t, UPPER_2);
    r6 = t.blend(r6, UPPER_2);
    t = r7.blend(r5, UPPER_2).rearrange(SWAP_2);
    r5 = r5.blend(t, UPPER_2);
    r7 = t.blend(r7, UPPER_2);
    // distance 1
    t = r1.blend(r0, UPPER_1).rearrange(SWAP_1);
    r0 = r0.blend(t, UPPER_1);
    r1 = t.blend(r1, UPPER_1);
    t = r3.blend(r2, UPPER_1).rearrange(SWAP_1);
    r2 = r2.blend(t, UPPER_1);
    r3 = t.blend(r3, UPPER_1);
    t = r5.blend(r4, UPPER_1).rearrange(SWAP_1);
    r4 = r4.blend(t, UPPER_1);
    r5 = t.blend(r5, UPPER_1);
    t = r7.blend(r6, UPPER_1).rearrange(SWAP_1);
    r6 = r6.blend(t, UPPER_1);
    r7 = t.blend(r7, UPPER_1);
    if (bias != null) {
      r0 = r0.add(bias[biasAt]);
      r1 = r1.add(bias[biasAt + 1]);
      r2 = r2.add(bias[biasAt + 2]);
      r3 = r3.add(bias[biasAt + 3]);
      r4 = r4.add(bias[biasAt + 4]);
      r5 = r5.add(bias[biasAt + 5]);
      r6 = r6.add(bias[biasAt + 6]);
      r7 = r7.add(bias[biasAt + 7]);
    }
    r0.intoArray(to, toAt);
    r1.intoArray(to, toAt + toStride);
    r2.intoArray(to, toAt + 2 * toStride);
    r3.intoArray(to, toAt + 3 * toStride);
    r4.intoArray(to, toAt + 4 * toStride);
    r5.intoArray(to, toAt + 5 * toStride);
    r6.intoArray(to, toAt + 6 * toStride);
    r7.intoArray(to, toAt + 7 * toStride);
  }

  private static void four(
      float[] from,
      int fromAt,
      int fromStride,
      float[] to,
      int toAt,
      int toStride,
      float[] bias,
      int biasAt) {
    FloatVector r0 = FloatVector.fromArray(F, from, fromAt);
    FloatVector r1 = FloatVector.fromArray(F, from, fromAt + fromStride);
    FloatVector r2 = FloatVector.fromArray(F, from, fromAt + 2 * fromStride);
    FloatVector r3 = FloatVector.fromArray(F, from, fromAt + 3 * fromStride);
    // distance 2
    FloatVector t = r2.blend(r0, UPPER_2).rearrange(SWAP_2);
    r0 = r0.blend(t, UPPER_2);
    r2 = t.blend(r2, UPPER_2);
    t = r3.blend(r1, UPPER_2).rearrange(SWAP_2);
    r1 = r1.blend(t, UPPER_2);
    r3 = t.blend(r3, UPPER_2);
    // distance 1
    t = r1.blend(r0, UPPER_1).rearrange(SWAP_1);
    r0 = r0.blend(t, UPPER_1);
    r1 = t.blend(r1, UPPER_1);
    t = r3.blend(r2, UPPER_1).rearrange(SWAP_1);
    r2 = r2.blend(t, UPPER_1);
    r3 = t.blend(r3, UPPER_1);
    if (bias != null) {
      r0 = r0.add(bias[biasAt]);
      r1 = r1.add(bias[biasAt + 1]);
      r2 = r2.add(bias[biasAt + 2]);
      r3 = r3.add(bias[biasAt + 3]);
    }
    r0.intoArray(to, toAt);
    r1.intoArray(to, toAt + toStride);
    r2.intoArray(to, toAt + 2 * toStride);
    r3.intoArray(to, toAt + 3 * toStride);
  }
}
