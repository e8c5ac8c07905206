package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Chunks;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;

/**
 * Convolution and its input gradient with positions in lanes: the kernel for problems with few
 * result channels in a group, depthwise ones among them.
 */
final class WidthLanes implements Implementation<ConvolutionProblem> {
  private static final int TASKS = 16;

  private final boolean backward;

  private WidthLanes(boolean backward) {
    this.backward = backward;
  }

  static WidthLanes forward() {
    return new WidthLanes(false);
  }

  static WidthLanes backwardInput() {
    return new WidthLanes(true);
  }

  @Override
  public String name() {
    return "width-lanes";
  }

  @Override
  public boolean accepts(ConvolutionProblem problem) {
    Gather gather = gather(problem);
    return ConvolutionCost.widthLanes(gather) < ConvolutionCost.channelLanes(gather);
  }

  @Override
  public boolean takesNormalization(ConvolutionProblem problem) {
    return gather(problem).takesNormalization();
  }

  @Override
  public Kernel[] kernels(ConvolutionProblem problem) {
    Gather gather = gather(problem);
    PackedWeights weights = new PackedWeights(gather);
    return new Kernel[] {weights, new Compute(gather, weights, problem.multiplyAdds())};
  }

  private Gather gather(ConvolutionProblem problem) {
    Gather dense = new Gather(problem, backward, 1, 0);
    int slack = isFlat(dense) ? 0 : LANES;
    Gather whole = slack == 0 ? dense : new Gather(problem, backward, 1, slack);
    Windows windows = whole.cut(problem, TASKS, Gather.WORTHWHILE);
    return windows.count() == 1 ? whole : new Gather(problem, backward, 1, slack, windows);
  }

  /**
   * Whether to go through the rows of a phase as if they were one, and through the few positions
   * between them for nothing: where rows fill no whole vectors, that is no more work, and the loops
   * are longer.
   */
  private static boolean isFlat(Gather gather) {
    if (gather.windows.cutsRows()) {
      return false;
    }
    for (Gather.Phase phase : gather.phases) {
      int vectors = (phase.columns() + LANES - 1) / LANES * LANES;
      boolean direct = phase.resultColumn() == 1 && phase.columns() == vectors;
      if (direct || phase.rows() == 1 || phase.rowStep() > vectors) {
        return false;
      }
    }
    return true;
  }

  /** Channels of the next block: as many as a tile takes; not four of five, one alone is slow. */
  static int block(int left) {
    return left == 5 ? 3 : left >= TallTile.CHANNELS ? TallTile.CHANNELS : Math.min(left, 4);
  }

  private static final class Compute implements Kernel {
    /** Most positions of a channel that are computed at a time. */
    private static final int FLAT = 1024;

    /** Windows of groups of images that a task takes, if there are tasks enough. */
    private static final int AT_ONCE = 4;

    private final Gather gather;
    private final PackedWeights weights;

    /** Windows of groups of images, shared out. */
    private final Chunks items;

    /** Rows of a phase that are computed at a time: several if they are taken as one. */
    private final int rowsAtOnce;

    private final int rowsAt;
    private final int rowSize;

    Compute(Gather gather, PackedWeights weights, long multiplyAdds) {
      this.gather = gather;
      this.weights = weights;
      int all = gather.batch * gather.groups * gather.windows.count();
      int atOnce = Math.clamp(all / TASKS, 1, AT_ONCE);
      items = new Chunks(all, multiplyAdds < 1 << 16 ? 1 : all / atOnce);
      int columns = 0;
      int pitch = 1;
      for (Gather.Phase phase : gather.phases) {
        columns = Math.max(columns, Math.min(phase.columns(), gather.windows.columns()));
        pitch = Math.max(pitch, phase.rowStep());
      }
      rowsAtOnce = isFlat(gather) ? Math.max(1, FLAT / pitch) : 1;
      rowsAt = Math.toIntExact(gather.packedSize() + LANES);
      rowSize = (rowsAtOnce - 1) * pitch + columns + LANES;
    }

    @Override
    public int tasks() {
      return items.count();
    }

    @Override
    public long sharedScratch() {
      return weights.sharedScratch();
    }

    @Override
    public long taskScratch() {
      return rowsAt + 2L * TallTile.CHANNELS * rowSize;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      gather.clear(scratch, own);
      int windows = gather.windows.count();
      for (int t = items.from(task); t < items.from(task + 1); t++) {
        int group = t / windows;
        int image = group / gather.groups;
        window(image, group % gather.groups, t % windows, a, scratch, shared, own);
      }
    }

    private void window(
        int image, int group, int window, Operands a, float[] scratch, int shared, int own) {
      gather.copy(a, image, group, window, scratch, own);
      if (gather.gaps) {
        for (int channel = 0; channel < gather.resultChannels; channel++) {
          gather.fillBias(a, image, group, channel);
        }
      }
      boolean paired = gather.across == 2;
      for (int i = 0; i < gather.phases.size(); i += paired ? 2 : 1) {
        int channel = 0;
        while (channel < gather.resultChannels) {
          int channels = block(gather.resultChannels - channel);
          if (paired) {
            pair(i, image, group, window, channel, channels, a, scratch, shared, own);
          } else {
            int w = shared + weights.at(i, group, channel);
            phase(i, image, group, window, channel, channels, a, w, scratch, own);
          }
          channel += channels;
        }
      }
    }

