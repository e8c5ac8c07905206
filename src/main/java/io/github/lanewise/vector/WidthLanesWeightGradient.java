package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;
import static io.github.lanewise.vector.VectorWidth.REGISTERS;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Convolution's weight gradient with positions in lanes: the kernel for few channels in a group.
 * Each weight has a vector of partial sums; the batch, or the windows of few images, are cut into a
 * fixed number of chunks, whose partial sums are added in order at the end, whatever the number of
 * threads.
 */
final class WidthLanesWeightGradient implements Implementation<ConvolutionProblem> {
  private static final int CHUNKS = 16;

  /** Channels of a tile: four by four sums, or four by two where there are 16 registers. */
  private static final int MOST_CHANNELS = REGISTERS >= 32 ? 4 : 2;

  /** Floats of a band of rows of a plane; a tile reads eight at a time. */
  private static final int BAND = 4096;

  /** Weights with more partial sums than this take too much memory. */
  private static final int MOST_WEIGHTS = 1 << 15;

  /** Multiply-adds that are worth another partial sum of a weight. */
  private static final int PER_SUM = 1 << 9;

  @Override
  public String name() {
    return "width-lanes";
  }

  @Override
  public boolean accepts(ConvolutionProblem p) {
    return p.weightSize() <= MOST_WEIGHTS
        && ConvolutionCost.widthLanesWeight(p) < ConvolutionCost.channelLanesWeight(p);
  }

  @Override
  public boolean takesNormalization(ConvolutionProblem problem) {
    return new Gather(problem, false, 1, LANES).takesNormalization();
  }

  @Override
  public Kernel[] kernels(ConvolutionProblem problem) {
    Gather whole = new Gather(problem, false, 1, LANES);
    int worthwhile = Math.max(Gather.WORTHWHILE, PER_SUM * problem.weightSize());
    Windows windows = whole.cut(problem, CHUNKS, worthwhile);
    Gather gather = windows.count() == 1 ? whole : new Gather(problem, false, 1, LANES, windows);
    Accumulate accumulate = new Accumulate(problem, gather);
    return new Kernel[] {accumulate, new Sum(problem, accumulate)};
  }

  /** The channels of the first tile for so many. */
  static int block(int channels) {
    int block = Math.min(channels, MOST_CHANNELS);
    return block == 3 ? 2 : block;
  }

  /** Partial sums [chunk][output channel][term][lane], a task a chunk of images. */
  private static final class Accumulate implements Kernel {
    private final ConvolutionProblem p;
    private final Gather gather;
    private final Gather.Phase phase;

    /** Windows of all images. */
    private final int items;

    private final int chunks;

    /** Floats of a channel's partial sums, of terms up to a multiple of four. */
    private final int channelSums;

    /** Rows of a band: what a tile reads of them stays in the first cache. */
    private final int band;

    /** Positions of a window, and of those at the end of rows, which may have fewer. */
    private final WindowPositions inner;

    private final WindowPositions last;

    /** Where the task's scratch has a tile's gradients. */
    private final int gradientsAt;

    /** And where their rows, normalised. */
    private final int normalizedAt;

    Accumulate(ConvolutionProblem p, Gather gather) {
      this.p = p;
      this.gather = gather;
      phase = gather.phases.get(0);
      channelSums = (phase.terms().length + 3) / 4 * 4 * LANES;
      Windows windows = gather.windows;
      band = Math.clamp(BAND / windows.columns(), 1, windows.rows());
      inner = new WindowPositions(phase, windows.rows(), windows.columns());
      int rest = windows.allColumns() % windows.columns();
      last = rest == 0 ? inner : new WindowPositions(phase, windows.rows(), rest);
      gradientsAt = Math.toIntExact(CacheLine.up(gather.packedSize()));
      normalizedAt = gradientsAt + MOST_CHANNELS * band * (inner.perRow + 1) * LANES;
      items = p.batch() * windows.count();
      chunks = p.multiplyAdds() < 1 << 17 ? 1 : Math.min(CHUNKS, items);
    }

    /** Floats of the partial sums of a chunk. */
    int sums() {
      return p.outChannels() * channelSums;
    }

    @Override
    public int tasks() {
      return chunks;
    }

    @Override
    public long sharedScratch() {
      return (long) chunks * sums();
    }

    @Override
    public long taskScratch() {
      return normalizedAt + (long) MOST_CHANNELS * band * phase.columns();
    }

    @Override
    public void run(int chunk, Operands a, float[] scratch, int shared, int own) {
      int sums = shared + chunk * sums();
      Arrays.fill(scratch, sums, sums + sums(), 0);
      gather.clear(scratch, own);
      int windows = gather.windows.count();
      int end = (int) ((long) items * (chunk + 1) / chunks);
      for (int item = (int) ((long) items * chunk / chunks); item < end; item++) {
        int image = item / windows;
        int window = item % windows;
        int rows = gather.rows(phase, window);
        WindowPositions positions = gather.columns(phase, window) == inner.columns ? inner : last;
        for (int group = 0; group < p.groups(); group++) {
          gather.copy(a, image, group, window, scratch, own);
          for (int row = 0; row < rows; row += band) {
            int n = Math.min(band, rows - row);
            rows(image, group, window, positions, row, n, a, scratch, sums, own);
          }
        }
      }
    }

