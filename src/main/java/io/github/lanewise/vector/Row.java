package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Loops over a row of {@code n} neighbouring elements. Sums are in float over blocks, in double
 * over the blocks of a row.
 */
final class Row {
  /** Elements summed in float. */
  static final int BLOCK = 4096;

  private Row() {}

  /** The largest element; NaN is passed over, since what follows makes it NaN anyway. */
  static float max(float[] x, int at, int n) {
    if (n < LANES) {
      float max = Float.NEGATIVE_INFINITY;
      for (int i = at; i < at + n; i++) {
        max = x[i] > max ? x[i] : max;
      }
      return max;
    }
    FloatVector max = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(F, x, at + i);
      max = max.blend(v, v.compare(VectorOperators.GT, max));
    }
    if (i < n) {
      FloatVector v = FloatVector.fromArray(F, x, at + n - LANES); // some for the second time
      max = max.blend(v, v.compare(VectorOperators.GT, max));
    }
    return max.reduceLanes(VectorOperators.MAX); // unlike a sum's, its order does not matter
  }

  /**
   * {@code Σ exp(x − max)}; each term goes to {@code terms}, or if that is {@code null} nowhere.
   *
   * @param scratch where a vector may be written from {@code own} on, and behind it a {@link
   *     #BLOCK} if there are no {@code terms}
   */
  static double sumOfExp(
      float[] x, int at, int n, float max, float[] terms, int termsAt, float[] scratch, int own) {
    double total = 0;
    for (int i = 0; i < n; i += BLOCK) {
      int length = Math.min(BLOCK, n - i);
      float[] block = terms == null ? scratch : terms;
      int blockAt = terms == null ? own + LANES : termsAt + i;
      exp(x, at + i, max, block, blockAt, length, scratch, own);
      total += sumOfBlock(block, blockAt, length);
    }
    return total;
  }

  /**
   * {@link Elementary#exp} of any number of elements.
   *
   * @param scratch where a vector may be written from {@code own} on
   */
  static void exp(
      float[] x, int at, float shift, float[] y, int yAt, int n, float[] scratch, int own) {
    int whole = n - n % LANES;
    float[] last = n < LANES ? scratch : x;
    int lastAt = n < LANES ? own : at + n - LANES;
    if (n < LANES) {
      System.arraycopy(x, at, scratch, own, n);
    }
    // the end of the row first, to scratch, as the rest may write over what it reads
    for (int pass = whole < n ? 0 : 1; pass < 2; pass++) {
      boolean end = pass == 0;
      Elementary.exp(
          end ? last : x,
          end ? lastAt : at,
          shift,
          end ? scratch : y,
          end ? own : yAt,
          end ? LANES : whole);
    }
    if (whole < n) {
      storeEnd(scratch, own, y, yAt, n);
    }
  }

  /** Stores a vector that lies in scratch as the end of a row, or a part of it as a shorter row. */
  static void storeEnd(float[] scratch, int own, float[] to, int toAt, int n) {
    if (n < LANES) {
      System.arraycopy(scratch, own, to, toAt, n);
    } else {
      FloatVector.fromArray(F, scratch, own).intoArray(to, toAt + n - LANES);
    }
  }

  /** {@code Σ x}. */
  static double sum(float[] x, int at, int n) {
    double total = 0;
    for (int i = 0; i < n; i += BLOCK) {
      total += sumOfBlock(x, at + i, Math.min(BLOCK, n - i));
    }
    return total;
  }

  private static float sumOfBlock(float[] x, int at, int n) {
    if (n < LANES) {
      float sum = 0;
      for (int i = at; i < at + n; i++) {
        sum += x[i];
      }
      return sum;
    }
    FloatVector sum = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      sum = sum.add(FloatVector.fromArray(F, x, at + i));
    }
    if (i < n) {
      VectorMask<Float> done = F.indexInRange(0, LANES - n + i);
      sum = sum.add(FloatVector.fromArray(F, x, at + n - LANES).blend(0f, done));
    }
    return LaneSum.of(sum);
  }

  /** {@code Σ x · y}. */
  static double dot(float[] x, int at, float[] y, int yAt, int n) {
    double total = 0;
    for (int i = 0; i < n; i += BLOCK) {
      total += dotOfBlock(x, at + i, y, yAt + i, Math.min(BLOCK, n - i));
    }
    return total;
  }

  private static float dotOfBlock(float[] x, int at, float[] y, int yAt, int n) {
    if (n < LANES) {
      float sum = 0;
      for (int i = 0; i < n; i++) {
        sum = Math.fma(x[at + i], y[yAt + i], sum);
      }
      return sum;
    }
    FloatVector sum = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(F, x, at + i);
      sum = v.fma(FloatVector.fromArray(F, y, yAt + i), sum);
    }
    if (i < n) {
      VectorMask<Float> done = F.indexInRange(0, LANES - n + i);
      FloatVector v = FloatVector.fromArray(F, x, at + n - LANES).blend(0f, done);
      FloatVector w = FloatVector.fromArray(F, y, yAt + n - LANES).blend(0f, done);
      sum = v.fma(w, sum);
    }
    return LaneSum.of(sum);
  }

  /** Copies a row too short for {@code System.arraycopy} to be worth its call. */
  static void copy(float[] x, int at, int n, float[] to, int toAt) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(F, x, at + i).intoArray(to, toAt + i);
    }
    if (i < n && n >= LANES) { // some for the second time
      FloatVector.fromArray(F, x, at + n - LANES).intoArray(to, toAt + n - LANES);
      return;
    }
    for (; i < n; i++) {
      to[toAt + i] = x[at + i];
    }
  }

  /*
   * C2 vectorises a loop over arrays at several offsets only if it can prove that they do not
   * overlap, which it cannot: so the loops below are written with vectors.
   */

  /** {@code to = to + x}. */
  static void add(float[] x, int at, int n, float[] to, int toAt) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(F, to, toAt + i)
          .add(FloatVector.fromArray(F, x, at + i))
          .intoArray(to, toAt + i);
    }
    for (; i < n; i++) {
      to[toAt + i] += x[at + i];
    }
  }

  /** {@code to = to · x}. */
  static void multiply(float[] x, int at, int n, float[] to, int toAt) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(F, to, toAt + i)
          .mul(FloatVector.fromArray(F, x, at + i))
          .intoArray(to, toAt + i);
    }
    for (; i < n; i++) {
      to[toAt + i] *= x[at + i];
    }
  }

  /** {@code to = x / to}. */
  static void divide(float[] x, int at, int n, float[] to, int toAt) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(F, x, at + i)
          .div(FloatVector.fromArray(F, to, toAt + i))
          .intoArray(to, toAt + i);
    }
    for (; i < n; i++) {
      to[toAt + i] = x[at + i] / to[toAt + i];
    }
  }

  /** {@code to = to + x · y}. */
  static void addProduct(float[] x, int at, float[] y, int yAt, int n, float[] to, int toAt) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(F, x, at + i)
          .fma(FloatVector.fromArray(F, y, yAt + i), FloatVector.fromArray(F, to, toAt + i))
          .intoArray(to, toAt + i);
    }
    for (; i < n; i++) {
      to[toAt + i] = Math.fma(x[at + i], y[yAt + i], to[toAt + i]);
    }
  }

  /** {@code to = x − y}. */
  static void subtract(float[] x, int at, float[] y, int yAt, int n, float[] to, int toAt) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(F, x, at + i)
          .sub(FloatVector.fromArray(F, y, yAt + i))
          .intoArray(to, toAt + i);
    }
    for (; i < n; i++) {
      to[toAt + i] = x[at + i] - y[yAt + i];
    }
  }

  /** {@code to = x − y}. */
  static void subtract(float[] x, int at, float y, int n, float[] to, int toAt) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(F, x, at + i).sub(y).intoArray(to, toAt + i);
    }
    for (; i < n; i++) {
      to[toAt + i] = x[at + i] - y;
    }
  }

  /** {@code to = x · factor + shift}. */
  static void affine(float[] x, int at, int n, float factor, float shift, float[] to, int toAt) {
    FloatVector shifts = FloatVector.broadcast(F, shift);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(F, x, at + i)
          .lanewise(VectorOperators.FMA, factor, shifts)
          .intoArray(to, toAt + i);
    }
    for (; i < n; i++) {
      to[toAt + i] = Math.fma(x[at + i], factor, shift);
    }
  }

  /** {@code to = max(to, x)}; NaN in x is passed over. */
  static void max(float[] x, int at, int n, float[] to, int toAt) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(F, x, at + i);
      FloatVector max = FloatVector.fromArray(F, to, toAt + i);
      max.blend(v, v.compare(VectorOperators.GT, max)).intoArray(to, toAt + i);
    }
    for (; i < n; i++) {
      to[toAt + i] = x[at + i] > to[toAt + i] ? x[at + i] : to[toAt + i];
    }
  }

  /** {@code x = x · factor}. */
  static void scale(float[] x, int at, int n, float factor) {
    for (int i = at; i < at + n; i++) { // one array at one offset: C2 vectorises it by itself
      x[i] *= factor;
    }
  }
}
