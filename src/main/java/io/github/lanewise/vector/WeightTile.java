package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The tiles of {@link WidthLanesWeightGradient}: the partial sums of some terms and channels over
 * all positions of some rows, a vector each.
 *
 * <pre>sums[channel][term][lane] += Σ(i) s[p(term) + whole[i] + lane] · gradients[i][channel][lane]
 * </pre>
 */
final class WeightTile {
  private WeightTile() {}

  // A row's last vector is cleared on both sides: a zero gradient alone would not do beside an
  // input of NaN.

  /** Four terms of four channels. */
  static void tile4x4(
      WindowPositions positions,
      float[] s,
      int p0,
      int p1,
      int p2,
      int p3,
      int gradients,
      int row,
      int rows,
      int sums,
      int channelSums) {
    int perRow = positions.perRow;
    FloatVector x0 = FloatVector.fromArray(F, s, sums);
    FloatVector x1 = FloatVector.fromArray(F, s, sums + LANES);
    FloatVector x2 = FloatVector.fromArray(F, s, sums + 2 * LANES);
    FloatVector x3 = FloatVector.fromArray(F, s, sums + 3 * LANES);
    int sums1 = sums + channelSums;
    FloatVector y0 = FloatVector.fromArray(F, s, sums1);
    FloatVector y1 = FloatVector.fromArray(F, s, sums1 + LANES);
    FloatVector y2 = FloatVector.fromArray(F, s, sums1 + 2 * LANES);
    FloatVector y3 = FloatVector.fromArray(F, s, sums1 + 3 * LANES);
    int sums2 = sums + 2 * channelSums;
    FloatVector z0 = FloatVector.fromArray(F, s, sums2);
    FloatVector z1 = FloatVector.fromArray(F, s, sums2 + LANES);
    FloatVector z2 = FloatVector.fromArray(F, s, sums2 + 2 * LANES);
    FloatVector z3 = FloatVector.fromArray(F, s, sums2 + 3 * LANES);
    int sums3 = sums + 3 * channelSums;
    FloatVector w0 = FloatVector.fromArray(F, s, sums3);
    FloatVector w1 = FloatVector.fromArray(F, s, sums3 + LANES);
    FloatVector w2 = FloatVector.fromArray(F, s, sums3 + 2 * LANES);
    FloatVector w3 = FloatVector.fromArray(F, s, sums3 + 3 * LANES);
    int[] whole = positions.whole;
    int end = (row + rows) * perRow;
    int g = gradients;
    for (int i = row * perRow; i < end; i++) {
      int p = whole[i];
      FloatVector a = FloatVector.fromArray(F, s, g);
      FloatVector b = FloatVector.fromArray(F, s, g + LANES);
      FloatVector c = FloatVector.fromArray(F, s, g + 2 * LANES);
      FloatVector d = FloatVector.fromArray(F, s, g + 3 * LANES);
      FloatVector v = FloatVector.fromArray(F, s, p0 + p);
      x0 = v.fma(a, x0);
      y0 = v.fma(b, y0);
      z0 = v.fma(c, z0);
      w0 = v.fma(d, w0);
      v = FloatVector.fromArray(F, s, p1 + p);
      x1 = v.fma(a, x1);
      y1 = v.fma(b, y1);
      z1 = v.fma(c, z1);
      w1 = v.fma(d, w1);
      v = FloatVector.fromArray(F, s, p2 + p);
      x2 = v.fma(a, x2);
      y2 = v.fma(b, y2);
      z2 = v.fma(c, z2);
      w2 = v.fma(d, w2);
      v = FloatVector.fromArray(F, s, p3 + p);
      x3 = v.fma(a, x3);
      y3 = v.fma(b, y3);
      z3 = v.fma(c, z3);
      w3 = v.fma(d, w3);
      g += 4 * LANES;
    }
    if (positions.rest > 0) {
      FloatVector zero = FloatVector.zero(F);
      VectorMask<Float> off = positions.off;
      for (int i = row; i < row + rows; i++) {
        int p = i * positions.rowStep + perRow * LANES;
        FloatVector a = FloatVector.fromArray(F, s, g);
        FloatVector b = FloatVector.fromArray(F, s, g + LANES);
        FloatVector c = FloatVector.fromArray(F, s, g + 2 * LANES);
        FloatVector d = FloatVector.fromArray(F, s, g + 3 * LANES);
        FloatVector v = FloatVector.fromArray(F, s, p0 + p).blend(zero, off);
        x0 = v.fma(a, x0);
        y0 = v.fma(b, y0);
        z0 = v.fma(c, z0);
        w0 = v.fma(d, w0);
        v = FloatVector.fromArray(F, s, p1 + p).blend(zero, off);
        x1 = v.fma(a, x1);
        y1 = v.fma(b, y1);
        z1 = v.fma(c, z1);
        w1 = v.fma(d, w1);
        v = FloatVector.fromArray(F, s, p2 + p).blend(zero, off);
        x2 = v.fma(a, x2);
        y2 = v.fma(b, y2);
        z2 = v.fma(c, z2);
        w2 = v.fma(d, w2);
        v = FloatVector.fromArray(F, s, p3 + p).blend(zero, off);
        x3 = v.fma(a, x3);
        y3 = v.fma(b, y3);
        z3 = v.fma(c, z3);
        w3 = v.fma(d, w3);
        g += 4 * LANES;
      }
    }
    x0.intoArray(s, sums);
    x1.intoArray(s, sums + LANES);
    x2.intoArray(s, sums + 2 * LANES);
    x3.intoArray(s, sums + 3 * LANES);
    y0.intoArray(s, sums1);
    y1.intoArray(s, sums1 + LANES);
    y2.intoArray(s, sums1 + 2 * LANES);
    y3.intoArray(s, sums1 + 3 * LANES);
    z0.intoArray(s, sums2);
    z1.intoArray(s, sums2 + LANES);
    z2.intoArray(s, sums2 + 2 * LANES);
    z3.intoArray(s, sums2 + 3 * LANES);
    w0.intoArray(s, sums3);
    w1.intoArray(s, sums3 + LANES);
    w2.intoArray(s, sums3 + 2 * LANES);
    w3.intoArray(s, sums3 + 3 * LANES);
  }

