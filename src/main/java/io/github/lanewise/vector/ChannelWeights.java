package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;

/**
 * The weights of all groups and phases in blocks of result channels, a block's weights for one term
 * after the other.
 */
final class ChannelWeights implements Kernel {
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

  @Override
  public int tasks() {
    return gather.groups * channels.blocks();
  }

  @Override
  public long sharedScratch() {
    return size;
  }

  @Override
  public long taskScratch() {
    return Transpose.SCRATCH + (long) (gather.taps + LANES) * WideTile.WIDTH;
  }

  @Override
  public void run(int task, Operands a, float[] scratch, int shared, int own) {
    int block = task % channels.blocks();
    int group = task / channels.blocks();
    int width = channels.width(block);
    int count = channels.count(block);
    if (count < width) {
      for (int i = 0; i < gather.phases.size(); i++) {
        int to = shared + at(i, group, block);
        Arrays.fill(scratch, to, to + gather.phases.get(i).terms().length * width, 0);
      }
    }
    int from =
        a.weightAt + group * gather.weightGroup + channels.first(block) * gather.weightStride;
    if (gather.backward) {
      channelByChannel(a, from, group, block, scratch, shared, own);
    } else {
      Transpose.run(
          a.weight,
          from,
          gather.weightStride,
          count,
          gather.weightStride,
          scratch,
          shared + at(0, group, block),
          width,
          null,
          0,
          scratch,
          own);
    }
  }

  /** Transposes the taps of one source channel after the other, and brings each to its phase. */
  private void channelByChannel(
      Operands a, int from, int group, int block, float[] scratch, int shared, int own) {
    int width = channels.width(block);
    int count = channels.count(block);
    int taps = gather.taps;
    int transposed = own + Transpose.SCRATCH;
    int whole = (taps + LANES - 1) / LANES * LANES;
    for (int s = 0; s < gather.sourceChannels; s++) {
      int at = from + s * gather.resultChannels * taps;
      // beyond the last tap lie the next channel's, or the end of the array
      int columns = at + (count - 1) * taps + whole <= a.weight.length ? whole : taps;
      Transpose.run(
          a.weight, at, taps, count, columns, scratch, transposed, width, null, 0, scratch, own);
      for (int i = 0; i < gather.phases.size(); i++) {
        int[] used = gather.phases.get(i).taps();
        int to = shared + at(i, group, block) + s * used.length * width;
        for (int t = 0; t < used.length; t++) {
          Row.copy(scratch, transposed + used[t] * width, count, scratch, to + t * width);
        }
      }
    }
  }
}
