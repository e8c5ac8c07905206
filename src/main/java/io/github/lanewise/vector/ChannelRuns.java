package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;
import static jdk.incubator.vector.VectorOperators.LE;

import io.github.lanewise.internal.BatchNormalizationProblem;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Loops over elements {@code from} to {@code to - 1} of one channel of an array (batch, channels,
 * plane): runs along the plane, a stride apart. Every {@code at} is where the channel's first
 * element lies. An input {@code x} up to its floor counts as 0.
 *
 * <p>Loops over a run count their steps: C2 does not always see that {@code j <= end - LANES}, in a
 * loop over runs, ends, and then compiles it with a safepoint in every step and registers on the
 * stack.
 */
final class ChannelRuns {
  /** Most elements that are summed in float. */
  private static final int BLOCK = 4096;

  private final int plane;
  private final int stride;
  private final float floor;
  private final float outputFloor;

  ChannelRuns(BatchNormalizationProblem p) {
    plane = p.plane();
    stride = p.channels() * plane;
    floor = p.inputFloor();
    outputFloor = p.outputFloor();
  }

  /** Elements to sum in float at a time: whole runs, or part of a long one. */
  int block() {
    return plane <= BLOCK ? BLOCK / plane * plane : BLOCK;
  }

  private float relu(float x) {
    return x <= floor ? 0 : x;
  }

  /** Leaves {@code Σ d} and {@code Σ d²} of {@code d = x − shift} in two floats of scratch. */
  void moments(float[] x, int at, int from, int to, float shift, float[] scratch, int result) {
    FloatVector f = FloatVector.broadcast(F, floor);
    FloatVector k = FloatVector.broadcast(F, shift);
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector q0 = s0;
    FloatVector q1 = s0;
    double s = 0; // of runs shorter than a vector
    double q = 0;
    for (int i = from; i < to; ) {
      int image = i / plane;
      int length = Math.min((image + 1) * plane, to) - i;
      int j = at + image * stride + i - image * plane;
      int end = j + length;
      // with more vectors a step, C2 would not inline the sums of lanes, and box a vector
      for (int step = 0; step < length / (2 * LANES); step++, j += 2 * LANES) {
        FloatVector x0 = FloatVector.fromArray(F, x, j);
        FloatVector x1 = FloatVector.fromArray(F, x, j + LANES);
        FloatVector d0 = x0.blend(0f, x0.compare(LE, f)).sub(k);
        FloatVector d1 = x1.blend(0f, x1.compare(LE, f)).sub(k);
        s0 = s0.add(d0);
        s1 = s1.add(d1);
        q0 = d0.fma(d0, q0);
        q1 = d1.fma(d1, q1);
      }
      if (j <= end - LANES) {
        FloatVector v = FloatVector.fromArray(F, x, j);
        FloatVector d = v.blend(0f, v.compare(LE, f)).sub(k);
        s0 = s0.add(d);
        q0 = d.fma(d, q0);
        j += LANES;
      }
      if (j < end && length >= LANES) {
        VectorMask<Float> done = F.indexInRange(0, LANES - end + j);
        FloatVector v = FloatVector.fromArray(F, x, end - LANES);
        FloatVector d = v.blend(0f, v.compare(LE, f)).sub(k).blend(0f, done);
        s0 = s0.add(d);
        q0 = d.fma(d, q0);
      } else {
        for (; j < end; j++) {
          double d = relu(x[j]) - shift;
          s += d;
          q += d * d;
        }
      }
      i += length;
    }
    scratch[result] = (float) (s + LaneSum.of(s0.add(s1)));
    scratch[result + 1] = (float) (q + LaneSum.of(q0.add(q1)));
  }

