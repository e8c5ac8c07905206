package io.github.lanewise.vector;

import io.github.lanewise.internal.Operands;

/**
 * A pass over the channels of an array (batch, channels, plane) that first sums something over each
 * channel, then finds by the sums what its elements are computed with, then computes them. A
 * channel's elements are numbered from 0 to batch · plane − 1.
 */
interface ChannelPass {
  /** Floats that the sums of one slab take, and what elements are computed with. */
  int SUMS = 4;

  /** Leaves sums over the elements {@code from} to {@code to - 1} in {@code scratch}. */
  void sum(int channel, int from, int to, Operands a, float[] scratch, int sums);

  /**
   * Leaves what the elements are computed with where the first slab's sums are.
   *
   * @param sums where the sums of the channel's slabs begin in {@code scratch}, {@link #SUMS} each
   */
  void finish(int channel, Operands a, float[] scratch, int sums);

  /** Computes the elements {@code from} to {@code to - 1}, by what {@link #finish} left there. */
  void apply(int channel, int from, int to, Operands a, float[] scratch, int at);
}
