package io.github.lanewise.internal;

import java.util.Arrays;
import java.util.function.Supplier;

/** The checks at the edge, each with a message that names the argument and the legal range. */
public final class Checks {
  private Checks() {}

  /** Refuses {@code value} unless {@code low <= value <= high}. */
  public static int range(String name, long value, long low, long high) {
    if (value < low || value > high) {
      String legal =
          high == Integer.MAX_VALUE ? "at least " + low : "between " + low + " and " + high;
      throw new IllegalArgumentException(name + " is " + value + " but must be " + legal);
    }
    return (int) value;
  }

  /** Refuses {@code value} unless {@code low <= value <= high}; NaN is refused. */
  public static double range(String name, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      String legal =
          high == Double.MAX_VALUE
              ? "at least " + low + " and finite"
              : "between " + low + " and " + high;
      throw new IllegalArgumentException(name + " is " + value + " but must be " + legal);
    }
    return value;
  }

  /** The product of the sizes as an array length, refused when it overflows one. */
  public static int size(String name, int... sizes) {
    long product = 1;
    for (int size : sizes) {
      if (size < 0) {
        throw new IllegalArgumentException(
            name + " has a negative size in shape " + Arrays.toString(sizes));
      }
      product *= size;
      // the product of two ints fits a long: checking each step keeps the next one exact
      if (product > Integer.MAX_VALUE - 16) {
        throw new IllegalArgumentException(
            name
                + " of shape "
                + Arrays.toString(sizes)
                + " has more elements than a Java array holds ("
                + (Integer.MAX_VALUE - 16)
                + ")");
      }
    }
    return (int) product;
  }

  /**
   * One value for all axes, or one an axis, each at least {@code low}.
   *
   * @param missing the height that one dimension has
   * @return (height, width)
   */
  public static int[] axes(String name, int dimensions, int low, int missing, int... values) {
    if (values == null || values.length != 1 && values.length != dimensions) {
      throw new IllegalArgumentException(
          name
              + " is "
              + Arrays.toString(values)
              + " but must have 1 value"
              + (dimensions == 1 ? "" : " or " + dimensions));
    }
    for (int value : values) {
      range(name, value, low, Integer.MAX_VALUE);
    }
    int last = values[values.length - 1];
    return dimensions == 1 ? new int[] {missing, last} : new int[] {values[0], last};
  }

  /**
   * Refuses sizes of an axis that make kernels compute an index, padding included, which is no int.
   *
   * @param of whose size it is
   * @param given all sizes, for the message
   */
  public static void reach(
      String of, int size, int padding, long extent, int stride, Supplier<String> given) {
    long reach = size + 2L * padding + extent + stride;
    if (reach > Integer.MAX_VALUE / 4) {
      throw new IllegalArgumentException(
          of
              + " size + 2 · padding + dilation · (kernel_size − 1) + 1 + stride is "
              + reach
              + " but must be at most "
              + Integer.MAX_VALUE / 4
              + given.get());
    }
  }

  /** Refuses {@code null}. */
  public static <T> T present(String name, T value) {
    if (value == null) {
      throw new IllegalArgumentException(name + " is null");
    }
    return value;
  }

  /** Refuses an array that has not {@code size} elements from {@code offset} on. */
  public static void array(String name, float[] array, int offset, int size) {
    span(name, array == null ? -1 : array.length, offset, size);
  }

  /** Refuses an array that has not {@code size} elements from {@code offset} on. */
  public static void array(String name, int[] array, int offset, int size) {
    span(name, array == null ? -1 : array.length, offset, size);
  }

  private static void span(String name, int length, int offset, int size) {
    if (!holds(length, offset, size)) {
      throw new IllegalArgumentException(tooShort(name, length, offset, size));
    }
  }

  /** Whether an array of this length, -1 if there is none, has so many elements from there on. */
  public static boolean holds(int length, int offset, int size) {
    return length >= 0 && offset >= 0 && size <= length - (long) offset;
  }

  /** Says why it does not {@link #holds hold} them. */
  public static String tooShort(String name, int length, int offset, int size) {
    if (length < 0) {
      return name + " is null";
    }
    if (offset < 0) {
      String legal = size > length ? "at least 0" : "between 0 and " + (length - size);
      return "the offset of " + name + " is " + offset + " but must be " + legal;
    }
    return name
        + " has "
        + length
        + " elements, but "
        + size
        + " are needed from offset "
        + offset
        + " on";
  }
}