  /** Leaves {@code Σ g} and {@code Σ g · (x − mean)} in two floats of scratch. */
  void products(
      float[] x,
      int at,
      float[] g,
      int gAt,
      int from,
      int to,
      float mean,
      float[] scratch,
      int result) {
    FloatVector f = FloatVector.broadcast(F, floor);
    FloatVector m = FloatVector.broadcast(F, mean);
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector q0 = s0;
    FloatVector q1 = s0;
    double s = 0; // of runs shorter than a vector
    double q = 0;
    int toG = gAt - at;
    for (int i = from; i < to; ) {
      int image = i / plane;
      int length = Math.min((image + 1) * plane, to) - i;
      int j = at + image * stride + i - image * plane;
      int end = j + length;
      for (int step = 0; step < length / (2 * LANES); step++, j += 2 * LANES) {
        FloatVector g0 = FloatVector.fromArray(F, g, j + toG);
        FloatVector g1 = FloatVector.fromArray(F, g, j + toG + LANES);
        FloatVector x0 = FloatVector.fromArray(F, x, j);
        FloatVector x1 = FloatVector.fromArray(F, x, j + LANES);
        FloatVector d0 = x0.blend(0f, x0.compare(LE, f)).sub(m);
        FloatVector d1 = x1.blend(0f, x1.compare(LE, f)).sub(m);
        s0 = s0.add(g0);
        s1 = s1.add(g1);
        q0 = g0.fma(d0, q0);
        q1 = g1.fma(d1, q1);
      }
      if (j <= end - LANES) {
        FloatVector g0 = FloatVector.fromArray(F, g, j + toG);
        FloatVector x0 = FloatVector.fromArray(F, x, j);
        FloatVector d0 = x0.blend(0f, x0.compare(LE, f)).sub(m);
        s0 = s0.add(g0);
        q0 = g0.fma(d0, q0);
        j += LANES;
      }
      if (j < end && length >= LANES) {
        VectorMask<Float> done = F.indexInRange(0, LANES - end + j);
        FloatVector g0 = FloatVector.fromArray(F, g, end - LANES + toG).blend(0f, done);
        FloatVector x0 = FloatVector.fromArray(F, x, end - LANES);
        FloatVector d0 = x0.blend(0f, x0.compare(LE, f)).sub(m).blend(0f, done);
        s0 = s0.add(g0);
        q0 = g0.fma(d0, q0);
      } else {
        for (; j < end; j++) {
          s += g[j + toG];
          q += (double) g[j + toG] * (relu(x[j]) - mean);
        }
      }
      i += length;
    }
    scratch[result] = (float) (s + LaneSum.of(s0.add(s1)));
    scratch[result + 1] = (float) (q + LaneSum.of(q0.add(q1)));
  }

  /** {@code y = (x − mean) · scale + bias}, 0 up to the floor of the outputs. */
  void normalize(
      float[] x,
      int at,
      float[] y,
      int yAt,
      int from,
      int to,
      float mean,
      float scale,
      float bias) {
    for (int i = from; i < to; ) {
      int image = i / plane;
      int length = Math.min((image + 1) * plane, to) - i;
      int j = i + image * (stride - plane);
      NormalizedRow.normalize(x, at + j, y, yAt + j, length, mean, scale, bias, floor, outputFloor);
      i += length;
    }
  }

  /** {@code result = (g − shift − (x − mean) · slope) · scale}, 0 where x counts as 0. */
  void gradient(
      float[] x,
      int at,
      float[] g,
      int gAt,
      float[] result,
      int resultAt,
      int from,
      int to,
      float mean,
      float shift,
      float slope,
      float scale) {
    for (int i = from; i < to; ) {
      int image = i / plane;
      int length = Math.min((image + 1) * plane, to) - i;
      int j = i + image * (stride - plane);
      NormalizedRow.gradient(
          x, at + j, g, gAt + j, result, resultAt + j, length, mean, shift, slope, scale, floor);
      i += length;
    }
  }

  /** {@code result = g · scale}, 0 where {@code x ≤ floor}, whichever floor and {@code x}. */
  void scale(
      float[] x,
      int at,
      float[] g,
      int gAt,
      float[] result,
      int resultAt,
      int from,
      int to,
      float scale,
      float floor) {
    FloatVector f = FloatVector.broadcast(F, floor);
    int toG = gAt - at;
    int toResult = resultAt - at;
    for (int i = from; i < to; ) {
      int image = i / plane;
      int length = Math.min((image + 1) * plane, to) - i;
      int j = at + image * stride + i - image * plane;
      int end = j + length;
      if (length < LANES) {
        for (; j < end; j++) {
          result[j + toResult] = x[j] <= floor ? 0 : g[j + toG] * scale;
        }
      } else {
        int start = j;
        FloatVector w = FloatVector.fromArray(F, x, j);
        FloatVector first = FloatVector.fromArray(F, g, j + toG).mul(scale);
        first = first.blend(0f, w.compare(LE, f)); // stored at the end: the result may be x or g
        for (j += Tail.start(length); j < end; j += LANES) {
          FloatVector v = FloatVector.fromArray(F, x, j);
          FloatVector t = FloatVector.fromArray(F, g, j + toG).mul(scale);
          t.blend(0f, v.compare(LE, f)).intoArray(result, j + toResult);
        }
        first.intoArray(result, start + toResult);
      }
      i += length;
    }
  }
}
