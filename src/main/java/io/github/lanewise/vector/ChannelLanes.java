package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.REGISTERS;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.ArrayList;
import java.util.List;

/**
 * Convolution and its input gradient with result channels in lanes: the kernel for problems with
 * channels enough to fill vectors.
 *
 * <p>Weights are packed once a call, in blocks of two vectors of result channels. An image is
 * packed once, by the task that computes it or, where several share it, before; then for each block
 * of channels and each band of rows, tiles of positions × channels go to a channels-last scratch
 * that stays in the cache, and from there, transposed and with the bias, to the result.
 */
final class ChannelLanes implements Implementation<ConvolutionProblem> {
  /** Result positions of a band, whole tiles: its scratch stays in the first cache. */
  private static final int BAND = REGISTERS >= 32 ? 128 : 132;

  /** The same where weights are so many that each band brings them from afar: in the second. */
  private static final int DEEP_BAND = 448;

  /** So many terms, two vectors of weights each, fill a good part of the second cache. */
  private static final int DEEP = 2048;

  /**
   * Terms at a time, while all positions of a band go over their weights, two vectors each. With 32
   * registers these stay in a small part of the second cache, so that sums are seldom loaded and
   * stored between; with 16 in the first, as a tile needs them more often.
   */
  private static final int DEPTH = REGISTERS >= 32 ? 1152 : 192;

  /**
   * Floats that stay in the second cache of half a megabyte beside what else is needed. Images that
   * do not, with weights that do, are cut into slices of rows, all blocks of channels after one
   * another for each; where there are 32 registers, caches are larger and nobody has measured it.
   */
  private static final int NEAR = 1 << 16;

  /** Positions that fill tiles: one of 8 rows, or with few registers two of 6 and one of 4. */
  private static final int FILLED = REGISTERS >= 32 ? 8 : 16;

  /** Tasks to cut the work into where there would be fewer. */
  private static final int PARTS = 8;

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
  public Kernel weights(ConvolutionProblem problem) {
    return new ChannelWeights(gather(problem));
  }

  @Override
  public Kernel[] kernels(ConvolutionProblem problem) {
    Gather gather = gather(problem);
    ChannelWeights weights = new ChannelWeights(gather);
    Compute compute = new Compute(gather, weights, isDeep(problem), problem.multiplyAdds());
    List<Kernel> kernels = new ArrayList<>();
    if (!compute.packsWeights) {
      kernels.add(weights);
    }
    if (compute.parts > 1) {
      kernels.add(compute.source);
    }
    kernels.add(compute);
    return kernels.toArray(Kernel[]::new);
  }

  private boolean isDeep(ConvolutionProblem problem) {
    int channels = backward ? problem.outPerGroup() : problem.inPerGroup();
    return channels * problem.taps() >= DEEP;
  }

  private Gather gather(ConvolutionProblem problem) {
    int width = backward ? problem.inWidth() / problem.strideWidth() : problem.outWidth();
    int phases = backward ? problem.strideHeight() * problem.strideWidth() : 1;
    int images = together(width, phases, isDeep(problem), problem.batch());
    int slack = (WideTile.SLACK + images - 1) / images;
    return new Gather(problem, backward, images, slack);
  }

  /**
   * How many images to pack together, so that even short rows fill a tile. Of many channels no more
   * than that, since what is packed should stay in the second cache; but tiles of 6 rows waste much
   * of a row of 14, and more images at a time bring the weights from afar less often.
   */
  private static int together(int width, int phases, boolean deep, int batch) {
    if (REGISTERS < 32 && deep) {
      if (width <= 4) {
        return Math.min(batch, 16);
      }
      if (phases == 1 && width > 8 && width < 16 && width % WideTile.HEIGHT != 0) {
        return Math.min(batch, 4);
      }
    }
    if (width >= (deep ? 9 : 7)) {
      return 1;
    }
    int filled = FILLED / Integer.lowestOneBit(width | 8); // rows are a multiple of that
    return Math.min(batch, width < 2 ? 16 : deep ? filled : 8);
  }

  private static final class Compute implements Kernel {
    private final Gather gather;
    private final ChannelWeights weights;
    private final ColumnBlocks channels;
    private final int tasks;

    /** Tasks of the images that are packed together. */
    private final int parts;

    /**
     * What the tasks share out: blocks of channels, and in each of them slices of the rows, or of a
     * single row.
     */
    private final int slices;

    /**
     * Whether one task alone uses a block's weights, and once: it packs them then, so that they
     * come from the second cache.
     */
    private final boolean packsWeights;

    /** Where the images are if several tasks share them. */
    private final PackedSource source;

    private final int band;
    private final ChannelDelivery delivery;

    /** Phases at a time, side by side in the band. */
    private final int across;

    // the task's scratch: packed source, channels-last band, what the delivery needs
    private final int bandAt;
    private final int rowsAt;

    Compute(Gather gather, ChannelWeights weights, boolean deep, long multiplyAdds) {
      this.gather = gather;
      this.weights = weights;
      channels = weights.channels;
      band = deep ? DEEP_BAND : BAND;
      // cut only where the batch alone gives too few tasks
      boolean cut = gather.rounds() < PARTS && multiplyAdds >= 1 << 20;
      int wanted = (PARTS + channels.blocks() - 1) / channels.blocks();
      boolean afar =
          REGISTERS < 32 && gather.packedSize() > NEAR && weights.sharedScratch() <= NEAR;
      int near = afar ? (int) (gather.packedSize() / (NEAR / 2)) : 1;
      slices = gather.gaps ? 1 : Math.min(Math.max(cut ? wanted : 1, near), bands());
      parts = cut ? Math.min(channels.blocks() * slices, PARTS) : 1;
      tasks = multiplyAdds < 1 << 16 ? 1 : gather.rounds() * parts;
      packsWeights = !gather.backward && slices == 1 && gather.rounds() == 1;
      source = new PackedSource(gather, weights.sharedScratch());
      bandAt = parts > 1 ? 0 : Math.toIntExact(CacheLine.up(gather.packedSize()));
      delivery = new ChannelDelivery(gather, channels, band);
      across = delivery.across;
      rowsAt = bandAt + delivery.bandSize();
    }

