package io.github.lanewise.nn;

import io.github.lanewise.kernel.MaxUnpooling;
import io.github.lanewise.kernel.Workspace;

/**
 * The elements of a tensor that unpooling made, in short: the values, where they lie, and the value
 * of all others. Indices are those of a pooling whose windows do not overlap, so that none occurs
 * twice.
 *
 * <p>As a gradient of such a tensor: the gradients of the values and, where {@code fillValue} is
 * not {@code null}, the sum of the gradients of all other elements of a channel.
 *
 * @param values (N, C, …), the pooled shape
 * @param indices of the same shape
 * @param fillValue one value a channel, or {@code null} for 0
 * @param plan the unpooling
 */
record Unpooled(Tensor values, Indices indices, float[] fillValue, MaxUnpooling plan) {
  /** The same places with other values, on new arrays. */
  Unpooled sibling(boolean fill) {
    float[] fillValue = fill ? new float[values.size(1)] : null;
    return new Unpooled(Tensor.zeros(values.shape()), indices, fillValue, plan);
  }

  /** Elements of a plane of the values. */
  int entries() {
    return values.elements() / (values.size(0) * values.size(1));
  }

  /** Whether the values of both lie at the same places. */
  boolean isSibling(Unpooled other) {
    return other != null && indices == other.indices && plan == other.plan;
  }

  /** All elements. */
  void fill(float[] elements, Workspace workspace) {
    plan.forward(values.dense(), 0, indices.raw(), 0, fillValue, 0, elements, 0, workspace);
  }
}
