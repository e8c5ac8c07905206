package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Convolution's weight gradient with output channels in lanes: the terms of each sum are positions,
 * and the rows of a tile are neighbouring weights.
 *
 * <p>Chunks of images are packed: the input channels-last with its padding, so that the inputs that
 * neighbouring (tap, input channel) pairs see from one position are neighbours; the output gradient
 * channels-last in blocks of two vectors. Then all weights go through all positions of the chunk,
 * pass by pass, and add up.
 *
 * <p>Where there are few weights and several images, each task has sums of its own over some of the
 * images: a chunk stays in the second cache, and the tasks' sums are added at the end. Elsewhere
 * the chunks follow each other, and the tasks share out the weights. Either way the order of a sum
 * is the same, whatever the number of threads.
 */
final class WeightGradient implements Implementation<ConvolutionProblem> {
  /** Floats of packed images at a time, where tasks share out the weights. */
  private static final int CHUNK = 1 << 20;

  /** The same where they share out the images. */
  private static final int SMALL_CHUNK = 1 << 16;

  /** The most weights of which each task has sums of its own, with the rows' slack. */
  private static final int FEW_WEIGHTS = 1 << 16;

  /** Fewer images are not shared out. */
  private static final int FEW_IMAGES = 4;

  /** Tasks that share out the images. */
  private static final int PARTS = 16;

  /**
   * Where input channels are a multiple of this, the lines of one channel would have a part of the
   * first cache only: neighbouring positions lie a line further apart.
   */
  private static final int CROWDED = 64;