  /** Four terms of two channels. */
  static void tile4x2(
      WindowPositions positions,
      float[] s,
      int p0,
      int p1,
      int p2,
      int p3,
      int gradients,
      int row,
      int rows,
      int sums,
      int channelSums) {
    int perRow = positions.perRow;
    FloatVector x0 = FloatVector.fromArray(F, s, sums);
    FloatVector x1 = FloatVector.fromArray(F, s, sums + LANES);
    FloatVector x2 = FloatVector.fromArray(F, s, sums + 2 * LANES);
    FloatVector x3 = FloatVector.fromArray(F, s, sums + 3 * LANES);
    int sums1 = sums + channelSums;
    FloatVector y0 = FloatVector.fromArray(F, s, sums1);
    FloatVector y1 = FloatVector.fromArray(F, s, sums1 + LANES);
    FloatVector y2 = FloatVector.fromArray(F, s, sums1 + 2 * LANES);
    FloatVector y3 = FloatVector.fromArray(F, s, sums1 + 3 * LANES);
    int[] whole = positions.whole;
    int end = (row + rows) * perRow;
    int g = gradients;
    for (int i = row * perRow; i < end; i++) {
      int p = whole[i];
      FloatVector a = FloatVector.fromArray(F, s, g);
      FloatVector b = FloatVector.fromArray(F, s, g + LANES);
      FloatVector v = FloatVector.fromArray(F, s, p0 + p);
      x0 = v.fma(a, x0);
      y0 = v.fma(b, y0);
      v = FloatVector.fromArray(F, s, p1 + p);
      x1 = v.fma(a, x1);
      y1 = v.fma(b, y1);
      v = FloatVector.fromArray(F, s, p2 + p);
      x2 = v.fma(a, x2);
      y2 = v.fma(b, y2);
      v = FloatVector.fromArray(F, s, p3 + p);
      x3 = v.fma(a, x3);
      y3 = v.fma(b, y3);
      g += 2 * LANES;
    }
    if (positions.rest > 0) {
      FloatVector zero = FloatVector.zero(F);
      VectorMask<Float> off = positions.off;
      for (int i = row; i < row + rows; i++) {
        int p = i * positions.rowStep + perRow * LANES;
        FloatVector a = FloatVector.fromArray(F, s, g);
        FloatVector b = FloatVector.fromArray(F, s, g + LANES);
        FloatVector v = FloatVector.fromArray(F, s, p0 + p).blend(zero, off);
        x0 = v.fma(a, x0);
        y0 = v.fma(b, y0);
        v = FloatVector.fromArray(F, s, p1 + p).blend(zero, off);
        x1 = v.fma(a, x1);
        y1 = v.fma(b, y1);
        v = FloatVector.fromArray(F, s, p2 + p).blend(zero, off);
        x2 = v.fma(a, x2);
        y2 = v.fma(b, y2);
        v = FloatVector.fromArray(F, s, p3 + p).blend(zero, off);
        x3 = v.fma(a, x3);
        y3 = v.fma(b, y3);
        g += 2 * LANES;
      }
    }
    x0.intoArray(s, sums);
    x1.intoArray(s, sums + LANES);
    x2.intoArray(s, sums + 2 * LANES);
    x3.intoArray(s, sums + 3 * LANES);
    y0.intoArray(s, sums1);
    y1.intoArray(s, sums1 + LANES);
    y2.intoArray(s, sums1 + 2 * LANES);
    y3.intoArray(s, sums1 + 3 * LANES);
  }

