package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;
import static jdk.incubator.vector.VectorOperators.LE;

import io.github.lanewise.internal.Normalization;
import jdk.incubator.vector.FloatVector;

/**
 * What batch normalisation makes of {@code n} neighbouring elements of a channel, for it and for
 * kernels that do it to what they read. An input {@code x} up to its floor counts as 0; a floor of
 * NaN is none.
 */
final class NormalizedRow {
  private NormalizedRow() {}

  /** {@code y = (x − mean) · scale + bias}, 0 up to the floor of the outputs. */
  static void normalize(
      float[] x,
      int at,
      float[] y,
      int yAt,
      int n,
      float mean,
      float scale,
      float bias,
      float floor,
      float outputFloor) {
    FloatVector f = FloatVector.broadcast(F, floor);
    FloatVector m = FloatVector.broadcast(F, mean);
    FloatVector s = FloatVector.broadcast(F, scale);
    FloatVector b = FloatVector.broadcast(F, bias);
    FloatVector o = FloatVector.broadcast(F, outputFloor);
    int toY = yAt - at;
    int end = at + n;
    if (n < LANES) {
      for (int j = at; j < end; j++) {
        float v = Math.fma((x[j] <= floor ? 0 : x[j]) - mean, scale, bias);
        y[j + toY] = v <= outputFloor ? 0 : v;
      }
      return;
    }
    FloatVector first = FloatVector.fromArray(F, x, at); // stored at the end, as y may be x
    first = first.blend(0f, first.compare(LE, f)).sub(m).fma(s, b);
    first = first.blend(0f, first.compare(LE, o));
    for (int j = at + Tail.start(n); j < end; j += LANES) {
      FloatVector v = FloatVector.fromArray(F, x, j);
      v = v.blend(0f, v.compare(LE, f)).sub(m).fma(s, b);
      v.blend(0f, v.compare(LE, o)).intoArray(y, j + toY);
    }
    first.intoArray(y, yAt);
  }

  /** The same by the coefficients of a channel. */
  static void normalize(
      Normalization by, int channel, float[] x, int at, float[] y, int yAt, int n) {
    double[] k = by.coefficients();
    int c = channel * Normalization.PER_CHANNEL;
    float scale = (float) k[c + 1];
    float bias = (float) k[c + 2];
    normalize(x, at, y, yAt, n, (float) k[c], scale, bias, by.floor(), Float.NaN);
  }

  /** {@code result = (g − shift − (x − mean) · slope) · scale}, 0 where x counts as 0. */
  static void gradient(
      float[] x,
      int at,
      float[] g,
      int gAt,
      float[] result,
      int resultAt,
      int n,
      float mean,
      float shift,
      float slope,
      float scale,
      float floor) {
    FloatVector f = FloatVector.broadcast(F, floor);
    FloatVector m = FloatVector.broadcast(F, mean);
    FloatVector minusSlope = FloatVector.broadcast(F, -slope);
    int toG = gAt - at;
    int toResult = resultAt - at;
    int end = at + n;
    if (n < LANES) {
      for (int j = at; j < end; j++) {
        float d = (x[j] <= floor ? 0 : x[j]) - mean;
        float t = Math.fma(d, -slope, g[j + toG] - shift) * scale;
        result[j + toResult] = x[j] <= floor ? 0 : t;
      }
      return;
    }
    FloatVector w = FloatVector.fromArray(F, x, at);
    FloatVector first = FloatVector.fromArray(F, g, gAt).sub(shift);
    first = w.blend(0f, w.compare(LE, f)).sub(m).fma(minusSlope, first).mul(scale);
    first = first.blend(0f, w.compare(LE, f)); // stored at the end: the result may be x or g
    for (int j = at + Tail.start(n); j < end; j += LANES) {
      FloatVector v = FloatVector.fromArray(F, x, j);
      FloatVector t = FloatVector.fromArray(F, g, j + toG).sub(shift);
      t = v.blend(0f, v.compare(LE, f)).sub(m).fma(minusSlope, t).mul(scale);
      t.blend(0f, v.compare(LE, f)).intoArray(result, j + toResult);
    }
    first.intoArray(result, resultAt);
  }

  /** The same by the coefficients of a channel. */
  static void gradient(
      Normalization by,
      int channel,
      float[] x,
      int at,
      float[] g,
      int gAt,
      float[] result,
      int resultAt,
      int n) {
    double[] k = by.coefficients();
    int c = channel * Normalization.PER_CHANNEL;
    float mean = (float) k[c];
    float shift = (float) k[c + 1];
    float slope = (float) k[c + 2];
    float scale = (float) k[c + 3];
    gradient(x, at, g, gAt, result, resultAt, n, mean, shift, slope, scale, by.floor());
  }
}
