package io.github.lanewise.internal;

import java.util.List;

/**
 * One way to compute an operation. An operation has an ordered list of these: the first that
 * accepts a problem wins, and the scalar twin, which accepts all, ends every list.
 *
 * @param <P> the description of a problem
 */
public interface Implementation<P> {
  /** The name that {@code describe()} prints and tests and benchmarks look for. */
  String name();

  /** Whether this implementation computes that problem, and well. */
  boolean accepts(P problem);

  /** Whether it is as fast as computing the problem another way, where there is one. */
  default boolean pays(P problem) {
    return true;
  }

  /**
   * Whether its kernels heed {@link Operands#inputNormalization}, {@link
   * Operands#gradOutputNormalization} and {@link Operands#gradientNormalization}.
   */
  default boolean takesNormalization(P problem) {
    return false;
  }

  /**
   * The kernel that packs the weights to the beginning of the shared scratch memory, which leaves
   * it out if there are {@link Operands#packedWeights}; {@code null} if none is worth it.
   */
  default Kernel weights(P problem) {
    return null;
  }

  /** The kernels to run one after the other, each with a barrier behind it. */
  Kernel[] kernels(P problem);

  /** The first of the list that accepts the problem. */
  static <P> Implementation<P> first(List<Implementation<P>> list, P problem) {
    for (Implementation<P> implementation : list) {
      if (implementation.accepts(problem)) {
        return implementation;
      }
    }
    throw new AssertionError("the list does not end in a scalar twin: " + list);
  }
}