  /** Most positions of a pass over the weights: their gradients stay in the first cache. */
  private static final int POSITIONS = 288;

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
    Layout layout = new Layout(problem);
    if (layout.few) {
      return new Kernel[] {new Images(layout), new Unpack(layout)};
    }
    List<Kernel> kernels = new ArrayList<>();
    Unpack unpack = new Unpack(layout);
    boolean wholeBlocks = layout.wholeBlocks();
    for (int first = 0; first < problem.batch(); first += layout.chunk) {
      int images = Math.min(layout.chunk, problem.batch() - first);
      boolean last = first + images == problem.batch();
      kernels.add(new Pack(layout, first, images));
      kernels.add(
          new Accumulate(
              layout, layout.terms(images), first > 0, last && wholeBlocks ? unpack : null));
    }
    if (!wholeBlocks) {
      kernels.add(unpack);
    }
    return kernels.toArray(Kernel[]::new);
  }

  /** Where everything lies in the scratch memory: sums, and a chunk's packed images. */
  private static final class Layout {
    final ConvolutionProblem p;
    final ColumnBlocks channels;

    /** Whether the tasks share out the images, each with sums of its own, and how many they are. */
    final boolean few;

    final int parts;

    /** Images packed at a time. */
    final int chunk;

    /** Packed input of one group of one image: rows × columns × channels. */
    final int rows;

    final int columns;
    final int inputSize;

    /** Output gradient of one group of one image: positions × (blocks of) channels. */
    final int positions;

    final int gradientSize;

    /** Floats from a packed position to the next. */
    final int pitch;

    /** Whether a run of neighbouring weights goes through (kernel column, input channel). */
    final boolean dense;

    /** Runs of neighbouring weights: those of a kernel row, or else of a tap. */
    final int runs;

    final int runLength;

    /** A run's rows in the accumulators, with room for those that tiles compute beyond its end. */
    final int runRows;

    final int accumulators;

    Layout(ConvolutionProblem p) {
      this.p = p;
      channels = new ColumnBlocks(p.outPerGroup());
      rows =
          (p.outHeight() - 1) * p.strideHeight() + (p.kernelHeight() - 1) * p.dilationHeight() + 1;
      columns =
          (p.outWidth() - 1) * p.strideWidth() + (p.kernelWidth() - 1) * p.dilationWidth() + 1;
      boolean crowded = p.inPerGroup() % CROWDED == 0;
      pitch = crowded ? p.inPerGroup() + CacheLine.FLOATS : p.inPerGroup();
      inputSize = Math.multiplyExact(rows * columns, pitch);
      positions = p.outHeight() * p.outWidth();
      gradientSize = Math.toIntExact(channels.floats(positions));
      dense = p.dilationWidth() == 1 && !crowded;
      runs = dense ? p.kernelHeight() : p.taps();
      runLength = (dense ? p.kernelWidth() : 1) * p.inPerGroup();
      runRows = runLength + WideTile.SLACK;
      accumulators =
          Math.multiplyExact(
              Math.multiplyExact(p.groups() * channels.blocks(), WideTile.WIDTH), runs * runRows);
      long image = (long) p.groups() * (inputSize + gradientSize);
      few = accumulators <= FEW_WEIGHTS && p.batch() >= FEW_IMAGES;
      parts = !few || p.multiplyAdds() < 1 << 17 ? 1 : Math.min(PARTS, p.batch());
      chunk = Math.clamp((few ? SMALL_CHUNK : CHUNK) / image, 1, (p.batch() + parts - 1) / parts);
    }

    /**
     * Whether tasks that share out the weights have whole blocks of channels: then they bring their
     * sums to the result themselves, while those are in the second cache.
     */
    boolean wholeBlocks() {
      return p.groups() * channels.blocks() % Accumulate.TASKS == 0;
    }

    /** Where the packed input of a group of an image of the chunk begins. */
    int input(int image, int group) {
      return (image * p.groups() + group) * inputSize;
    }

    /**
     * Where the packed gradients of a block of a group of an image of the chunk begin: those of the
     * next image follow.
     */
    int gradient(int image, int group, int block) {
      return CacheLine.up(chunk * p.groups() * inputSize + WideTile.SLACK)
          + chunk * (group * gradientSize + channels.at(block, positions))
          + image * positions * channels.width(block);
    }

    /** Where the accumulators of a block of a group begin. */
    int accumulator(int group, int block, int run) {
      int before = (group * channels.blocks() + block) * runs * WideTile.WIDTH;
      return (before + run * channels.width(block)) * runRows;
    }

    /** Floats of a packed chunk. */
    long chunkSize() {
      return CacheLine.up((long) chunk * p.groups() * inputSize + WideTile.SLACK)
          + (long) chunk * p.groups() * gradientSize
          + WideTile.SLACK;
    }

    /** Floats of the shared scratch memory: the sums, and the chunk if it is shared too. */
    long sharedSize() {
      return (long) parts * accumulators + (few ? 0 : chunkSize());
    }

    /** Offsets of each position of each of so many images in the packed input. */
    int[] terms(int images) {
      int[] terms = new int[images * positions];
      int t = 0;
      for (int image = 0; image < images; image++) {
        for (int y = 0; y < p.outHeight(); y++) {
          for (int x = 0; x < p.outWidth(); x++) {
            terms[t++] =
                image * p.groups() * inputSize
                    + (y * p.strideHeight() * columns + x * p.strideWidth()) * pitch;
          }
        }
      }
      return terms;
    }
  }

  /** Each task packs some of the images, chunk by chunk, and adds up all weights over them. */
  private static final class Images implements Kernel {
    private final Layout layout;
    private final Accumulate first;
    private final Accumulate next;

    Images(Layout layout) {
      this.layout = layout;
      int[] terms = layout.terms(layout.chunk);
      first = new Accumulate(layout, terms, false, null);
      next = new Accumulate(layout, terms, true, null);
    }

    @Override
    public int tasks() {
      return layout.parts;
    }

    @Override
    public long sharedScratch() {
      return layout.sharedSize();
    }

    @Override
    public long taskScratch() {
      return layout.chunkSize();
    }

    @Override
    public void run(int part, Operands a, float[] scratch, int shared, int own) {
      int begin = (int) ((long) layout.p.batch() * part / layout.parts);
      int end = (int) ((long) layout.p.batch() * (part + 1) / layout.parts);
      int sums = shared + part * layout.accumulators;
      for (int image = begin; image < end; image += layout.chunk) {
        int images = Math.min(layout.chunk, end - image);
        for (int i = 0; i < images; i++) {
          Pack.image(layout, image + i, i, a, scratch, own);
        }
        Accumulate accumulate = image == begin ? first : next;
        int positions = images * layout.positions;
        accumulate.add(0, accumulate.items, positions, scratch, sums, own);
      }
    }
  }

  /** Packs input and output gradient of a chunk, a task an image. */
  private record Pack(Layout layout, int first, int images) implements Kernel {
    @Override
    public int tasks() {
      return images;
    }

    @Override
    public long sharedScratch() {
      return layout.sharedSize();
    }

    @Override
    public void run(int image, Operands a, float[] scratch, int shared, int own) {
      image(layout, first + image, image, a, scratch, shared + layout.accumulators);
    }

    /** Packs an image to a place of the chunk that begins at {@code packed}. */
    static void image(
        Layout layout, int image, int place, Operands a, float[] scratch, int packed) {
      for (int group = 0; group < layout.p.groups(); group++) {
        int plane = image * layout.p.groups() + group;
        input(layout, plane, a, scratch, packed + layout.input(place, group));
        for (int block = 0; block < layout.channels.blocks(); block++) {
          int to = packed + layout.gradient(place, group, block);
          gradient(layout, plane, block, a, scratch, to);
        }
      }
    }

    private static void input(Layout layout, int imageGroup, Operands a, float[] scratch, int to) {
      ConvolutionProblem p = layout.p;
      int channels = p.inPerGroup();
      int plane = p.inHeight() * p.inWidth();
      int from = a.inputAt + imageGroup * channels * plane;
      int left = Math.min(p.paddingWidth(), layout.columns);
      int middle = Math.clamp(layout.columns - left, 0, p.inWidth());
      int pitch = layout.pitch;
      int rowPitch = layout.columns * pitch;
      if (p.paddingHeight() == 0 && middle == layout.columns && middle == p.inWidth()) {
        Transpose.run(
            a.input, from, plane, channels, layout.rows * middle, scratch, to, pitch, null, 0);
        return;
      }
      int whole = (middle + LANES - 1) / LANES * LANES;
      for (int row = 0; row < layout.rows; row++) {
        int line = to + row * rowPitch;
        int source = row - p.paddingHeight();
        if (source < 0 || source >= p.inHeight()) {
          Arrays.fill(scratch, line, line + rowPitch, 0);
          continue;
        }
        int at = from + source * p.inWidth();
        // beyond the row's end lies what is written next: the padding, the next row
        boolean room = whole - middle <= layout.columns && row < layout.rows - 1;
        boolean beyond = room && at + (channels - 1) * plane + whole <= a.input.length;
        Arrays.fill(scratch, line, line + left * pitch, 0);
        int columns = beyond ? whole : middle;
        Transpose.run(
            a.input, at, plane, channels, columns, scratch, line + left * pitch, pitch, null, 0);
        Arrays.fill(scratch, line + (left + middle) * pitch, line + rowPitch, 0);
      }
    }

    private static void gradient(
        Layout layout, int imageGroup, int block, Operands a, float[] scratch, int to) {
      int positions = layout.positions;
      int channel = imageGroup * layout.p.outPerGroup() + layout.channels.first(block);
      int width = layout.channels.width(block);
      int channels = layout.channels.count(block);
      if (channels < width) {
        Arrays.fill(scratch, to, to + positions * width, 0);
      }
      Transpose.run(
          a.gradOutput,
          a.gradOutputAt + channel * positions,
          positions,
          channels,
          positions,
          scratch,
          to,
          width,
          null,
          0);
    }
  }

  /**
   * Adds a chunk to the accumulators. A task takes neighbouring parts of runs through some
   * positions, whose gradients stay in the first cache, before the next positions.
   */
  private static final class Accumulate implements Kernel {
    /** As many tasks, if there are so many items. */
    private static final int TASKS = 16;

    private final Layout layout;
    private final boolean add;

    /** Brings a task's sums to the result, or null. */
    private final Unpack unpack;

    /** Parts of a run, and rows of each. */
    private final int parts;

    private final int partRows;

    /** Blocks, runs and their parts, which the tasks share out. */
    private final int items;

    private final int[] terms;

    Accumulate(Layout layout, int[] terms, boolean add, Unpack unpack) {
      this.layout = layout;
      this.terms = terms;
      this.add = add;
      this.unpack = unpack;
      int whole = layout.p.groups() * layout.channels.blocks() * layout.runs;
      int wanted = layout.few ? 1 : (TASKS + whole - 1) / whole;
      // parts are multiples of both 8 and 7 rows, so that only the last has rows beyond its end
      partRows = Math.max(56, ((layout.runLength + wanted - 1) / wanted + 55) / 56 * 56);
      parts = (layout.runLength + partRows - 1) / partRows;
      items = whole * parts;
    }

    @Override
    public int tasks() {
      return Math.min(TASKS, items);
    }

    @Override
    public long sharedScratch() {
      return layout.sharedSize();
    }

    @Override
    public long taskScratch() {
      return unpack == null ? 0 : unpack.taskScratch();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int first = (int) ((long) items * task / tasks());
      int end = (int) ((long) items * (task + 1) / tasks());
      add(first, end, terms.length, scratch, shared, shared + layout.accumulators);
      if (unpack != null) {
        int itemsPerBlock = layout.runs * parts;
        unpack.blocks(first / itemsPerBlock, end / itemsPerBlock, a, scratch, shared, own);
      }
    }

    /** Takes some items through so many positions of the chunk, all of them pass by pass. */
    void add(int first, int end, int positions, float[] scratch, int sums, int packed) {
      int passes = (positions + POSITIONS - 1) / POSITIONS;
      for (int pass = 0; pass < passes; pass++) {
        int from = (int) ((long) positions * pass / passes);
        int to = (int) ((long) positions * (pass + 1) / passes);
        for (int item = first; item < end; item++) {
          item(item, from, to, scratch, sums, packed);
        }
      }
    }

    private void item(int item, int from, int end, float[] scratch, int sums, int packed) {
      ConvolutionProblem p = layout.p;
      int part = item % parts;
      int run = item / parts % layout.runs;
      int block = item / parts / layout.runs % layout.channels.blocks();
      int group = item / parts / layout.runs / layout.channels.blocks();
      int rows = Math.min(partRows, layout.runLength - part * partRows);
      int kernelRow = layout.dense ? run : run / p.kernelWidth();
      int kernelColumn = layout.dense ? 0 : run % p.kernelWidth();
      int weight =
          (kernelRow * p.dilationHeight() * layout.columns + kernelColumn * p.dilationWidth())
                  * layout.pitch
              + part * partRows;
      int width = layout.channels.width(block);
      int c = sums + layout.accumulator(group, block, run) + part * partRows * width;
      int at = packed + layout.input(0, group) + weight;
      int b = packed + layout.gradient(0, group, block);
      layout.channels.multiply(
          block,
          scratch,
          at,
          rows,
          terms,
          from,
          end - from,
          scratch,
          b + from * width,
          scratch,
          c,
          add || from > 0);
    }
  }

  /** Adds the parts' sums in order and brings them to PyTorch's layout. */
  private static final class Unpack implements Kernel {
    /** Weights of each output channel that are transposed at a time. */
    private static final int WEIGHTS = 256;

    private final Layout layout;

    /** Where the sums of each weight of an output channel lie, in rows of a block. */
    private final int[] rows;

    Unpack(Layout layout) {
      this.layout = layout;
      ConvolutionProblem p = layout.p;
      rows = new int[p.inPerGroup() * p.taps()];
      for (int i = 0; i < rows.length; i++) {
        int channel = i / p.taps();
        int tap = i % p.taps();
        rows[i] =
            layout.dense
                ? tap / p.kernelWidth() * layout.runRows
                    + tap % p.kernelWidth() * p.inPerGroup()
                    + channel
                : tap * layout.runRows + channel;
      }
    }

    @Override
    public int tasks() {
      return layout.p.weightSize() < 1 << 14 ? 1 : blocks();
    }

    private int blocks() {
      return layout.p.groups() * layout.channels.blocks();
    }

    @Override
    public long sharedScratch() {
      return layout.sharedSize();
    }

    @Override
    public long taskScratch() {
      return WEIGHTS * WideTile.WIDTH;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      blocks(task, tasks() == 1 ? blocks() : task + 1, a, scratch, shared, own);
    }

    /** Brings some blocks, counted through all groups, to the result. */
    void blocks(int first, int end, Operands a, float[] scratch, int shared, int own) {
      for (int t = first; t < end; t++) {
        int group = t / layout.channels.blocks();
        int block = t % layout.channels.blocks();
        int sums = shared + layout.accumulator(group, block, 0);
        int size = layout.runs * layout.runRows * layout.channels.width(block);
        for (int part = 1; part < layout.parts; part++) {
          Row.add(scratch, sums + part * layout.accumulators, size, scratch, sums);
        }
        block(group, block, a, scratch, sums, own);
      }
    }

    private void block(int group, int block, Operands a, float[] scratch, int sums, int own) {
      int width = layout.channels.width(block);
      int channel = group * layout.p.outPerGroup() + layout.channels.first(block);
      int to = a.gradWeightAt + channel * rows.length;
      for (int w = 0; w < rows.length; w += WEIGHTS) {
        int weights = Math.min(WEIGHTS, rows.length - w);
        for (int i = 0; i < weights; i++) {
          Row.copy(scratch, sums + rows[w + i] * width, width, scratch, own + i * width);
        }
        Transpose.run(
            scratch,
            own,
            width,
            weights,
            layout.channels.count(block),
            a.gradWeight,
            to + w,
            rows.length,
            null,
            0);
      }
    }
  }
}
