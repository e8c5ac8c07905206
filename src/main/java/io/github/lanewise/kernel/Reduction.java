package io.github.lanewise.kernel;

import java.util.Arrays;
import java.util.Locale;

/** What a loss does with the losses of its elements, as PyTorch's argument {@code reduction}. */
public enum Reduction {
  /** One loss an element (or a position). */
  NONE,
  /** Their mean. */
  MEAN,
  /** Their sum. */
  SUM;

  /**
   * The reduction of that name in PyTorch.
   *
   * @param name {@code none}, {@code mean} or {@code sum}
   * @return the reduction
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Reduction of(String name) {
    for (Reduction reduction : values()) {
      if (reduction.toString().equals(name)) {
        return reduction;
      }
    }
    throw new IllegalArgumentException(
        "reduction is \"" + name + "\" but must be one of " + Arrays.toString(values()));
  }

  /** The name in PyTorch. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
