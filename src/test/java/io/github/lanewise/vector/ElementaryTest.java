package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** The errors that {@link Elementary} states, in units of 2⁻²³ of the true value. */
class ElementaryTest {
  private static final int STEP = 2003;

  /** Goes through every {@link #STEP}th float from {@code low} to {@code high}, both positive. */
  private static void check(
      double bound,
      float low,
      float high,
      int sign,
      UnaryOperator<FloatVector> function,
      DoubleUnaryOperator reference) {
    float[] x = new float[LANES];
    float[] y = new float[LANES];
    int last = Float.floatToRawIntBits(high);
    for (long bits = Float.floatToRawIntBits(low); bits <= last; bits += STEP * LANES) {
      for (int i = 0; i < LANES; i++) {
        x[i] = sign * Float.intBitsToFloat((int) Math.min(last, bits + STEP * i));
      }
      function.apply(FloatVector.fromArray(F, x, 0)).intoArray(y, 0);
      for (int i = 0; i < LANES; i++) {
        double expected = reference.applyAsDouble(x[i]);
        double unit = Math.max(Math.abs(expected) * 0x1p-23, Float.MIN_VALUE);
        double error = Math.abs(y[i] - expected) / unit;
        assertTrue(error <= bound, x[i] + " gives " + y[i] + ", not " + expected);
      }
    }
  }

  private static float at(float x, UnaryOperator<FloatVector> function) {
    return function.apply(FloatVector.broadcast(F, x)).lane(0);
  }

  @Test
  void expOfNegative() {
    check(0.8, 0, 1e30f, -1, Elementary::expOfNegative, Math::exp);
    assertEquals(0, at(Float.NEGATIVE_INFINITY, Elementary::expOfNegative));
    assertTrue(Float.isNaN(at(Float.NaN, Elementary::expOfNegative)));
  }

  @Test
  void sigmoid() {
    check(1.5, 0, 1e30f, -1, Elementary::sigmoid, x -> 1 / (1 + Math.exp(-x)));
    check(1.5, 0, 1e30f, 1, Elementary::sigmoid, x -> 1 / (1 + Math.exp(-x)));
    assertEquals(0, at(Float.NEGATIVE_INFINITY, Elementary::sigmoid));
    assertEquals(1, at(Float.POSITIVE_INFINITY, Elementary::sigmoid));
    assertTrue(Float.isNaN(at(Float.NaN, Elementary::sigmoid)));
  }

  @Test
  void tanh() {
    check(1.3, 0, 1e30f, -1, Elementary::tanh, Math::tanh);
    check(1.3, 0, 1e30f, 1, Elementary::tanh, Math::tanh);
    assertEquals(-1, at(Float.NEGATIVE_INFINITY, Elementary::tanh));
    assertEquals(1, at(Float.POSITIVE_INFINITY, Elementary::tanh));
    assertTrue(Float.isNaN(at(Float.NaN, Elementary::tanh)));
  }

  @Test
  void logOfAtLeastOne() {
    check(0.7, 1, Float.MAX_VALUE, 1, Elementary::logOfAtLeastOne, Math::log);
    assertTrue(Float.isNaN(at(Float.NaN, Elementary::logOfAtLeastOne)));
  }

  @Test
  void logOfOnePlus() {
    check(1.1, 0, 1, 1, Elementary::logOfOnePlus, Math::log1p);
    assertTrue(Float.isNaN(at(Float.NaN, Elementary::logOfOnePlus)));
  }

  @Test
  void lanesAreAllAddedUp() {
    float[] powers = new float[LANES];
    for (int i = 0; i < LANES; i++) {
      powers[i] = 1 << i;
    }
    assertEquals((1 << LANES) - 1, LaneSum.of(FloatVector.fromArray(F, powers, 0)));
  }
}
