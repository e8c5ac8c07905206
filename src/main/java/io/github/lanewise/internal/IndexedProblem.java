package io.github.lanewise.internal;

/**
 * Values that each name a position of a plane: the outputs of a max pooling and where in its input
 * they were, or the inputs of an unpooling and where in its output they go.
 *
 * @param batch images
 * @param channels pairs of planes of an image
 * @param entries values and indices a plane
 * @param plane positions an index may name: 0 to {@code plane - 1}
 * @param uniqueIndices whether an index that occurs twice in a plane is refused
 * @param winnerOnly whether only the last of the entries with equal indices gets a gradient
 * @param windows the pooling in whose windows the indices usually lie, each entry's in that of the
 *     same number; {@code null} if there is none
 */
public record IndexedProblem(
    int batch,
    int channels,
    int entries,
    int plane,
    boolean uniqueIndices,
    boolean winnerOnly,
    PoolingProblem windows) {
  /** Pairs of planes. */
  public int planes() {
    return batch * channels;
  }

  /** Entries in all planes. */
  public int entriesSize() {
    return planes() * entries;
  }

  /** Positions in all planes. */
  public int planesSize() {
    return planes() * plane;
  }
}
