package io.github.lanewise.vector;

import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Operands;
import java.util.stream.IntStream;

/**
 * The sums of the weight gradient, in units: the weights from a strip of input channels to a block
 * of output channels. The rows of a unit are weights of neighbouring taps and channels, the columns
 * its output channels.
 */
final class WeightSums {
  /** Weights of each output channel that are transposed at a time. */
  private static final int WEIGHTS = 256;

  /** Most floats of the sums of several units together: an eighth of the second cache. */
  private static final int TOGETHER = 1 << 15;

  private final WeightChunks chunks;
  private final ConvolutionProblem p;
  private final ColumnBlocks channels;

  /** How many units there are, strip by strip of block after block of group after group. */
  final int units;

  /** Rows of all strips of a block. */
  private final int blockRows;

  /** The row of each weight of an output channel in its block. */
  private final int[] rows;

  WeightSums(WeightChunks chunks) {
    this.chunks = chunks;
    p = chunks.p;
    channels = chunks.channels;
    units = p.groups() * channels.blocks() * chunks.strips;
    int last = chunks.strips - 1;
    blockRows = last * rows(0) + rows(last);
    rows = IntStream.range(0, p.inPerGroup() * p.taps()).map(this::row).toArray();
  }

  /** Whether there are so few sums that int arithmetic reaches them all. */
  boolean fit() {
    return (double) p.groups() * channels.blocks() * WideTile.WIDTH * blockRows <= 1 << 30;
  }

  /** Floats of all sums. */
  int size() {
    return p.groups() * channels.blocks() * WideTile.WIDTH * blockRows;
  }

  /** Floats of scratch memory that {@link #unpack} needs. */
  static int scratch() {
    return WEIGHTS * WideTile.WIDTH;
  }

  private int group(int unit) {
    return unit / (channels.blocks() * chunks.strips);
  }

  private int block(int unit) {
    return unit / chunks.strips % channels.blocks();
  }

  /**
   * Whether a strip's runs go through (kernel column, input channel), since its positions hold no
   * other channels and neighbouring columns are neighbouring positions.
   */
  private boolean dense(int strip) {
    return p.dilationWidth() == 1 && chunks.channels(strip) == chunks.pitch;
  }

  /** Runs of a strip: a kernel row's, or else a tap's. */
  private int runs(int strip) {
    return dense(strip) ? p.kernelHeight() : p.taps();
  }

  private int runLength(int strip) {
    return (dense(strip) ? p.kernelWidth() : 1) * chunks.channels(strip);
  }

  /** Rows from a run to the next: with room for those that tiles compute beyond its end. */
  private int runRows(int strip) {
    return runLength(strip) + channels.slack(runLength(strip));
  }

  /** Rows of a unit. */
  private int rows(int strip) {
    return runs(strip) * runRows(strip);
  }

  /** Tasks that share out the units. */
  int tasks() {
    return p.multiplyAdds() < 1 << 16 ? 1 : Math.min(units, WeightGradient.TASKS);
  }

  /** The first unit of a task. */
  int firstUnit(int task) {
    return (int) ((long) units * task / tasks());
  }

  /** Units of a block that are taken together where their sums have a place for a while only. */
  private int together() {
    return Math.clamp(TOGETHER / (rows(0) * WideTile.WIDTH), 1, chunks.strips);
  }

  /** Where units end, from one on and before another, that are taken together. */
  int endTogether(int unit, int end) {
    int endOfBlock = (unit / chunks.strips + 1) * chunks.strips;
    return Math.min(Math.min(unit + together(), end), endOfBlock);
  }

  /** Floats of the sums of units that are taken together. */
  int sizeTogether() {
    return together() * rows(0) * WideTile.WIDTH;
  }

  /** Where a unit's sums begin. */
  int at(int unit) {
    int block = group(unit) * channels.blocks() + block(unit);
    return block * WideTile.WIDTH * blockRows
        + unit % chunks.strips * rows(0) * channels.width(block(unit));
  }

