package io.github.lanewise.internal;

/**
 * A loss between input and target that is a sum (or a mean) of one term an element.
 *
 * @param reduced whether the terms are added up; else output and gradOutput have one value a term
 * @param columns length of the last axis, along which {@link Kind#BCE_WITH_LOGITS} spreads
 *     posWeight
 * @param beta of {@link Kind#SMOOTH_L1} only: where the parabola meets the line
 */
public record LossProblem(
    Kind kind, LossPass pass, boolean reduced, int size, int columns, float beta) {
  /** The terms. */
  public enum Kind {
    MSE,
    L1,
    SMOOTH_L1,
    BCE_WITH_LOGITS
  }
}
