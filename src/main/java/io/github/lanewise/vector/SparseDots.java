package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Scalar products of one row of weights with rows of a matrix that may lie anywhere, a few vectors
 * of columns at a time.
 *
 * <pre>sums[i][lane] (+)= Σ(j) b[bAt + row(i) + j] · w[j], j of this lane</pre>
 *
 * <p>Rows are those of pairs as {@link SparseRows#put} leaves them; the values are not used.
 */
final class SparseDots {
  private SparseDots() {}

  /** Takes so many pairs through one tile; adds to the sums, or begins them. */
  static void run(
      SparseTile tile,
      float[] pairs,
      int from,
      int count,
      float[] b,
      int bAt,
      int bPitch,
      float[] w,
      int wAt,
      int wPitch,
      float[] sums,
      int sumsAt,
      boolean add) {
    switch (tile.vectors()) {
      case 10 -> run10(pairs, from, count, b, bAt, w, wAt, sums, sumsAt, add);
      case 9 -> run3x3(pairs, from, count, b, bAt, bPitch, w, wAt, wPitch, sums, sumsAt, add);
      case 3 -> run3(pairs, from, count, b, bAt, w, wAt, sums, sumsAt, add);
      default -> run1(pairs, from, count, b, bAt, w, wAt, sums, sumsAt, add);
    }
  }

  /** Ten neighbouring vectors. */
  private static void run10(
      float[] pairs,
      int from,
      int count,
      float[] b,
      int bAt,
      float[] w,
      int wAt,
      float[] sums,
      int sumsAt,
      boolean add) {
    FloatVector w0 = FloatVector.fromArray(F, w, wAt);
    FloatVector w1 = FloatVector.fromArray(F, w, wAt + LANES);
    FloatVector w2 = FloatVector.fromArray(F, w, wAt + 2 * LANES);
    FloatVector w3 = FloatVector.fromArray(F, w, wAt + 3 * LANES);
    FloatVector w4 = FloatVector.fromArray(F, w, wAt + 4 * LANES);
    FloatVector w5 = FloatVector.fromArray(F, w, wAt + 5 * LANES);
    FloatVector w6 = FloatVector.fromArray(F, w, wAt + 6 * LANES);
    FloatVector w7 = FloatVector.fromArray(F, w, wAt + 7 * LANES);
    FloatVector w8 = FloatVector.fromArray(F, w, wAt + 8 * LANES);
    FloatVector w9 = FloatVector.fromArray(F, w, wAt + 9 * LANES);
    for (int i = 0; i < count; i++) {
      int p = bAt + SparseRows.row(pairs, from + 2 * i);
      int to = sumsAt + i * LANES;
      FloatVector x = w0.mul(FloatVector.fromArray(F, b, p));
      FloatVector y = w1.mul(FloatVector.fromArray(F, b, p + LANES));
      x = w2.fma(FloatVector.fromArray(F, b, p + 2 * LANES), x);
      y = w3.fma(FloatVector.fromArray(F, b, p + 3 * LANES), y);
      x = w4.fma(FloatVector.fromArray(F, b, p + 4 * LANES), x);
      y = w5.fma(FloatVector.fromArray(F, b, p + 5 * LANES), y);
      x = w6.fma(FloatVector.fromArray(F, b, p + 6 * LANES), x);
      y = w7.fma(FloatVector.fromArray(F, b, p + 7 * LANES), y);
      x = w8.fma(FloatVector.fromArray(F, b, p + 8 * LANES), x);
      y = w9.fma(FloatVector.fromArray(F, b, p + 9 * LANES), y);
      x = x.add(y);
      if (add) {
        x = x.add(FloatVector.fromArray(F, sums, to));
      }
      x.intoArray(sums, to);
    }
  }

  /** Three vectors of each of three rows. */
  private static void run3x3(
      float[] pairs,
      int from,
      int count,
      float[] b,
      int bAt,
      int bPitch,
      float[] w,
      int wAt,
      int wPitch,
      float[] sums,
      int sumsAt,
      boolean add) {
    FloatVector w0 = FloatVector.fromArray(F, w, wAt);
    FloatVector w1 = FloatVector.fromArray(F, w, wAt + LANES);
    FloatVector w2 = FloatVector.fromArray(F, w, wAt + 2 * LANES);
    FloatVector w3 = FloatVector.fromArray(F, w, wAt + wPitch);
    FloatVector w4 = FloatVector.fromArray(F, w, wAt + wPitch + LANES);
    FloatVector w5 = FloatVector.fromArray(F, w, wAt + wPitch + 2 * LANES);
    FloatVector w6 = FloatVector.fromArray(F, w, wAt + 2 * wPitch);
    FloatVector w7 = FloatVector.fromArray(F, w, wAt + 2 * wPitch + LANES);
    FloatVector w8 = FloatVector.fromArray(F, w, wAt + 2 * wPitch + 2 * LANES);
    for (int i = 0; i < count; i++) {
      int p = bAt + SparseRows.row(pairs, from + 2 * i);
      int q = p + bPitch;
      int r = q + bPitch;
      int to = sumsAt + i * LANES;
      FloatVector x = w0.mul(FloatVector.fromArray(F, b, p));
      FloatVector y = w1.mul(FloatVector.fromArray(F, b, p + LANES));
      x = w2.fma(FloatVector.fromArray(F, b, p + 2 * LANES), x);
      y = w3.fma(FloatVector.fromArray(F, b, q), y);
      x = w4.fma(FloatVector.fromArray(F, b, q + LANES), x);
      y = w5.fma(FloatVector.fromArray(F, b, q + 2 * LANES), y);
      x = w6.fma(FloatVector.fromArray(F, b, r), x);
      y = w7.fma(FloatVector.fromArray(F, b, r + LANES), y);
      x = w8.fma(FloatVector.fromArray(F, b, r + 2 * LANES), x);
      x = x.add(y);
      if (add) {
        x = x.add(FloatVector.fromArray(F, sums, to));
      }
      x.intoArray(sums, to);
    }
  }

  /** Three neighbouring vectors. */
  private static void run3(
      float[] pairs,
      int from,
      int count,
      float[] b,
      int bAt,
      float[] w,
      int wAt,
      float[] sums,
      int sumsAt,
      boolean add) {
    FloatVector w0 = FloatVector.fromArray(F, w, wAt);
    FloatVector w1 = FloatVector.fromArray(F, w, wAt + LANES);
    FloatVector w2 = FloatVector.fromArray(F, w, wAt + 2 * LANES);
    for (int i = 0; i < count; i++) {
      int p = bAt + SparseRows.row(pairs, from + 2 * i);
      int to = sumsAt + i * LANES;
      FloatVector x = w0.mul(FloatVector.fromArray(F, b, p));
      FloatVector y = w1.mul(FloatVector.fromArray(F, b, p + LANES));
      x = w2.fma(FloatVector.fromArray(F, b, p + 2 * LANES), x);
      x = x.add(y);
      if (add) {
        x = x.add(FloatVector.fromArray(F, sums, to));
      }
      x.intoArray(sums, to);
    }
  }

  /** One vector. */
  private static void run1(
      float[] pairs,
      int from,
      int count,
      float[] b,
      int bAt,
      float[] w,
      int wAt,
      float[] sums,
      int sumsAt,
      boolean add) {
    FloatVector w0 = FloatVector.fromArray(F, w, wAt);
    for (int i = 0; i < count; i++) {
      int p = bAt + SparseRows.row(pairs, from + 2 * i);
      int to = sumsAt + i * LANES;
      FloatVector x = w0.mul(FloatVector.fromArray(F, b, p));
      if (add) {
        x = x.add(FloatVector.fromArray(F, sums, to));
      }
      x.intoArray(sums, to);
    }
  }
}