    /** Computes two phases row by row, and interleaves them. */
    private void pair(
        int index,
        int image,
        int group,
        int window,
        int channel,
        int channels,
        Operands a,
        float[] scratch,
        int shared,
        int own) {
      Gather.Phase even = gather.phases.get(index);
      Gather.Phase odd = gather.phases.get(index + 1);
      int height = gather.rows(even, window);
      int evenWidth = gather.columns(even, window);
      int oddWidth = gather.columns(odd, window);
      int evenWeights = shared + weights.at(index, group, channel);
      int oddWeights = shared + weights.at(index + 1, group, channel);
      int to = gather.resultAt(a, image, group, channel) + gather.resultAt(even, window);
      int evens = own + rowsAt;
      int odds = evens + TallTile.CHANNELS * rowSize;
      for (int first = 0; first < height; first += rowsAtOnce) {
        int rows = Math.min(rowsAtOnce, height - first);
        int at = own + first * even.rowStep();
        tiles(channels, even, rows, evenWidth, at, scratch, evenWeights, scratch, evens, rowSize);
        tiles(channels, odd, rows, oddWidth, at, scratch, oddWeights, scratch, odds, rowSize);
        for (int c = 0; c < channels; c++) {
          for (int row = 0; row < rows; row++) {
            int from = c * rowSize + row * even.rowStep();
            Zip.zip(
                scratch,
                evens + from,
                evenWidth,
                scratch,
                odds + from,
                oddWidth,
                gather.result(a),
                to + c * gather.resultPlane + (first + row) * even.resultRow());
          }
        }
      }
    }

    private void phase(
        int index,
        int image,
        int group,
        int window,
        int channel,
        int channels,
        Operands a,
        int w,
        float[] scratch,
        int own) {
      Gather.Phase phase = gather.phases.get(index);
      int height = gather.rows(phase, window);
      int width = gather.columns(phase, window);
      float[] result = gather.result(a);
      int to = gather.resultAt(a, image, group, channel) + gather.resultAt(phase, window);
      int rows = own + rowsAt;
      boolean direct = phase.resultColumn() == 1 && width % LANES == 0;
      for (int first = 0; first < height; first += rowsAtOnce) {
        int at = own + first * phase.rowStep();
        int line = to + first * phase.resultRow();
        if (direct) {
          tiles(channels, phase, 1, width, at, scratch, w, result, line, gather.resultPlane);
          continue;
        }
        int count = Math.min(rowsAtOnce, height - first);
        tiles(channels, phase, count, width, at, scratch, w, scratch, rows, rowSize);
        for (int c = 0; c < channels; c++) {
          for (int row = 0; row < count; row++) {
            int from = rows + c * rowSize + row * phase.rowStep();
            int out = line + c * gather.resultPlane + row * phase.resultRow();
            copy(scratch, from, width, phase.resultColumn(), result, out);
          }
        }
      }
    }

    /** Computes neighbouring rows of a phase in the window that is packed. */
    private static void tiles(
        int channels,
        Gather.Phase phase,
        int rows,
        int width,
        int packed,
        float[] scratch,
        int w,
        float[] to,
        int toAt,
        int stride) {
      int at = packed + phase.at();
      int columns = (rows - 1) * phase.rowStep() + width;
      int[] terms = phase.terms();
      if (channels > PositionTile.CHANNELS) {
        TallTile.run(channels, scratch, at, columns, terms, scratch, w, to, toAt, stride);
      } else {
        PositionTile.run(channels, scratch, at, columns, terms, scratch, w, to, toAt, stride);
      }
    }

    private static void copy(float[] from, int at, int n, int step, float[] to, int toAt) {
      if (step == 1) {
        Row.copy(from, at, n, to, toAt);
      } else {
        for (int x = 0; x < n; x++) {
          to[toAt + x * step] = from[at + x];
        }
      }
    }
  }

  /**
   * For each group, phase and block of channels: the biases, then the weights of one term after the
   * other.
   */
  private static final class PackedWeights implements Kernel {
    private final Gather gather;
    private final int[] phaseAt;
    private final int groupSize;

    PackedWeights(Gather gather) {
      this.gather = gather;
      phaseAt = new int[gather.phases.size()];
      int at = 0;
      for (int i = 0; i < phaseAt.length; i++) {
        phaseAt[i] = at;
        at += (gather.phases.get(i).terms().length + 1) * gather.resultChannels;
      }
      groupSize = at;
    }

    int at(int phase, int group, int channel) {
      return group * groupSize
          + phaseAt[phase]
          + channel * (gather.phases.get(phase).terms().length + 1);
    }

    @Override
    public int tasks() {
      return 1;
    }

    @Override
    public long sharedScratch() {
      return (long) gather.groups * groupSize;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      for (int group = 0; group < gather.groups; group++) {
        for (int i = 0; i < gather.phases.size(); i++) {
          int channel = 0;
          while (channel < gather.resultChannels) {
            int channels = block(gather.resultChannels - channel);
            pack(i, group, channel, channels, a, scratch, shared + at(i, group, channel));
            channel += channels;
          }
        }
      }
    }

    private void pack(
        int phase, int group, int channel, int channels, Operands a, float[] scratch, int to) {
      int[] taps = gather.phases.get(phase).taps();
      for (int c = 0; c < channels; c++) {
        int from = a.weightAt + group * gather.weightGroup + (channel + c) * gather.weightStride;
        int at = to + c;
        scratch[at] = gather.bias(a, group, channel + c);
        for (int source = 0; source < gather.sourceChannels; source++) {
          for (int tap : taps) {
            at += channels;
            scratch[at] = a.weight[from + source * gather.sourceStride + tap];
          }
        }
      }
    }
  }
}
