package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import java.util.Arrays;

/** Arguments with one value an axis, and how PyTorch prints arguments. */
final class Axes {
  private Axes() {}

  /** One value for all axes, or one an axis, each at least {@code low}; returned one an axis. */
  static int[] of(String name, int dimensions, int low, int... values) {
    if (values == null || values.length != 1 && values.length != dimensions) {
      throw new IllegalArgumentException(
          name
              + " is "
              + Arrays.toString(values)
              + " but must have 1 value"
              + (dimensions == 1 ? "" : " or " + dimensions));
    }
    for (int value : values) {
      Checks.range(name, value, low, Integer.MAX_VALUE);
    }
    int[] result = Arrays.copyOf(values, dimensions);
    if (values.length == 1) {
      Arrays.fill(result, values[0]);
    }
    return result;
  }

  static boolean all(int[] values, int value) {
    for (int v : values) {
      if (v != value) {
        return false;
      }
    }
    return true;
  }

  /** {@code 3} if all axes have it, else {@code (3, 2)}: how PyTorch prints pooling's arguments. */
  static String brief(int[] values) {
    return all(values, values[0]) ? Integer.toString(values[0]) : Tensor.text(values);
  }

  /** As Python prints it. */
  static String python(boolean value) {
    return value ? "True" : "False";
  }

  /** As Python prints it: {@code 0.01}, {@code 1e-05}. */
  static String python(double value) {
    if (value == 0 || Math.abs(value) >= 1e-4 && Math.abs(value) < 1e16) {
      return value == Math.rint(value) && Math.abs(value) < 1e15
          ? Long.toString((long) value) + ".0"
          : new java.math.BigDecimal(Double.toString(value)).toPlainString();
    }
    // Java writes 1.0E-5 and 1.5E-10
    return Double.toString(value)
        .replace(".0E", "E")
        .replaceFirst("E(-?)(\\d)$", "E$10$2")
        .replace('E', 'e');
  }
}
