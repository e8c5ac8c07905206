package io.github.lanewise.internal;

/**
 * An activation function of each of {@code size} elements, or its gradient.
 *
 * @param negativeSlope of {@link Kind#LEAKY_RELU} only
 */
public record ActivationProblem(Kind kind, boolean backward, int size, float negativeSlope) {
  /** The functions. */
  public enum Kind {
    RELU,
    LEAKY_RELU,
    SIGMOID,
    TANH
  }
}