  /** Four terms of one channel. */
  static void tile4x1(
      WindowPositions positions,
      float[] s,
      int p0,
      int p1,
      int p2,
      int p3,
      int gradients,
      int row,
      int rows,
      int sums) {
    int perRow = positions.perRow;
    FloatVector x0 = FloatVector.fromArray(F, s, sums);
    FloatVector x1 = FloatVector.fromArray(F, s, sums + LANES);
    FloatVector x2 = FloatVector.fromArray(F, s, sums + 2 * LANES);
    FloatVector x3 = FloatVector.fromArray(F, s, sums + 3 * LANES);
    int[] whole = positions.whole;
    int end = (row + rows) * perRow;
    int g = gradients;
    for (int i = row * perRow; i < end; i++) {
      int p = whole[i];
      FloatVector a = FloatVector.fromArray(F, s, g);
      FloatVector v = FloatVector.fromArray(F, s, p0 + p);
      x0 = v.fma(a, x0);
      v = FloatVector.fromArray(F, s, p1 + p);
      x1 = v.fma(a, x1);
      v = FloatVector.fromArray(F, s, p2 + p);
      x2 = v.fma(a, x2);
      v = FloatVector.fromArray(F, s, p3 + p);
      x3 = v.fma(a, x3);
      g += LANES;
    }
    if (positions.rest > 0) {
      FloatVector zero = FloatVector.zero(F);
      VectorMask<Float> off = positions.off;
      for (int i = row; i < row + rows; i++) {
        int p = i * positions.rowStep + perRow * LANES;
        FloatVector a = FloatVector.fromArray(F, s, g);
        FloatVector v = FloatVector.fromArray(F, s, p0 + p).blend(zero, off);
        x0 = v.fma(a, x0);
        v = FloatVector.fromArray(F, s, p1 + p).blend(zero, off);
        x1 = v.fma(a, x1);
        v = FloatVector.fromArray(F, s, p2 + p).blend(zero, off);
        x2 = v.fma(a, x2);
        v = FloatVector.fromArray(F, s, p3 + p).blend(zero, off);
        x3 = v.fma(a, x3);
        g += LANES;
      }
    }
    x0.intoArray(s, sums);
    x1.intoArray(s, sums + LANES);
    x2.intoArray(s, sums + 2 * LANES);
    x3.intoArray(s, sums + 3 * LANES);
  }
}