    /** A band of rows of a window of all channels of a group. */
    private void rows(
        int image,
        int group,
        int window,
        WindowPositions positions,
        int row,
        int rows,
        Operands a,
        float[] scratch,
        int sums,
        int own) {
      int plane = phase.rows() * phase.columns();
      int line = (gather.windows.row(window) + row) * phase.columns();
      int column = gather.windows.column(window);
      int end = (group + 1) * p.outPerGroup();
      int channels;
      for (int channel = group * p.outPerGroup(); channel < end; channel += channels) {
        channels = block(end - channel);
        int from = a.gradOutputAt + (image * p.outChannels() + channel) * plane + line;
        int to = own + gradientsAt;
        if (a.gradOutputNormalization == null) {
          pack(positions, a.gradOutput, from + column, plane, channels, rows, scratch, to);
        } else {
          int normalized = own + normalizedAt;
          int size = rows * phase.columns();
          for (int c = 0; c < channels; c++) {
            NormalizedRow.normalize(
                a.gradOutputNormalization,
                channel + c,
                a.gradOutput,
                from + c * plane,
                scratch,
                normalized + c * size,
                size);
          }
          pack(positions, scratch, normalized + column, size, channels, rows, scratch, to);
        }
        terms(positions, channels, row, rows, scratch, own, sums + channel * channelSums);
      }
    }

    /**
     * Packs the gradients of a tile: (vector, channel, lane) of all whole vectors, then of those at
     * the rows' ends, with zeros in the lanes that are no positions.
     */
    private void pack(
        WindowPositions positions,
        float[] from,
        int at,
        int plane,
        int channels,
        int rows,
        float[] to,
        int toAt) {
      int perRow = positions.perRow;
      int rest = positions.rest;
      for (int c = 0; c < channels; c++) {
        int g = at + c * plane;
        int line = toAt + c * LANES;
        for (int i = 0; i < rows * perRow; i++) {
          FloatVector.fromArray(F, from, g + positions.inPlane[i]).intoArray(to, line);
          line += channels * LANES;
        }
        for (int row = 0; rest > 0 && row < rows; row++) {
          int last = g + row * phase.columns() + perRow * LANES;
          if (Tail.beyond(from, last) == 0) {
            FloatVector.fromArray(F, from, last).blend(0f, positions.off).intoArray(to, line);
          } else {
            Arrays.fill(to, line, line + LANES, 0);
            System.arraycopy(from, last, to, line, rest);
          }
          line += channels * LANES;
        }
      }
    }

    /** All terms of a tile's channels, four at a time. */
    private void terms(
        WindowPositions positions, int channels, int row, int rows, float[] s, int own, int sums) {
      int[] terms = phase.terms();
      int last = terms.length - 1;
      int packed = own + phase.at();
      int g = own + gradientsAt;
      for (int t = 0; t <= last; t += 4) {
        // terms beyond the last are the last one again, with sums that nobody reads
        int p0 = packed + terms[t];
        int p1 = packed + terms[Math.min(t + 1, last)];
        int p2 = packed + terms[Math.min(t + 2, last)];
        int p3 = packed + terms[Math.min(t + 3, last)];
        int to = sums + t * LANES;
        if (channels == 4) {
          WeightTile.tile4x4(positions, s, p0, p1, p2, p3, g, row, rows, to, channelSums);
        } else if (channels == 2) {
          WeightTile.tile4x2(positions, s, p0, p1, p2, p3, g, row, rows, to, channelSums);
        } else {
          WeightTile.tile4x1(positions, s, p0, p1, p2, p3, g, row, rows, to);
        }
      }
    }
  }

  /** Adds up chunks and lanes in order. */
  private record Sum(ConvolutionProblem p, Accumulate accumulate) implements Kernel {
    @Override
    public int tasks() {
      return 1;
    }

    @Override
    public long sharedScratch() {
      return accumulate.sharedScratch();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int terms = accumulate.phase.terms().length;
      for (int w = 0; w < p.weightSize(); w++) {
        int at = shared + w / terms * accumulate.channelSums + w % terms * LANES;
        FloatVector sum = FloatVector.fromArray(F, scratch, at);
        for (int chunk = 1; chunk < accumulate.chunks; chunk++) {
          sum = sum.add(FloatVector.fromArray(F, scratch, at + chunk * accumulate.sums()));
        }
        a.gradWeight[a.gradWeightAt + w] = LaneSum.of(sum);
      }
    }
  }
}