    /** Bands of the phase with the fewest: of rows, or of a single row. */
    private int bands() {
      int bands = Integer.MAX_VALUE;
      for (Gather.Phase phase : gather.phases) {
        int atOnce = phase.rows() == 1 ? band / gather.images : rowsAtOnce(phase);
        int all = phase.rows() == 1 ? phase.columns() : phase.rows();
        bands = Math.min(bands, (all + atOnce - 1) / atOnce);
      }
      return bands;
    }

    private int rowsAtOnce(Gather.Phase phase) {
      return Math.max(1, band / (phase.columns() * gather.images));
    }

    @Override
    public int tasks() {
      return tasks;
    }

    @Override
    public long sharedScratch() {
      return parts > 1 ? source.sharedScratch() : weights.sharedScratch();
    }

    @Override
    public long taskScratch() {
      return rowsAt + Math.max(delivery.scratch(), gather.packScratch());
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int end = tasks == 1 ? gather.rounds() * parts : task + 1;
      for (int t = task; t < end; t++) {
        int part = t % parts;
        int first = channels.blocks() * slices * part / parts;
        int last = channels.blocks() * slices * (part + 1) / parts;
        round(t / parts, first, last, a, scratch, shared, own);
      }
    }

    private void round(
        int round, int first, int end, Operands a, float[] scratch, int shared, int own) {
      int image = round * gather.images;
      for (int group = 0; group < gather.groups; group++) {
        int packed = parts > 1 ? shared + source.at(round, group) : own;
        if (parts == 1) {
          gather.pack(a, image, group, scratch, packed, own + rowsAt);
        }
        for (int item = first; item < end; item++) {
          int block = item % channels.blocks();
          if (packsWeights && a.packedWeights == null) {
            weights.block(group, block, a, scratch, shared);
          }
          if (gather.gaps) {
            for (int c = 0; c < channels.count(block); c++) {
              for (int i = image; i < Math.min(gather.batch, image + gather.images); i++) {
                gather.fillBias(a, i, group, channels.first(block) + c);
              }
            }
          }
          for (int i = 0; i < gather.phases.size(); i += across) {
            phases(
                i, image, group, block, item / channels.blocks(), a, scratch, packed, shared, own);
          }
        }
      }
    }

    /** Computes a slice of the phases that lie side by side, in bands of rows or parts of a row. */
    private void phases(
        int index,
        int image,
        int group,
        int block,
        int slice,
        Operands a,
        float[] scratch,
        int packed,
        int shared,
        int own) {
      Gather.Phase phase = gather.phases.get(index);
      int result = gather.resultAt(a, image, group, channels.first(block)) + phase.resultAt();
      int bias = a.biasAt + group * gather.resultChannels + channels.first(block);
      int rowsAtOnce = rowsAtOnce(phase);
      int columnsAtOnce = Math.min(band, phase.columns());
      boolean single = phase.rows() == 1;
      int all = single ? phase.columns() : phase.rows();
      int begin = (int) ((long) all * slice / slices);
      int end = (int) ((long) all * (slice + 1) / slices);
      int endRow = single ? 1 : end;
      int endColumn = single ? end : phase.columns();
      for (int row = single ? 0 : begin; row < endRow; row += rowsAtOnce) {
        int rows = Math.min(rowsAtOnce, endRow - row);
        for (int column = single ? begin : 0; column < endColumn; column += columnsAtOnce) {
          int columns = Math.min(columnsAtOnce, endColumn - column);
          int total = 0;
          for (int i = index; i < index + across; i++) {
            int n = Math.clamp(gather.phases.get(i).columns() - column, 0, columns);
            int to = own + bandAt + (i - index) * delivery.apart(block);
            int pitch = delivery.pitch(block, columns);
            tiles(i, group, block, row, rows, column, n, a, scratch, packed, shared, to, pitch);
            total += n;
          }
          int to = result + row * phase.resultRow() + column * phase.resultColumn();
          int present = Math.min(gather.images, gather.batch - image);
          delivery.run(
              phase,
              present,
              block,
              rows,
              columns,
              total,
              scratch,
              own + bandAt,
              own + rowsAt,
              a,
              bias,
              to);
        }
      }
    }

    /** Computes rows × columns positions of a phase into the band. */
    private void tiles(
        int index,
        int group,
        int block,
        int row,
        int rows,
        int column,
        int columns,
        Operands a,
        float[] scratch,
        int packed,
        int shared,
        int to,
        int pitch) {
      Gather.Phase phase = gather.phases.get(index);
      int at = packed + phase.at() + row * phase.rowStep() + column * gather.images;
      float[] w = a.packedWeights(scratch);
      int b = a.packedWeightsAt(shared) + weights.at(index, group, block);
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
                w,
                b + first * width,
                scratch,
                to + r * pitch,
                delivery.step(block),
                pass > 0);
          }
        }
      }
    }
  }
}
