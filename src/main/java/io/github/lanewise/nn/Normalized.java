package io.github.lanewise.nn;

import io.github.lanewise.kernel.FusedNormalization;

/**
 * The elements of a tensor that batch normalisation made, in short: what they follow from. The
 * layer next to it may compute them while it reads.
 *
 * @param by the normalisation
 * @param input its input
 * @param gradOutput {@code null} if the tensor is its output; if the tensor is the gradient of its
 *     input, the gradient of its output
 */
record Normalized(FusedNormalization by, Tensor input, Tensor gradOutput) {
  /** Itself if it is of these, else one that is: the same tensors come again in each step. */
  static Normalized of(Normalized latest, FusedNormalization by, Tensor input, Tensor gradOutput) {
    return latest != null
            && latest.by == by
            && latest.input == input
            && latest.gradOutput == gradOutput
        ? latest
        : new Normalized(by, input, gradOutput);
  }
}
