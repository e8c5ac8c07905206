package io.github.lanewise.internal;

/** What a loss kernel computes. */
public enum LossPass {
  VALUE,
  GRADIENT,
  BOTH;

  /** Whether the value is wanted. */
  public boolean value() {
    return this != GRADIENT;
  }

  /** Whether the gradient is wanted. */
  public boolean gradient() {
    return this != VALUE;
  }
}
