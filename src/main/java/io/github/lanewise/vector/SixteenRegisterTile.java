package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;
import static io.github.lanewise.vector.WideTile.WIDTH;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;

/**
 * The tiles of {@link WideTile} for machines with 16 vector registers.
 *
 * <p>Twelve accumulators leave four registers. C2 gets by with them only if it does not move the
 * loads of one term above the multiply-adds of the other, so there is a fence for loads between: it
 * is no instruction on x86, and without it the accumulators go to the stack and back. Two terms a
 * step, since what else a step takes would otherwise fill as many slots as the multiply-adds leave.
 */
final class SixteenRegisterTile {
  private SixteenRegisterTile() {}

  /** Two vectors of columns × 6 rows. */
  static void tile2x6(
      float[] a,
      int at,
      int[] terms,
      int from,
      int count,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride,
      boolean add) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector x0 = zero;
    FloatVector y0 = zero;
    FloatVector x1 = zero;
    FloatVector y1 = zero;
    FloatVector x2 = zero;
    FloatVector y2 = zero;
    FloatVector x3 = zero;
    FloatVector y3 = zero;
    FloatVector x4 = zero;
    FloatVector y4 = zero;
    FloatVector x5 = zero;
    FloatVector y5 = zero;
    int i = from;
    int k = bAt;
    if (count % 2 == 1) {
      int p = at + terms[i];
      FloatVector u = FloatVector.fromArray(F, b, k);
      FloatVector v = FloatVector.fromArray(F, b, k + LANES);
      FloatVector t = FloatVector.broadcast(F, a[p]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, a[p + 1]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, a[p + 2]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, a[p + 3]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
      t = FloatVector.broadcast(F, a[p + 4]);
      x4 = t.fma(u, x4);
      y4 = t.fma(v, y4);
      t = FloatVector.broadcast(F, a[p + 5]);
      x5 = t.fma(u, x5);
      y5 = t.fma(v, y5);
      i++;
      k += WIDTH;
    }
    for (; i < from + count; i += 2) {
      int p = at + terms[i];
      FloatVector u = FloatVector.fromArray(F, b, k);
      FloatVector v = FloatVector.fromArray(F, b, k + LANES);
      FloatVector t = FloatVector.broadcast(F, a[p]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, a[p + 1]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, a[p + 2]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, a[p + 3]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
      t = FloatVector.broadcast(F, a[p + 4]);
      x4 = t.fma(u, x4);
      y4 = t.fma(v, y4);
      t = FloatVector.broadcast(F, a[p + 5]);
      x5 = t.fma(u, x5);
      y5 = t.fma(v, y5);
      VarHandle.loadLoadFence();
      p = at + terms[i + 1];
      u = FloatVector.fromArray(F, b, k + WIDTH);
      v = FloatVector.fromArray(F, b, k + WIDTH + LANES);
      t = FloatVector.broadcast(F, a[p]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, a[p + 1]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, a[p + 2]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, a[p + 3]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
      t = FloatVector.broadcast(F, a[p + 4]);
      x4 = t.fma(u, x4);
      y4 = t.fma(v, y4);
      t = FloatVector.broadcast(F, a[p + 5]);
      x5 = t.fma(u, x5);
      y5 = t.fma(v, y5);
      VarHandle.loadLoadFence();
      k += 2 * WIDTH;
    }
    if (add) {
      x0 = x0.add(FloatVector.fromArray(F, c, cAt));
      y0 = y0.add(FloatVector.fromArray(F, c, cAt + LANES));
      x1 = x1.add(FloatVector.fromArray(F, c, cAt + cStride));
      y1 = y1.add(FloatVector.fromArray(F, c, cAt + cStride + LANES));
      x2 = x2.add(FloatVector.fromArray(F, c, cAt + 2 * cStride));
      y2 = y2.add(FloatVector.fromArray(F, c, cAt + 2 * cStride + LANES));
      x3 = x3.add(FloatVector.fromArray(F, c, cAt + 3 * cStride));
      y3 = y3.add(FloatVector.fromArray(F, c, cAt + 3 * cStride + LANES));
      x4 = x4.add(FloatVector.fromArray(F, c, cAt + 4 * cStride));
      y4 = y4.add(FloatVector.fromArray(F, c, cAt + 4 * cStride + LANES));
      x5 = x5.add(FloatVector.fromArray(F, c, cAt + 5 * cStride));
      y5 = y5.add(FloatVector.fromArray(F, c, cAt + 5 * cStride + LANES));
    }
    x0.intoArray(c, cAt);
    y0.intoArray(c, cAt + LANES);
    x1.intoArray(c, cAt + cStride);
    y1.intoArray(c, cAt + cStride + LANES);
    x2.intoArray(c, cAt + 2 * cStride);
    y2.intoArray(c, cAt + 2 * cStride + LANES);
    x3.intoArray(c, cAt + 3 * cStride);
    y3.intoArray(c, cAt + 3 * cStride + LANES);
    x4.intoArray(c, cAt + 4 * cStride);
    y4.intoArray(c, cAt + 4 * cStride + LANES);
    x5.intoArray(c, cAt + 5 * cStride);
    y5.intoArray(c, cAt + 5 * cStride + LANES);
  }

  /** Two vectors of columns × 4 rows: too few accumulators for any to be spilled. */
  static void tile2x4(
      float[] a,
      int at,
      int[] terms,
      int from,
      int count,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride,
      boolean add) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector x0 = zero;
    FloatVector y0 = zero;
    FloatVector x1 = zero;
    FloatVector y1 = zero;
    FloatVector x2 = zero;
    FloatVector y2 = zero;
    FloatVector x3 = zero;
    FloatVector y3 = zero;
    int i = from;
    int k = bAt;
    if (count % 2 == 1) {
      int p = at + terms[i];
      FloatVector u = FloatVector.fromArray(F, b, k);
      FloatVector v = FloatVector.fromArray(F, b, k + LANES);
      FloatVector t = FloatVector.broadcast(F, a[p]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, a[p + 1]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, a[p + 2]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, a[p + 3]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
      i++;
      k += WIDTH;
    }
    for (; i < from + count; i += 2) {
      int p = at + terms[i];
      FloatVector u = FloatVector.fromArray(F, b, k);
      FloatVector v = FloatVector.fromArray(F, b, k + LANES);
      FloatVector t = FloatVector.broadcast(F, a[p]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, a[p + 1]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, a[p + 2]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, a[p + 3]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
      p = at + terms[i + 1];
      u = FloatVector.fromArray(F, b, k + WIDTH);
      v = FloatVector.fromArray(F, b, k + WIDTH + LANES);
      t = FloatVector.broadcast(F, a[p]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, a[p + 1]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, a[p + 2]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
      t = FloatVector.broadcast(F, a[p + 3]);
      x3 = t.fma(u, x3);
      y3 = t.fma(v, y3);
      k += 2 * WIDTH;
    }
    if (add) {
      x0 = x0.add(FloatVector.fromArray(F, c, cAt));
      y0 = y0.add(FloatVector.fromArray(F, c, cAt + LANES));
      x1 = x1.add(FloatVector.fromArray(F, c, cAt + cStride));
      y1 = y1.add(FloatVector.fromArray(F, c, cAt + cStride + LANES));
      x2 = x2.add(FloatVector.fromArray(F, c, cAt + 2 * cStride));
      y2 = y2.add(FloatVector.fromArray(F, c, cAt + 2 * cStride + LANES));
      x3 = x3.add(FloatVector.fromArray(F, c, cAt + 3 * cStride));
      y3 = y3.add(FloatVector.fromArray(F, c, cAt + 3 * cStride + LANES));
    }
    x0.intoArray(c, cAt);
    y0.intoArray(c, cAt + LANES);
    x1.intoArray(c, cAt + cStride);
    y1.intoArray(c, cAt + cStride + LANES);
    x2.intoArray(c, cAt + 2 * cStride);
    y2.intoArray(c, cAt + 2 * cStride + LANES);
    x3.intoArray(c, cAt + 3 * cStride);
    y3.intoArray(c, cAt + 3 * cStride + LANES);
  }

  /** Two vectors of columns × 3 rows. */
  static void tile2x3(
      float[] a,
      int at,
      int[] terms,
      int from,
      int count,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride,
      boolean add) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector x0 = zero;
    FloatVector y0 = zero;
    FloatVector x1 = zero;
    FloatVector y1 = zero;
    FloatVector x2 = zero;
    FloatVector y2 = zero;
    for (int i = 0; i < count; i++) {
      int p = at + terms[from + i];
      FloatVector u = FloatVector.fromArray(F, b, bAt + i * WIDTH);
      FloatVector v = FloatVector.fromArray(F, b, bAt + i * WIDTH + LANES);
      FloatVector t = FloatVector.broadcast(F, a[p]);
      x0 = t.fma(u, x0);
      y0 = t.fma(v, y0);
      t = FloatVector.broadcast(F, a[p + 1]);
      x1 = t.fma(u, x1);
      y1 = t.fma(v, y1);
      t = FloatVector.broadcast(F, a[p + 2]);
      x2 = t.fma(u, x2);
      y2 = t.fma(v, y2);
    }
    if (add) {
      x0 = x0.add(FloatVector.fromArray(F, c, cAt));
      y0 = y0.add(FloatVector.fromArray(F, c, cAt + LANES));
      x1 = x1.add(FloatVector.fromArray(F, c, cAt + cStride));
      y1 = y1.add(FloatVector.fromArray(F, c, cAt + cStride + LANES));
      x2 = x2.add(FloatVector.fromArray(F, c, cAt + 2 * cStride));
      y2 = y2.add(FloatVector.fromArray(F, c, cAt + 2 * cStride + LANES));
    }
    x0.intoArray(c, cAt);
    y0.intoArray(c, cAt + LANES);
    x1.intoArray(c, cAt + cStride);
    y1.intoArray(c, cAt + cStride + LANES);
    x2.intoArray(c, cAt + 2 * cStride);
    y2.intoArray(c, cAt + 2 * cStride + LANES);
  }
}
