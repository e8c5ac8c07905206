package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions of whole vectors, after Cephes (Stephen Moshier, expf, logf, tanhf). They
 * consist of additions, multiplications, divisions and fused multiply-adds only, each of which is
 * exactly defined: the same bits on every run, on every machine and at every width. The Vector
 * API's own {@code EXP} and so on promise no such thing: they call whatever the platform has.
 *
 * <p>Errors are relative to the true value, measured against double over every 97th float of the
 * domain; 2⁻²⁴ is half a unit in the last place.
 */
final class Elementary {
  /** Added and subtracted, it rounds to an integer, which is then in the low bits of the sum. */
  private static final float ROUND = 0x1.8p23f;

  private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);
  private static final float LOG2_E = 1.44269504f;

  /** ln 2 in two parts, the first with so few bits that its product with an exponent is exact. */
  private static final float LN2_HIGH = 0.693359375f;

  private static final float LN2_LOW = -2.12194440e-4f;

  /** Below this exp rounds to zero. */
  private static final float LEAST_EXPONENT = -104f;

  private static final int SQRT_HALF_BITS = Float.floatToRawIntBits(0.70710678f);

  private Elementary() {}

  /** exp(x) for x ≤ 0, NaN for NaN; error at most 0.8 · 2⁻²³, subnormal results included. */
  static FloatVector expOfNegative(FloatVector x) {
    x = x.blend(LEAST_EXPONENT, x.compare(VectorOperators.LT, LEAST_EXPONENT));
    FloatVector t = x.lanewise(VectorOperators.FMA, LOG2_E, ROUND);
    FloatVector n = t.sub(ROUND);
    FloatVector r = fma(n, -LN2_HIGH, x);
    r = fma(n, -LN2_LOW, r);
    FloatVector p = r.lanewise(VectorOperators.FMA, 1.9875691500e-4f, 1.3981999507e-3f);
    p = fma(p, r, 8.3334519073e-3f);
    p = fma(p, r, 4.1665795894e-2f);
    p = fma(p, r, 1.6666665459e-1f);
    p = fma(p, r, 5.0000001201e-1f);
    FloatVector e = p.fma(r.mul(r), r).add(1f);
    // in two steps, since 2^n of a subnormal result is no normal float
    IntVector exponent = t.reinterpretAsInts().sub(ROUND_BITS);
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    return e.mul(powerOfTwo(half)).mul(powerOfTwo(exponent.sub(half)));
  }

  private static FloatVector powerOfTwo(IntVector exponent) {
    return exponent.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  private static FloatVector fma(FloatVector a, float b, FloatVector c) {
    return a.lanewise(VectorOperators.FMA, FloatVector.broadcast(F, b), c);
  }

  private static FloatVector fma(FloatVector a, FloatVector b, float c) {
    return a.lanewise(VectorOperators.FMA, b, FloatVector.broadcast(F, c));
  }

  /** 1 / (1 + exp(−x)); error at most 1.5 · 2⁻²³. */
  static FloatVector sigmoid(FloatVector x) {
    FloatVector e = expOfNegative(x.abs().neg());
    VectorMask<Float> positive = x.compare(VectorOperators.GE, 0f);
    return e.blend(1f, positive).div(e.add(1f));
  }

  /** tanh(x); error at most 1.3 · 2⁻²³. */
  static FloatVector tanh(FloatVector x) {
    FloatVector magnitude = x.abs();
    FloatVector e = expOfNegative(magnitude.mul(-2f));
    FloatVector large = FloatVector.broadcast(F, 1f).sub(e).div(e.add(1f));
    large = large.blend(large.neg(), x.compare(VectorOperators.LT, 0f));
    // near zero 1 − exp(−2|x|) cancels
    FloatVector z = x.mul(x);
    FloatVector p = z.lanewise(VectorOperators.FMA, -5.70498872745e-3f, 2.06390887954e-2f);
    p = fma(p, z, -5.37397155531e-2f);
    p = fma(p, z, 1.33314422036e-1f);
    p = fma(p, z, -3.33332819422e-1f);
    FloatVector small = p.mul(z).fma(x, x);
    return large.blend(small, magnitude.compare(VectorOperators.LT, 0.625f));
  }

  /** ln(x) for normal x ≥ 1, NaN for NaN and infinity; error at most 0.7 · 2⁻²³. */
  static FloatVector logOfAtLeastOne(FloatVector x) {
    IntVector bits = x.reinterpretAsInts();
    IntVector exponent = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
    FloatVector mantissa =
        bits.sub(exponent.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
    FloatVector n = exponent.add(ROUND_BITS).reinterpretAsFloats().sub(ROUND);
    FloatVector f = mantissa.sub(1f);
    FloatVector z = f.mul(f);
    FloatVector p = f.lanewise(VectorOperators.FMA, 7.0376836292e-2f, -1.1514610310e-1f);
    p = fma(p, f, 1.1676998740e-1f);
    p = fma(p, f, -1.2420140846e-1f);
    p = fma(p, f, 1.4249322787e-1f);
    p = fma(p, f, -1.6668057665e-1f);
    p = fma(p, f, 2.0000714765e-1f);
    p = fma(p, f, -2.4999993993e-1f);
    p = fma(p, f, 3.3333331174e-1f);
    FloatVector y = p.mul(f).mul(z);
    y = fma(n, LN2_LOW, y);
    y = fma(z, -0.5f, y);
    // x − x is NaN for NaN and infinity, whose bits mean nothing above
    return fma(n, LN2_HIGH, f.add(y)).add(x.sub(x));
  }

  /** ln(1 + u) for 0 ≤ u ≤ 1, NaN for NaN; error at most 1.1 · 2⁻²³. */
  static FloatVector logOfOnePlus(FloatVector u) {
    FloatVector w = u.add(1f);
    // what rounding w lost, to first order
    FloatVector rest = u.sub(w.sub(1f)).div(w);
    return logOfAtLeastOne(w).add(rest);
  }
}
