package io.github.lanewise.nn;

import io.github.lanewise.kernel.Reduction;

/** A loss whose input and target have the same shape. */
abstract class ElementwiseLoss extends Loss {
  ElementwiseLoss(Reduction reduction) {
    super(reduction);
  }

  /** Runs the kernel. */
  abstract void compute(float[] input, float[] target);

  /**
   * Computes the loss.
   *
   * @param input what the network gave
   * @param target what it should have given, of the same shape
   * @return the mean or the sum over all elements
   * @throws IllegalArgumentException if the shapes differ
   */
  public final float forward(Tensor input, Tensor target) {
    prepare(input);
    if (target == null || !target.sameShape(input)) {
      throw new IllegalArgumentException(
          this
              + ": target has shape "
              + (target == null ? null : target.shapeText())
              + " but input has shape "
              + input.shapeText());
    }
    compute(input.data(), target.data());
    return done();
  }
}
