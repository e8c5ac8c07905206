package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.function.Function;

/**
 * Convolution and its input gradient with result channels in lanes: the kernel for problems with
 * channels enough to fill vectors.
 *
 * <p>Weights are packed once a call, in blocks of two vectors of result channels. An image is
 * packed once; then for each block of channels and each band of rows, tiles of positions × channels
 * go to a channels-last scratch that stays in the first cache, and from there, transposed and with
 * the bias, to the result.
 */
final class ChannelLanes implements Implementation<ConvolutionProblem> {
  /** Result positions of a band. */
  private static final int BAND = 128;

  private final String name;
  private final Function<ConvolutionProblem, Gather> planner;

  private ChannelLanes(String name, Function<ConvolutionProblem, Gather> planner) {
    this.name = name;
    this.planner = planner;
  }

  static ChannelLanes forward() {
    return new ChannelLanes("channel-lanes", p -> Gather.forward(p, WideTile.SLACK));
  }

  static ChannelLanes backwardInput() {
    return new ChannelLanes("channel-lanes", p -> Gather.backwardInput(p, WideTile.SLACK));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean accepts(ConvolutionProblem problem) {
    return true;
  }

  @Override
  public Kernel[] kernels(ConvolutionProblem problem) {
    Gather gather = planner.apply(problem);
    PackedWeights weights = new PackedWeights(gather);
    return new Kernel[] {weights, new Compute(gather, weights, problem.multiplyAdds())};
  }

  private static final class Compute implements Kernel {
    private final Gather gather;
    private final PackedWeights weights;
    private final int tasks;

    /** Tasks of one image, each with some of the blocks of channels. */
    private final int parts;

    // the task's scratch: packed source, band, then room to transpose a row
    private final int bandAt;
    private final int spareAt;

    Compute(Gather gather, PackedWeights weights, long multiplyAdds) {
      this.gather = gather;
      this.weights = weights;
      // an image is packed once a task: cut it only where the batch alone gives too few tasks
      parts = gather.batch >= 8 || multiplyAdds < 1 << 20 ? 1 : Math.min(weights.blocks(), 8);
      tasks = multiplyAdds < 1 << 16 ? 1 : gather.batch * parts;
      bandAt = Math.toIntExact(gather.packedSize());
      spareAt = bandAt + (BAND + WideTile.SLACK) * WideTile.WIDTH;
    }

    @Override
    public int tasks() {
      return tasks;
    }

    @Override
    public long sharedScratch() {
      return weights.sharedScratch();
    }

    @Override
    public long taskScratch() {
      return spareAt + Transpose.SCRATCH + (long) BAND * WideTile.WIDTH;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      if (tasks == 1) {
        for (int image = 0; image < gather.batch; image++) {
          image(image, 0, weights.blocks(), a, scratch, shared, own);
        }
      } else {
        int part = task % parts;
        int first = weights.blocks() * part / parts;
        int end = weights.blocks() * (part + 1) / parts;
        image(task / parts, first, end, a, scratch, shared, own);
      }
    }

    private void image(
        int image, int firstBlock, int endBlock, Operands a, float[] scratch, int shared, int own) {
      for (int group = 0; group < gather.groups; group++) {
        gather.pack(a, image, group, scratch, own);
        for (int block = firstBlock; block < endBlock; block++) {
          if (gather.gaps) {
            for (int c = 0; c < weights.channels(block); c++) {
              gather.fillBias(a, image, group, block * WideTile.WIDTH + c);
            }
          }
          for (int i = 0; i < gather.phases.size(); i++) {
            phase(i, image, group, block, a, scratch, shared, own);
          }
        }
      }
    }

    private void phase(
        int index,
        int image,
        int group,
        int block,
        Operands a,
        float[] scratch,
        int shared,
        int own) {
      Gather.Phase phase = gather.phases.get(index);
      int rowsAtOnce = Math.max(1, BAND / phase.columns());
      int columnsAtOnce = Math.min(BAND, phase.columns());
      int b = shared + weights.at(index, group, block);
      int result = gather.resultAt(a, image, group, block * WideTile.WIDTH) + phase.resultAt();
      int bias = a.biasAt + group * gather.resultChannels + block * WideTile.WIDTH;
      for (int row = 0; row < phase.rows(); row += rowsAtOnce) {
        int rows = Math.min(rowsAtOnce, phase.rows() - row);
        for (int column = 0; column < phase.columns(); column += columnsAtOnce) {
          int columns = Math.min(columnsAtOnce, phase.columns() - column);
          int at = own + phase.at() + row * phase.rowStep() + column;
          tiles(phase, block, at, rows, columns, b, scratch, own);
          int to = result + row * phase.resultRow() + column * phase.resultColumn();
          deliver(phase, block, rows, columns, a, bias, to, scratch, own);
        }
      }
    }

    /** Computes a band of rows × columns positions into the channels-last scratch. */
    private void tiles(
        Gather.Phase phase,
        int block,
        int at,
        int rows,
        int columns,
        int b,
        float[] scratch,
        int own) {
      int band = own + bandAt;
      int terms = phase.terms().length;
      for (int row = 0; row < rows; row++, at += phase.rowStep()) {
        if (weights.wide(block)) {
          WideTile.run(
              scratch,
              at,
              columns,
              phase.terms(),
              0,
              terms,
              scratch,
              b,
              scratch,
              band + row * columns * WideTile.WIDTH,
              WideTile.WIDTH,
              false);
        } else {
          NarrowTile.run(
              scratch,
              at,
              columns,
              phase.terms(),
              0,
              terms,
              scratch,
              b,
              scratch,
              band + row * columns * NarrowTile.WIDTH,
              NarrowTile.WIDTH,
              false);
        }
      }
    }

    /** Brings a band from the scratch to the result: transposed, with the bias. */
    private void deliver(
        Gather.Phase phase,
        int block,
        int rows,
        int columns,
        Operands a,
        int bias,
        int to,
        float[] scratch,
        int own) {
      int band = own + bandAt;
      int spare = own + spareAt;
      int width = weights.wide(block) ? WideTile.WIDTH : NarrowTile.WIDTH;
      int channels = weights.channels(block);
      float[] result = gather.result(a);
      int plane = gather.resultPlane;
      if (phase.resultColumn() == 1 && phase.resultRow() == columns) {
        Transpose.run(
            scratch,
            band,
            width,
            rows * columns,
            channels,
            result,
            to,
            plane,
            a.bias,
            bias,
            scratch,
            spare);
        return;
      }
      for (int row = 0; row < rows; row++) {
        int from = band + row * columns * width;
        int line = to + row * phase.resultRow();
        if (phase.resultColumn() == 1) {
          Transpose.run(
              scratch, from, width, columns, channels, result, line, plane, a.bias, bias, scratch,
              spare);
        } else {
          int neighbours = spare + Transpose.SCRATCH;
          Transpose.run(
              scratch,
              from,
              width,
              columns,
              channels,
              scratch,
              neighbours,
              columns,
              a.bias,
              bias,
              scratch,
              spare);
          for (int c = 0; c < channels; c++) {
            int source = neighbours + c * columns;
            int target = line + c * plane;
            for (int x = 0; x < columns; x++) {
              result[target + x * phase.resultColumn()] = scratch[source + x];
            }
          }
        }
      }
    }
  }

  /**
   * The weights of all groups and phases in blocks of result channels, a block's weights for one
   * term after the other; channels beyond the last are zero. The last block is narrow where one
   * vector is enough for it.
   */
  static final class PackedWeights implements Kernel {
    private final Gather gather;
    private final int blocks;
    private final boolean lastNarrow;

    /** Floats of all blocks of one group, by phase, and where each phase begins. */
    private final int[] groupSize;

    private final long[] phaseAt;
    private final long size;

    PackedWeights(Gather gather) {
      this.gather = gather;
      int channels = gather.resultChannels;
      blocks = (channels + WideTile.WIDTH - 1) / WideTile.WIDTH;
      lastNarrow = channels - (blocks - 1) * WideTile.WIDTH <= LANES;
      int phases = gather.phases.size();
      groupSize = new int[phases];
      phaseAt = new long[phases];
      long at = 0;
      for (int i = 0; i < phases; i++) {
        int width = blocks * WideTile.WIDTH - (lastNarrow ? LANES : 0);
        groupSize[i] = gather.phases.get(i).terms().length * width;
        phaseAt[i] = at;
        at += (long) groupSize[i] * gather.groups;
      }
      size = at;
    }

    int blocks() {
      return blocks;
    }

    boolean wide(int block) {
      return block < blocks - 1 || !lastNarrow;
    }

    /** Result channels of a block that exist. */
    int channels(int block) {
      return Math.min(WideTile.WIDTH, gather.resultChannels - block * WideTile.WIDTH);
    }

    int at(int phase, int group, int block) {
      int terms = gather.phases.get(phase).terms().length;
      return (int) (phaseAt[phase] + (long) group * groupSize[phase])
          + block * terms * WideTile.WIDTH;
    }

    @Override
    public int tasks() {
      return gather.phases.size() * gather.groups * blocks;
    }

    @Override
    public long sharedScratch() {
      return size;
    }

    @Override
    public long taskScratch() {
      return Transpose.SCRATCH;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int block = task % blocks;
      int group = task / blocks % gather.groups;
      int phase = task / blocks / gather.groups;
      int[] offsets = gather.phases.get(phase).weights();
      int width = wide(block) ? WideTile.WIDTH : NarrowTile.WIDTH;
      int channels = channels(block);
      int to = shared + at(phase, group, block);
      int from =
          a.weightAt + group * gather.weightGroup + block * WideTile.WIDTH * gather.weightStride;
      if (channels < width) {
        java.util.Arrays.fill(scratch, to, to + offsets.length * width, 0);
      }
      if (offsets[offsets.length - 1] == offsets.length - 1) { // offsets are 0, 1, 2, …
        Transpose.run(
            a.weight,
            from,
            gather.weightStride,
            channels,
            offsets.length,
            scratch,
            to,
            width,
            null,
            0,
            scratch,
            own);
      } else {
        for (int t = 0; t < offsets.length; t++) {
          int w = from + offsets[t];
          for (int c = 0; c < channels; c++) {
            scratch[to + t * width + c] = a.weight[w + c * gather.weightStride];
          }
        }
      }
    }
  }
}
