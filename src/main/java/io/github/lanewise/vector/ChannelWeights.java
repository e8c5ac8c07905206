package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The weights of all groups and phases in blocks of result channels, a block's weights for one term
 * after the other.
 */
final class ChannelWeights implements Kernel {
  /** Source channels of a task. */
  private static final int CHANNELS = 32;

  final ColumnBlocks channels;
  private final Gather gather;

  /** Floats of one group of a phase, and where the phase begins. */
  private final int[] groupSize;

  private final long[] phaseAt;
  private final long size;

  ChannelWeights(Gather gather) {
    this.gather = gather;
    channels = new ColumnBlocks(gather.resultChannels);
    int phases = gather.phases.size();
    groupSize = new int[phases];
    phaseAt = new long[phases];
    long at = 0;
    for (int i = 0; i < phases; i++) {
      groupSize[i] = Math.toIntExact(channels.floats(gather.phases.get(i).terms().length));
      phaseAt[i] = at;
      at += (long) groupSize[i] * gather.groups;
    }
    size = at;
  }

  int at(int phase, int group, int block) {
    return (int) (phaseAt[phase] + (long) group * groupSize[phase])
        + channels.at(block, gather.phases.get(phase).terms().length);
  }

  /**
   * The forward pass's weights are transposed block by block; the input gradient's source channel
   * by source channel, as they lie.
   */
  @Override
  public int tasks() {
    int each =
        gather.backward ? (gather.sourceChannels + CHANNELS - 1) / CHANNELS : channels.blocks();
    return gather.groups * each;
  }

  @Override
  public long sharedScratch() {
    return size;
  }

  @Override
  public long taskScratch() {
    return (long) (gather.taps + LANES) * WideTile.WIDTH;
  }

  @Override
  public void run(int task, Operands a, float[] scratch, int shared, int own) {
    if (a.packedWeights != null) {
      return;
    }
    int each = tasks() / gather.groups;
    int group = task / each;
    if (gather.backward) {
      int first = task % each * CHANNELS;
      int end = Math.min(first + CHANNELS, gather.sourceChannels);
      for (int source = first; source < end; source++) {
        for (int block = 0; block < channels.blocks(); block++) {
          sourceChannel(source, group, block, a, scratch, shared, own);
        }
      }
    } else {
      block(group, task % each, a, scratch, shared);
    }
  }

  /** Packs a block of the forward pass's weights. */
  void block(int group, int block, Operands a, float[] scratch, int shared) {
    int terms = gather.weightStride;
    int width = channels.width(block);
    int count = channels.count(block);
    int to = shared + at(0, group, block);
    if (count < width) {
      Arrays.fill(scratch, to, to + terms * width, 0);
    }
    int from = a.weightAt + group * gather.weightGroup + channels.first(block) * terms;
    Transpose.run(a.weight, from, terms, count, terms, scratch, to, width, null, 0);
  }

  /** Transposes the taps of a source channel, and brings each to its phase. */
  private void sourceChannel(
      int source, int group, int block, Operands a, float[] scratch, int shared, int own) {
    int width = channels.width(block);
    int count = channels.count(block);
    int taps = gather.taps;
    int channel = channels.first(block);
    float[] rows = a.weight;
    int at =
        a.weightAt + group * gather.weightGroup + source * gather.sourceStride + channel * taps;
    if (taps > 1) {
      int whole = (taps + LANES - 1) / LANES * LANES;
      // beyond the last tap lie the next channel's, or the end of the array
      int columns = at + (count - 1) * taps + whole <= rows.length ? whole : taps;
      Transpose.run(rows, at, taps, count, columns, scratch, own, width, null, 0);
      rows = scratch;
      at = own;
    }
    for (int i = 0; i < gather.phases.size(); i++) {
      int[] used = gather.phases.get(i).taps();
      int to = shared + at(i, group, block) + source * used.length * width;
      for (int tap : used) {
        row(rows, at + tap * width, count, scratch, to, width);
        to += width;
      }
    }
  }

  /** Copies a block's weights for one term; beyond the last come zeros. */
  private static void row(float[] from, int at, int count, float[] to, int toAt, int width) {
    if (count == WideTile.WIDTH) {
      FloatVector.fromArray(F, from, at).intoArray(to, toAt);
      FloatVector.fromArray(F, from, at + LANES).intoArray(to, toAt + LANES);
    } else {
      Row.copy(from, at, count, to, toAt);
      Arrays.fill(to, toAt + count, toAt + width, 0);
    }
  }
}
