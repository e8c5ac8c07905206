package io.github.lanewise.vector;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;

/**
 * Cuts a {@link ChannelPass} into tasks.
 *
 * <p>A channel's elements are divided into slabs, whose sums are combined in order. Where a channel
 * fits the second-level cache, or there are many channels, a task takes whole channels: summed,
 * then computed while they still are in the cache, so that memory is read once. Few large channels
 * are summed slab by slab in one step; a last one computes all channels image by image, or some
 * images of small planes, as they lie in memory: to write a plane here and a plane there takes a
 * third longer.
 */
final class ChannelKernels {
  /** Elements of a channel that may be expected to stay in the second-level cache. */
  private static final int CACHED = 1 << 17;

  private static final int MANY_CHANNELS = 64;

  /** Elements of a channel worth looking up its sums for. */
  private static final int PIECE = 1 << 10;

  private ChannelKernels() {}

  static Kernel[] of(ChannelPass pass, int channels, int plane, int perChannel) {
    Chunks slabs = Chunks.of(perChannel);
    if (perChannel <= CACHED || channels >= MANY_CHANNELS) {
      return new Kernel[] {wholeChannels(pass, Chunks.of(channels, perChannel), slabs)};
    }
    return new Kernel[] {
      sums(pass, channels, slabs),
      finish(pass, channels, slabs),
      results(pass, channels, plane, slabs)
    };
  }

  /** The same for a pass that needs no sums: image by image. */
  static Kernel[] withoutSums(ChannelPass pass, int channels, int plane, int perChannel) {
    Chunks slabs = Chunks.of(perChannel);
    return new Kernel[] {finish(pass, channels, slabs), results(pass, channels, plane, slabs)};
  }

  private static Kernel wholeChannels(ChannelPass pass, Chunks channels, Chunks slabs) {
    return new Kernel() {
      @Override
      public int tasks() {
        return channels.count();
      }

      @Override
      public long taskScratch() {
        return (long) ChannelPass.SUMS * slabs.count();
      }

      @Override
      public void run(int task, Operands a, float[] scratch, int shared, int own) {
        for (int c = channels.from(task); c < channels.from(task + 1); c++) {
          for (int slab = 0; slab < slabs.count(); slab++) {
            int at = own + slab * ChannelPass.SUMS;
            pass.sum(c, slabs.from(slab), slabs.from(slab + 1), a, scratch, at);
          }
          pass.finish(c, a, scratch, own);
          pass.apply(c, 0, slabs.items(), a, scratch, own);
        }
      }
    };
  }

  private static Kernel sums(ChannelPass pass, int channels, Chunks slabs) {
    return new Kernel() {
      @Override
      public int tasks() {
        return channels * slabs.count();
      }

      @Override
      public long sharedScratch() {
        return (long) ChannelPass.SUMS * tasks();
      }

      @Override
      public void run(int task, Operands a, float[] scratch, int shared, int own) {
        int slab = task % slabs.count();
        int at = shared + task * ChannelPass.SUMS;
        pass.sum(task / slabs.count(), slabs.from(slab), slabs.from(slab + 1), a, scratch, at);
      }
    };
  }

  private static Kernel finish(ChannelPass pass, int channels, Chunks slabs) {
    return new Kernel() {
      @Override
      public int tasks() {
        return 1;
      }

      @Override
      public long sharedScratch() {
        return (long) ChannelPass.SUMS * slabs.count() * channels;
      }

      @Override
      public void run(int task, Operands a, float[] scratch, int shared, int own) {
        for (int channel = 0; channel < channels; channel++) {
          int sums = shared + channel * slabs.count() * ChannelPass.SUMS;
          pass.finish(channel, a, scratch, sums);
        }
      }
    };
  }

  private static Kernel results(ChannelPass pass, int channels, int plane, Chunks slabs) {
    Chunks images = Chunks.of(slabs.items() / plane, (long) channels * plane);
    int atOnce = Math.max(1, PIECE / plane);
    return new Kernel() {
      @Override
      public int tasks() {
        return images.count();
      }

      @Override
      public void run(int task, Operands a, float[] scratch, int shared, int own) {
        int end = images.from(task + 1);
        for (int first = images.from(task); first < end; first += atOnce) {
          int next = Math.min(first + atOnce, end);
          for (int channel = 0; channel < channels; channel++) {
            int at = shared + channel * slabs.count() * ChannelPass.SUMS;
            pass.apply(channel, first * plane, next * plane, a, scratch, at);
          }
        }
      }
    };
  }
}
