package io.github.lanewise.internal;

/**
 * Cross-entropy between logits (batch, classes, plane) and a target.
 *
 * @param probabilities whether the target is (batch, classes, plane) probabilities rather than
 *     (batch, plane) class indices
 * @param reduced whether the losses of the positions are added up; else output and gradOutput have
 *     one value a position
 */
public record CrossEntropyProblem(
    LossPass pass,
    boolean probabilities,
    boolean reduced,
    int batch,
    int classes,
    int plane,
    int ignoreIndex,
    double labelSmoothing) {
  /** Positions with a target each. */
  public int positions() {
    return batch * plane;
  }
}
