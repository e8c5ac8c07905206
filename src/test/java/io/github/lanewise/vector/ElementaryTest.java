package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** The errors that {@link Elementary} states, in units of 2⁻²³ of the true value. */
class ElementaryTest {
  private static final int STEP = 2003;

  /** A function of arrays, called for {@code n} elements in place or not, with scratch. */
  private interface Function {
    void apply(float[] x, int at, float[] y, int yAt, int n, float[] scratch, int own);

    default void apply(float[] x, int at, float[] y, int yAt, int n) {
      float[] scratch = new float[LANES + 3];
      Arrays.fill(scratch, Float.NaN);
      apply(x, at, y, yAt, n, scratch, 3);
    }
  }

  /** A function of whole vectors. */
  private interface Vectors {
    void apply(float[] x, int at, float[] y, int yAt, int n);
  }

  private static Function rounded(Vectors function) {
    return (x, at, y, yAt, n, scratch, own) -> {
      float[] whole = Arrays.copyOfRange(x, at, at + (n + LANES - 1) / LANES * LANES);
      function.apply(whole, 0, whole, 0, whole.length);
      System.arraycopy(whole, 0, y, yAt, n);
    };
  }

  /** Goes through every {@link #STEP}th float from {@code low} to {@code high}, both positive. */
  private static void check(
      double bound,
      float low,
      float high,
      int sign,
      Function function,
      DoubleUnaryOperator reference) {
    int first = Float.floatToRawIntBits(low);
    int last = Float.floatToRawIntBits(high);
    float[] x = new float[(last - first) / STEP + 2];
    for (int i = 0; i < x.length; i++) {
      x[i] = sign * Float.intBitsToFloat((int) Math.min(last, first + (long) STEP * i));
    }
    float[] y = new float[x.length];
    function.apply(x, 0, y, 0, x.length);
    for (int i = 0; i < x.length; i++) {
      double expected = reference.applyAsDouble(x[i]);
      double unit = Math.max(Math.abs(expected) * 0x1p-23, Float.MIN_VALUE);
      double error = Math.abs(y[i] - expected) / unit;
      assertTrue(error <= bound, x[i] + " gives " + y[i] + ", not " + expected);
    }
    tails(x, function, y);
  }

  /** Every length and every offset gives the same bits, and touches nothing else. */
  private static void tails(float[] x, Function function, float[] expected) {
    int from = 0;
    while (Math.abs(x[from]) < 0.25f) { // below, some results are those of their neighbours, or x
      from++;
    }
    for (int n = 0; n <= 3 * LANES; n++) {
      float[] y = new float[n + 7];
      Arrays.fill(y, 42);
      System.arraycopy(x, from, y, 3, n);
      function.apply(y, 3, y, 3, n);
      for (int i = 0; i < y.length; i++) {
        float wanted = i >= 3 && i < 3 + n ? expected[from + i - 3] : 42;
        assertEquals(wanted, y[i], "element " + (i - 3) + " of " + n);
      }
    }
  }

  private static float at(float x, Function function) {
    float[] y = {x};
    function.apply(y, 0, y, 0, 1);
    float[] many = new float[2 * LANES];
    Arrays.fill(many, x);
    function.apply(many, 0, many, 0, 2 * LANES);
    assertEquals(y[0], many[LANES]);
    return y[0];
  }

  @Test
  void exp() {
    Function exp = (x, at, y, yAt, n, scratch, own) -> Row.exp(x, at, 0, y, yAt, n, scratch, own);
    check(0.8, 0, 1e30f, -1, exp, Math::exp);
    assertEquals(0, at(Float.NEGATIVE_INFINITY, exp));
    assertTrue(Float.isNaN(at(Float.NaN, exp)));
  }

  @Test
  void expOfDifferences() {
    for (int n = 0; n <= 3 * LANES; n += LANES) {
      float[] x = new float[n + 2];
      float[] shift = new float[n + 1];
      for (int i = 0; i < n; i++) {
        x[i + 2] = i * 0.5f;
        shift[i + 1] = i;
      }
      float[] y = new float[n];
      float[] sum = new float[n + 3];
      Arrays.fill(sum, 2);
      Elementary.expAndAdd(x, 2, shift, 1, y, 0, sum, 3, n);
      for (int i = 0; i < n; i++) {
        assertEquals(Math.exp(-i * 0.5), y[i], 1e-7 * Math.exp(-i * 0.5));
        assertEquals(2 + y[i], sum[i + 3]);
      }
    }
  }

  @Test
  void expOfMinusMagnitude() {
    check(0.8, 0, 1e30f, 1, rounded(Elementary::expOfMinusMagnitude), x -> Math.exp(-x));
    check(0.8, 0, 1e30f, -1, rounded(Elementary::expOfMinusMagnitude), Math::exp);
  }

  @Test
  void sigmoid() {
    check(1.5, 0, 1e30f, -1, rounded(Elementary::sigmoid), x -> 1 / (1 + Math.exp(-x)));
    check(1.5, 0, 1e30f, 1, rounded(Elementary::sigmoid), x -> 1 / (1 + Math.exp(-x)));
    assertEquals(0, at(Float.NEGATIVE_INFINITY, rounded(Elementary::sigmoid)));
    assertEquals(1, at(Float.POSITIVE_INFINITY, rounded(Elementary::sigmoid)));
    assertTrue(Float.isNaN(at(Float.NaN, rounded(Elementary::sigmoid))));
  }

  @Test
  void tanh() {
    check(1.5, 0, 1e30f, -1, rounded(Elementary::tanh), Math::tanh);
    check(1.5, 0, 1e30f, 1, rounded(Elementary::tanh), Math::tanh);
    assertEquals(-1, at(Float.NEGATIVE_INFINITY, rounded(Elementary::tanh)));
    assertEquals(1, at(Float.POSITIVE_INFINITY, rounded(Elementary::tanh)));
    assertTrue(Float.isNaN(at(Float.NaN, rounded(Elementary::tanh))));
  }

  @Test
  void logOfAtLeastOne() {
    check(0.7, 1, Float.MAX_VALUE, 1, rounded(Elementary::logOfAtLeastOne), Math::log);
    assertTrue(Float.isNaN(at(Float.NaN, rounded(Elementary::logOfAtLeastOne))));
  }

  @Test
  void logOfOnePlus() {
    Vectors log =
        (x, at, y, yAt, n) -> {
          for (int i = 0; i < n; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, at + i);
            Elementary.logOfOnePlus(v).intoArray(y, yAt + i);
          }
        };
    check(1.1, 0, 1, 1, rounded(log), Math::log1p);
    assertTrue(Float.isNaN(at(Float.NaN, rounded(log))));
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
