package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;

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

  /**
   * Terms at a time: their weights, two vectors each, stay in the first cache while all positions
   * of a band go over them.
   */
  private static final int DEPTH = 288;

  private final boolean backward;

  private ChannelLanes(boolean backward) {
    this.backward = backward;
  }

  static ChannelLanes forward() {
    return new ChannelLanes(false);
  }

  static ChannelLanes backwardInput() {
    return new ChannelLanes(true);
  }

  @Override
  public String name() {
    return "channel-lanes";
  }

  @Override
  public boolean accepts(ConvolutionProblem problem) {
    return true;
  }

  @Override
  public Kernel[] kernels(ConvolutionProblem problem) {
    int width = backward ? problem.inWidth() / problem.strideWidth() : problem.outWidth();
    Gather gather = new Gather(problem, backward, together(width, problem.batch()), WideTile.SLACK);
    PackedWeights weights = new PackedWeights(gather);
    return new Kernel[] {weights, new Compute(gather, weights, problem.multiplyAdds())};
  }

  /** How many images to pack together, so that even short rows fill a tile. */
  private static int together(int width, int batch) {
    return width >= 7 ? 1 : Math.min(batch, width < 2 ? 16 : 8);
  }

  private static final class Compute implements Kernel {
    private final Gather gather;
    private final PackedWeights weights;
    private final ColumnBlocks channels;
    private final int tasks;

    /** Groups of images that are packed together. */
    private final int rounds;

    /** Tasks of one group of images, each with some of the blocks of channels. */
    private final int parts;

    // the task's scratch: packed source, channels-last band, room to transpose, rows to interleave
    private final int bandAt;
    private final int spareAt;
    private final int rowsAt;

    Compute(Gather gather, PackedWeights weights, long multiplyAdds) {
      this.gather = gather;
      this.weights = weights;
      channels = weights.channels;
      // an image is packed once a task: cut it only where the batch alone gives too few tasks
      rounds = (gather.batch + gather.images - 1) / gather.images;
      parts = rounds >= 8 || multiplyAdds < 1 << 20 ? 1 : Math.min(channels.blocks(), 8);
      tasks = multiplyAdds < 1 << 16 ? 1 : rounds * parts;
      bandAt = Math.toIntExact(gather.packedSize());
      spareAt = bandAt + (BAND + WideTile.SLACK) * WideTile.WIDTH;
      rowsAt = spareAt + Transpose.SCRATCH;
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
      return rowsAt + 2L * BAND * WideTile.WIDTH;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      if (tasks == 1) {
        for (int round = 0; round < rounds; round++) {
          images(round * gather.images, 0, channels.blocks(), a, scratch, shared, own);
        }
      } else {
        int part = task % parts;
        int first = channels.blocks() * part / parts;
        int end = channels.blocks() * (part + 1) / parts;
        images(task / parts * gather.images, first, end, a, scratch, shared, own);
      }
    }

    private void images(
        int image, int firstBlock, int endBlock, Operands a, float[] scratch, int shared, int own) {
      for (int group = 0; group < gather.groups; group++) {
        gather.pack(a, image, group, scratch, own);
        for (int block = firstBlock; block < endBlock; block++) {
          if (gather.gaps) {
            for (int c = 0; c < channels.count(block); c++) {
              for (int i = image; i < Math.min(gather.batch, image + gather.images); i++) {
                gather.fillBias(a, i, group, channels.first(block) + c);
              }
            }
          }
          int step = gather.paired ? 2 : 1;
          for (int i = 0; i < gather.phases.size(); i += step) {
            phases(i, image, group, block, a, scratch, shared, own);
          }
        }
      }
    }

    /** Computes a phase, or a pair of them, in bands of rows or of parts of a row. */
    private void phases(
        int index,
        int image,
        int group,
        int block,
        Operands a,
        float[] scratch,
        int shared,
        int own) {
      Gather.Phase phase = gather.phases.get(index);
      int result = gather.resultAt(a, image, group, channels.first(block)) + phase.resultAt();
      int bias = a.biasAt + group * gather.resultChannels + channels.first(block);
      int rowsAtOnce = Math.max(1, BAND / (phase.columns() * gather.images));
      int columnsAtOnce = Math.min(BAND, phase.columns());
      for (int row = 0; row < phase.rows(); row += rowsAtOnce) {
        int rows = Math.min(rowsAtOnce, phase.rows() - row);
        for (int column = 0; column < phase.columns(); column += columnsAtOnce) {
          int columns = Math.min(columnsAtOnce, phase.columns() - column);
          int to = result + row * phase.resultRow() + column * phase.resultColumn();
          tiles(index, group, block, row, rows, column, columns, scratch, shared, own);
          if (gather.images > 1) {
            distribute(phase, image, block, rows, columns, a, bias, to, scratch, own);
          } else if (gather.paired) {
            pair(
                index, group, block, row, rows, column, columns, a, bias, to, scratch, shared, own);
          } else if (phase.resultColumn() == 1) {
            deliver(phase, block, rows, columns, a, bias, to, scratch, own);
          } else {
            spread(phase, block, rows, columns, a, bias, to, scratch, own);
          }
        }
      }
    }

    /** Computes rows × columns positions of a phase into the channels-last band. */
    private void tiles(
        int index,
        int group,
        int block,
        int row,
        int rows,
        int column,
        int columns,
        float[] scratch,
        int shared,
        int own) {
      Gather.Phase phase = gather.phases.get(index);
      int at = own + phase.at() + row * phase.rowStep() + column * gather.images;
      int b = shared + weights.at(index, group, block);
      int[] terms = phase.terms();
      int width = channels.width(block);
      int positions = columns * gather.images;
      int passes = (terms.length + DEPTH - 1) / DEPTH;
      // A tile that ends beyond its row writes into the next one, which must begin after it ended:
      // such rows take all their passes before the next row.
      int atOnce = channels.slack(positions) == 0 ? rows : 1;
      for (int begin = 0; begin < rows; begin += atOnce) {
        for (int pass = 0; pass < passes; pass++) {
          int first = terms.length * pass / passes;
          int end = terms.length * (pass + 1) / passes;
          for (int r = begin; r < begin + atOnce; r++) {
            channels.multiply(
                block,
                scratch,
                at + r * phase.rowStep(),
                positions,
                terms,
                first,
                end - first,
                scratch,
                b + first * width,
                scratch,
                own + bandAt + r * positions * width,
                pass > 0);
          }
        }
      }
    }

    /** Transposes positions of the band, from the {@code first} on, and adds the bias. */
    private void transpose(
        int block,
        int first,
        int positions,
        Operands a,
        int bias,
        float[] to,
        int at,
        int stride,
        float[] scratch,
        int own) {
      int width = channels.width(block);
      Transpose.run(
          scratch,
          own + bandAt + first * width,
          width,
          positions,
          channels.count(block),
          to,
          at,
          stride,
          a.bias,
          bias,
          scratch,
          own + spareAt);
    }

    /** Brings the band to rows of the result. */
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
      float[] result = gather.result(a);
      int plane = gather.resultPlane;
      if (phase.resultRow() == columns) {
        transpose(block, 0, rows * columns, a, bias, result, to, plane, scratch, own);
        return;
      }
      for (int r = 0; r < rows; r++) {
        int line = to + r * phase.resultRow();
        transpose(block, r * columns, columns, a, bias, result, line, plane, scratch, own);
      }
    }

    /** Brings the band to result positions that are not neighbours. */
    private void spread(
        Gather.Phase phase,
        int block,
        int rows,
        int columns,
        Operands a,
        int bias,
        int to,
        float[] scratch,
        int own) {
      int positions = rows * columns;
      int from = own + rowsAt;
      transpose(block, 0, positions, a, bias, scratch, from, positions, scratch, own);
      float[] result = gather.result(a);
      for (int c = 0; c < channels.count(block); c++) {
        for (int r = 0; r < rows; r++) {
          int source = from + c * positions + r * columns;
          int target = to + c * gather.resultPlane + r * phase.resultRow();
          for (int x = 0; x < columns; x++) {
            result[target + x * phase.resultColumn()] = scratch[source + x];
          }
        }
      }
    }

    /** Brings the band, in which images lie side by side, to each image's result. */
    private void distribute(
        Gather.Phase phase,
        int image,
        int block,
        int rows,
        int columns,
        Operands a,
        int bias,
        int to,
        float[] scratch,
        int own) {
      int together = gather.images;
      int positions = rows * columns * together;
      int from = own + rowsAt;
      transpose(block, 0, positions, a, bias, scratch, from, positions, scratch, own);
      float[] result = gather.result(a);
      int size = gather.groups * gather.resultChannels * gather.resultPlane;
      int images = Math.min(together, gather.batch - image);
      for (int i = 0; i < images; i++) {
        for (int c = 0; c < channels.count(block); c++) {
          for (int r = 0; r < rows; r++) {
            int source = from + c * positions + r * columns * together + i;
            int target = to + i * size + c * gather.resultPlane + r * phase.resultRow();
            for (int x = 0; x < columns; x++) {
              result[target + x * phase.resultColumn()] = scratch[source + x * together];
            }
          }
        }
      }
    }

    /** Computes the partner of the phase in the band, and interleaves the two. */
    private void pair(
        int index,
        int group,
        int block,
        int row,
        int rows,
        int column,
        int columns,
        Operands a,
        int bias,
        int to,
        float[] scratch,
        int shared,
        int own) {
      Gather.Phase phase = gather.phases.get(index);
      int evens = own + rowsAt;
      int odds = evens + BAND * WideTile.WIDTH;
      int even = rows * columns;
      transpose(block, 0, even, a, bias, scratch, evens, even, scratch, own);
      int partners = Math.min(columns, gather.phases.get(index + 1).columns() - column);
      int odd = rows * partners;
      if (odd > 0) {
        tiles(index + 1, group, block, row, rows, column, partners, scratch, shared, own);
        transpose(block, 0, odd, a, bias, scratch, odds, odd, scratch, own);
      }
      float[] result = gather.result(a);
      for (int c = 0; c < channels.count(block); c++) {
        for (int r = 0; r < rows; r++) {
          Zip.zip(
              scratch,
              evens + c * even + r * columns,
              columns,
              scratch,
              odds + c * odd + r * partners,
              partners,
              result,
              to + c * gather.resultPlane + r * phase.resultRow());
        }
      }
    }
  }

  /**
   * The weights of all groups and phases in blocks of result channels, a block's weights for one
   * term after the other.
   */
  static final class PackedWeights implements Kernel {
    final ColumnBlocks channels;
    private final Gather gather;

    /** Floats of one group of a phase, and where the phase begins. */
    private final int[] groupSize;

    private final long[] phaseAt;
    private final long size;

    PackedWeights(Gather gather) {
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
}
