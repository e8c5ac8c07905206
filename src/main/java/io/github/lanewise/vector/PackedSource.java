package io.github.lanewise.vector;

import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;

/**
 * All images, packed before the tasks of {@link ChannelLanes} that share them, a task some channels
 * of some images.
 */
record PackedSource(Gather gather, long weights) implements Kernel {
  /** Tasks for each group of images that are packed together. */
  private static final int PARTS = 8;

  private int parts() {
    return Math.min(PARTS, gather.sourceChannels);
  }

  @Override
  public int tasks() {
    return gather.rounds() * gather.groups * parts();
  }

  @Override
  public long sharedScratch() {
    return weights + gather.rounds() * gather.groups * gather.packedSize();
  }

  /** Where a group of images packed together begins. */
  int at(int round, int group) {
    return Math.toIntExact(weights + (round * gather.groups + group) * gather.packedSize());
  }

  @Override
  public long taskScratch() {
    return gather.packScratch();
  }

  @Override
  public void run(int task, Operands a, float[] scratch, int shared, int own) {
    int parts = parts();
    int part = task % parts;
    int group = task / parts % gather.groups;
    int round = task / parts / gather.groups;
    int first = gather.sourceChannels * part / parts;
    int end = gather.sourceChannels * (part + 1) / parts;
    int to = shared + at(round, group);
    gather.pack(a, round * gather.images, group, first, end, scratch, to, own);
  }
}
