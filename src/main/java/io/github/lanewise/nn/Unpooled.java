package io.github.lanewise.nn;

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
 */
record Unpooled(Tensor values, Indices indices, float[] fillValue) {
  /** Elements of a plane of the values. */
  int entries() {
    return values.elements() / (values.size(0) * values.size(1));
  }

  /** Whether this is the gradient of {@code other}. */
  boolean isGradientOf(Unpooled other) {
    return other != null
        && indices == other.indices
        && values.sameShape(other.values)
        && (fillValue == null) == (other.fillValue == null);
  }
}
