package io.github.lanewise.nn;

import java.util.Locale;

/** What a convolution sees beyond the border of its input, as PyTorch's {@code padding_mode}. */
public enum PaddingMode {
  /** Zeros. */
  ZEROS,
  /** The input mirrored at its outermost elements, which are not repeated. */
  REFLECT,
  /** The outermost element. */
  REPLICATE,
  /** The input from its other end. */
  CIRCULAR;

  /**
   * Which element stands at {@code index}, counted from the first element.
   *
   * @return an index from 0 to {@code size - 1}, or -1 for a zero
   */
  int source(int index, int size) {
    if (index >= 0 && index < size) {
      return index;
    }
    return switch (this) {
      case ZEROS -> -1;
      case REFLECT -> index < 0 ? -index : 2 * (size - 1) - index;
      case REPLICATE -> index < 0 ? 0 : size - 1;
      case CIRCULAR -> Math.floorMod(index, size);
    };
  }

  /** The most that may be added to one side of an axis of {@code size}. */
  int most(int size) {
    return switch (this) {
      case ZEROS, REPLICATE -> Integer.MAX_VALUE;
      case REFLECT -> size - 1;
      case CIRCULAR -> size;
    };
  }

  /** The name in PyTorch. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
