package io.github.lanewise.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class FloatPairTest {
  private static double kept(double value) {
    float[] scratch = new float[5];
    FloatPair.put(value, scratch, 2);
    assertEquals(0, scratch[1] + scratch[4]);
    return FloatPair.get(scratch, 2);
  }

  @Test
  void keepsTwiceTheBitsOfAFloat() {
    for (double value : new double[] {0, 1, Math.PI, -1e10 / 3, 1e-20 / 7, 123456789.123}) {
      assertEquals(value, kept(value), Math.abs(value) * 0x1p-47);
    }
  }

  @Test
  void keepsWhatIsNoNumber() {
    for (double value :
        new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
      assertEquals(value, kept(value));
    }
  }
}