  /**
   * Takes a unit through a chunk.
   *
   * @param packed where the packed chunk begins
   * @param sums where the sums begin
   * @param add whether to add to what they are
   */
  void add(int unit, int chunk, Operands a, float[] scratch, int packed, int sums, boolean add) {
    int strip = unit % chunks.strips;
    if (direct(unit)) {
      int row = strip * chunks.pitch;
      WideTile.run(
          scratch,
          packed + chunks.input(0, strip),
          runLength(strip),
          chunks.terms,
          0,
          chunks.positions(chunk),
          scratch,
          packed + chunks.gradient(0, block(unit)),
          a.gradWeight,
          a.gradWeightAt + row * p.outChannels() + channels.first(block(unit)),
          p.outChannels(),
          add);
      return;
    }
    int block = block(unit);
    int input = packed + chunks.input(group(unit), strip);
    int gradient = packed + chunks.gradient(group(unit), block);
    int positions = chunks.positions(chunk);
    int length = runLength(strip);
    int to = sums + at(unit);
    int columns = dense(strip) ? 1 : p.kernelWidth();
    for (int run = 0; run < runs(strip); run++) {
      int row = run / columns * p.dilationHeight();
      int column = run % columns * p.dilationWidth();
      channels.multiply(
          block,
          scratch,
          input + row * chunks.rowPitch + column * chunks.pitch,
          length,
          chunks.terms,
          0,
          positions,
          scratch,
          gradient,
          scratch,
          to,
          channels.width(block),
          add);
      to += runRows(strip) * channels.width(block);
    }
  }

  /** Whether the tiles write a unit to the result itself, since its rows lie there as they are. */
  private boolean direct(int unit) {
    return chunks.exchanged
        && channels.count(block(unit)) == WideTile.WIDTH
        && WideTile.slack(runLength(unit % chunks.strips)) == 0;
  }

  /**
   * Adds up a unit's sums in several places.
   *
   * @param others how many follow the first, each {@link #size} floats behind the one before
   */
  void total(int unit, float[] scratch, int sums, int others) {
    int at = sums + at(unit);
    int n = rows(unit % chunks.strips) * channels.width(block(unit));
    for (int i = 1; i <= others; i++) {
      Row.add(scratch, at + i * size(), n, scratch, at);
    }
  }

  /**
   * Brings the sums of some units to the result.
   *
   * @param own where {@link #scratch} floats are free
   */
  void unpack(int first, int end, Operands a, float[] scratch, int sums, int own) {
    for (int unit = first; chunks.exchanged && unit < end; unit++) {
      if (!direct(unit)) {
        copy(unit, a, scratch, sums);
      }
    }
    for (int unit = first; !chunks.exchanged && unit < end; ) {
      int last = Math.min(end, (unit / chunks.strips + 1) * chunks.strips); // of the same block
      int strip = unit % chunks.strips;
      int weights = (last - unit - 1) * chunks.pitch * p.taps();
      weights += chunks.channels(strip + last - unit - 1) * p.taps();
      unpack(unit - strip, strip * chunks.pitch * p.taps(), weights, a, scratch, sums, own);
      unit = last;
    }
  }

  private void copy(int unit, Operands a, float[] scratch, int sums) {
    int strip = unit % chunks.strips;
    int block = block(unit);
    for (int row = 0; row < chunks.channels(strip); row++) {
      int to = (strip * chunks.pitch + row) * p.outChannels() + channels.first(block);
      Row.copy(
          scratch,
          sums + at(unit) + row * channels.width(block),
          channels.count(block),
          a.gradWeight,
          a.gradWeightAt + to);
    }
  }

  /** Brings some weights of each output channel of a block, whose units begin at one, to it. */
  private void unpack(int unit, int first, int n, Operands a, float[] scratch, int sums, int own) {
    int block = block(unit);
    int width = channels.width(block);
    int count = channels.count(block);
    int all = p.inPerGroup() * p.taps();
    int channel = group(unit) * p.outPerGroup() + channels.first(block);
    int to = a.gradWeightAt + channel * all;
    int from = sums + at(unit);
    for (int w = first; w < first + n; w += WEIGHTS) {
      int weights = Math.min(WEIGHTS, first + n - w);
      for (int i = 0; i < weights; i++) {
        Row.copy(scratch, from + rows[w + i] * width, width, scratch, own + i * width);
      }
      Transpose.run(scratch, own, width, weights, count, a.gradWeight, to + w, all, null, 0);
    }
  }

  /** The row of a block's weight, counted channel by channel as PyTorch does. */
  private int row(int weight) {
    int channel = weight / p.taps();
    int tap = weight % p.taps();
    int strip = channel / chunks.pitch;
    int inStrip = channel % chunks.pitch;
    int length = runRows(strip);
    int row =
        dense(strip)
            ? tap / p.kernelWidth() * length
                + tap % p.kernelWidth() * chunks.channels(strip)
                + inStrip
            : tap * length + inStrip;
    return strip * rows(0) + row;
  }
}
