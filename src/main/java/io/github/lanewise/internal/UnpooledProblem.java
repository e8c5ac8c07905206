package io.github.lanewise.internal;

/**
 * A transposed convolution whose input planes are one value, but for the few elements that indices
 * name: what unpooling makes.
 *
 * @param dual the convolution whose input gradient it is: its output is our input
 * @param entries values and indices of an input plane
 */
public record UnpooledProblem(ConvolutionProblem dual, int entries) {
  /** Input planes. */
  public int planes() {
    return dual.batch() * dual.outChannels();
  }

  /** Positions of an input plane. */
  public int plane() {
    return dual.outHeight() * dual.outWidth();
  }

  /** Values in all planes. */
  public int entriesSize() {
    return planes() * entries;
  }

  /** Positions of an output plane. */
  public int resultPlane() {
    return dual.inHeight() * dual.inWidth();
  }

  /** What the check of the indices needs to know. */
  public IndexedProblem indexed() {
    return new IndexedProblem(
        dual.batch(), dual.outChannels(), entries, plane(), false, false, null);
  }
}
