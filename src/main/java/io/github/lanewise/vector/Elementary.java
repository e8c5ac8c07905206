package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;
import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.OR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Elementary functions of the elements of arrays, after Cephes (Stephen Moshier, expf, logf,
 * tanhf). They consist of additions, multiplications, divisions and fused multiply-adds only, each
 * of which is exactly defined: the same bits on every run, on every machine and at every width. The
 * Vector API's own {@code EXP} and so on promise no such thing: they call whatever the platform
 * has.
 *
 * <p>Errors are relative to the true value, measured against double over every 97th float of the
 * domain; 2⁻²⁴ is half a unit in the last place.
 *
 * <p>Each function is a loop over the whole vectors of {@code n} elements, a multiple of the lanes.
 * C2 inlines no method of ours any more where it already has some 18,000 nodes, which is forty
 * vector operations, nor, where it is called rarely, one that it has compiled already; and a vector
 * that goes through a call is boxed. So the formulas call the Vector API only, which is inlined by
 * force, and each other only as their first step; a loop is the only place that calls its formula;
 * and who has elements that fill no vector calls the loop in one place for both ({@link Row#exp}).
 */
final class Elementary {
  /** Added and subtracted, it rounds to an integer, which is then in the low bits of the sum. */
  private static final float ROUND = 0x1.8p23f;

  private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

  /**
   * The same, with an integer n that leaves n + 64 + 127 in the low bits: shifted up, they are
   * 2^(n+64), a normal float also where 2^n is none.
   */
  private static final float ROUND_TO_POWER = 0x1.8p23f + 64 + 127;

  /** The same with n + 127: shifted up, they are 2^n. */
  private static final float ROUND_TO_BIASED = 0x1.8p23f + 127;

  private static final float LOG2_E = 1.44269504f;

  /** ln 2 in two parts, the first with so few bits that its product with an exponent is exact. */
  private static final float LN2_HIGH = 0.693359375f;

  private static final float LN2_LOW = -2.12194440e-4f;

  /** Below this exp rounds to zero. */
  private static final float LEAST_EXPONENT = -104f;

  /** From here on tanh rounds to one. */
  private static final float MOST_TANH = 10f;

  private static final int SQRT_HALF_BITS = Float.floatToRawIntBits(0.70710678f);

  private Elementary() {}

  /**
   * {@code y = exp(x − shift)} for x ≤ shift, NaN where either is; error of exp at most 0.8 · 2⁻²³,
   * subnormal results included. {@code y} may be {@code x}.
   */
  static void exp(float[] x, int at, float shift, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(F, x, at + i).sub(shift);
      expOfNegative(v).intoArray(y, yAt + i);
    }
  }

  /** The same with a shift for each element, and {@code sum = sum + y}. */
  static void expAndAdd(
      float[] x,
      int at,
      float[] shift,
      int shiftAt,
      float[] y,
      int yAt,
      float[] sum,
      int sumAt,
      int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v =
          FloatVector.fromArray(F, x, at + i).sub(FloatVector.fromArray(F, shift, shiftAt + i));
      FloatVector e = expOfNegative(v);
      e.intoArray(y, yAt + i);
      FloatVector.fromArray(F, sum, sumAt + i).add(e).intoArray(sum, sumAt + i);
    }
  }

  /** {@code y = exp(−|x|)}, NaN for NaN; error at most 0.8 · 2⁻²³. */
  static void expOfMinusMagnitude(float[] x, int at, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(F, x, at + i).abs().neg();
      expOfNegative(v).intoArray(y, yAt + i);
    }
  }

  /**
   * {@code y = 1 / (1 + exp(−x))}, NaN for NaN; error at most 1.5 · 2⁻²³. {@code y} may be {@code
   * x}.
   */
  static void sigmoid(float[] x, int at, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(F, x, at + i);
      sigmoid(v).intoArray(y, yAt + i);
    }
  }

  /** {@code y = tanh(x)}, NaN for NaN; error at most 1.5 · 2⁻²³. {@code y} may be {@code x}. */
  static void tanh(float[] x, int at, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(F, x, at + i);
      tanh(v).intoArray(y, yAt + i);
    }
  }

  /**
   * {@code y = ln(x)} for normal x ≥ 1, NaN for NaN and infinity; error at most 0.7 · 2⁻²³. {@code
   * y} may be {@code x}.
   *
   * <p>The formula has no method of its own: with one, cross-entropy allocated two vectors a step
   * in some JVMs. A vector that goes through a call is an object.
   */
  static void logOfAtLeastOne(float[] x, int at, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(F, x, at + i);
      IntVector bits = v.reinterpretAsInts();
      IntVector exponent = bits.sub(SQRT_HALF_BITS).lanewise(ASHR, 23);
      FloatVector mantissa = bits.sub(exponent.lanewise(LSHL, 23)).reinterpretAsFloats();
      FloatVector power = exponent.add(ROUND_BITS).reinterpretAsFloats().sub(ROUND);
      FloatVector f = mantissa.sub(1f);
      FloatVector z = f.mul(f);
      FloatVector p = f.lanewise(FMA, 7.0376836292e-2f, -1.1514610310e-1f);
      p = p.lanewise(FMA, f, 1.1676998740e-1f);
      p = p.lanewise(FMA, f, -1.2420140846e-1f);
      p = p.lanewise(FMA, f, 1.4249322787e-1f);
      p = p.lanewise(FMA, f, -1.6668057665e-1f);
      p = p.lanewise(FMA, f, 2.0000714765e-1f);
      p = p.lanewise(FMA, f, -2.4999993993e-1f);
      p = p.lanewise(FMA, f, 3.3333331174e-1f);
      FloatVector log = p.mul(f).mul(z);
      log = power.lanewise(FMA, LN2_LOW, log);
      log = z.lanewise(FMA, -0.5f, log);
      // v − v is NaN for NaN and infinity, whose bits mean nothing above
      power.lanewise(FMA, LN2_HIGH, f.add(log)).add(v.sub(v)).intoArray(y, yAt + i);
    }
  }

  private static FloatVector expOfNegative(FloatVector x) {
    x = x.blend(LEAST_EXPONENT, x.compare(LT, LEAST_EXPONENT));
    FloatVector t = x.lanewise(FMA, LOG2_E, ROUND_TO_POWER);
    FloatVector n = t.sub(ROUND_TO_POWER);
    FloatVector r = n.lanewise(FMA, -LN2_HIGH, x);
    r = n.lanewise(FMA, -LN2_LOW, r);
    FloatVector p = r.lanewise(FMA, 1.9875691500e-4f, 1.3981999507e-3f);
    p = p.lanewise(FMA, r, 8.3334519073e-3f);
    p = p.lanewise(FMA, r, 4.1665795894e-2f);
    p = p.lanewise(FMA, r, 1.6666665459e-1f);
    p = p.lanewise(FMA, r, 5.0000001201e-1f);
    FloatVector e = p.fma(r.mul(r), r).add(1f);
    FloatVector power = t.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
    return e.mul(power).mul(0x1p-64f);
  }

  private static FloatVector sigmoid(FloatVector x) {
    FloatVector e = expOfNegative(x.abs().neg());
    VectorMask<Float> positive = x.compare(GE, 0f);
    return e.blend(1f, positive).div(e.add(1f));
  }

  /** With e = (exp(2x) − 1) / 2, which does not cancel near zero, it is e / (e + 1). */
  private static FloatVector tanh(FloatVector x) {
    FloatVector magnitude = x.abs();
    magnitude = magnitude.blend(MOST_TANH, magnitude.compare(GT, MOST_TANH));
    FloatVector t = magnitude.lanewise(FMA, 2 * LOG2_E, ROUND_TO_BIASED);
    FloatVector n = t.sub(ROUND_TO_BIASED);
    FloatVector r = n.lanewise(FMA, -LN2_HIGH / 2, magnitude);
    r = n.lanewise(FMA, -LN2_LOW / 2, r);
    FloatVector p = r.lanewise(FMA, 4.4642318e-2f, 1.3390440e-1f);
    p = p.lanewise(FMA, r, 3.3332962e-1f);
    p = p.lanewise(FMA, r, 6.6666070e-1f);
    p = p.lanewise(FMA, r, 1f);
    p = p.fma(r.mul(r), r);
    FloatVector power = t.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
    FloatVector e = p.fma(power, power.lanewise(FMA, 0.5f, -0.5f));
    IntVector sign = x.reinterpretAsInts().lanewise(AND, Integer.MIN_VALUE);
    IntVector quotient = e.div(e.add(1f)).reinterpretAsInts();
    return quotient.lanewise(OR, sign).reinterpretAsFloats();
  }

  /** ln(1 + u) for 0 ≤ u ≤ 1, NaN for NaN; error at most 1.1 · 2⁻²³. */
  static FloatVector logOfOnePlus(FloatVector u) {
    FloatVector p = u.lanewise(FMA, 5.3647390e-3f, -3.0065470e-2f);
    p = p.lanewise(FMA, u, 7.9203986e-2f);
    p = p.lanewise(FMA, u, -1.3753755e-1f);
    p = p.lanewise(FMA, u, 1.9153634e-1f);
    p = p.lanewise(FMA, u, -2.4857157e-1f);
    p = p.lanewise(FMA, u, 3.3321320e-1f);
    p = p.lanewise(FMA, u, -4.9999648e-1f);
    return p.fma(u.mul(u), u);
  }
}
