package io.github.lanewise.vector;

import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;

/**
 * Convolution's weight gradient with output channels in lanes: the terms of each sum are positions,
 * and the rows of a tile are neighbouring weights.
 *
 * <p>Chunks of images are packed: the input channels-last with its padding, so that the inputs that
 * neighbouring (tap, input channel) pairs see from one position are neighbours; the output gradient
 * channels-last in blocks of two vectors. Then each task takes one block of output channels and
 * some of the weights through all positions of the chunk, and adds up. The chunks follow each other
 * in order, so that the sum has one order, whatever the number of threads.
 */
final class WeightGradient implements Implementation<ConvolutionProblem> {
  /** Floats of packed images at a time. */
  private static final int CHUNK = 1 << 20;

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
    int chunks = (problem.batch() + layout.chunk - 1) / layout.chunk;
    Kernel[] kernels = new Kernel[2 * chunks + 1];
    for (int i = 0; i < chunks; i++) {
      int first = i * layout.chunk;
      int images = Math.min(layout.chunk, problem.batch() - first);
      kernels[2 * i] = new Pack(layout, first, images);
      kernels[2 * i + 1] = new Accumulate(layout, images, i > 0);
    }
    kernels[2 * chunks] = new Unpack(layout);
    return kernels;
  }

  /** Where everything lies in the shared scratch memory. */
  private static final class Layout {
    final ConvolutionProblem p;
    final ColumnBlocks channels;

    /** Images packed at a time. */
    final int chunk;

    /** Packed input of one group of one image: rows × columns × channels. */
    final int rows;

    final int columns;
    final int inputSize;

    /** Output gradient of one group of one image: positions × (blocks of) channels. */
    final int positions;

    final int gradientSize;

    /** Runs of neighbouring weights: (kernel column, input channel), or input channels alone. */
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
      inputSize = Math.multiplyExact(rows * columns, p.inPerGroup());
      positions = p.outHeight() * p.outWidth();
      gradientSize = Math.toIntExact(channels.floats(positions));
      boolean dense = p.dilationWidth() == 1;
      runs = dense ? p.kernelHeight() : p.taps();
      runLength = (dense ? p.kernelWidth() : 1) * p.inPerGroup();
      runRows = runLength + WideTile.SLACK;
      accumulators =
          Math.multiplyExact(
              Math.multiplyExact(p.groups() * channels.blocks(), WideTile.WIDTH), runs * runRows);
      long image = (long) p.groups() * (inputSize + gradientSize);
      chunk = Math.clamp(CHUNK / image, 1, p.batch());
    }

    /** Where the packed input of a group of an image of the chunk begins. */
    int input(int image, int group) {
      return accumulators + (image * p.groups() + group) * inputSize;
    }

    /**
     * Where the packed gradients of a block of a group of an image of the chunk begin: those of the
     * next image follow.
     */
    int gradient(int image, int group, int block) {
      return accumulators
          + chunk * p.groups() * inputSize
          + WideTile.SLACK
          + chunk * (group * gradientSize + channels.at(block, positions))
          + image * positions * channels.width(block);
    }

    /** Where the accumulators of a block of a group begin. */
    int accumulator(int group, int block, int run) {
      return ((group * channels.blocks() + block) * runs + run) * runRows * WideTile.WIDTH;
    }

    long size() {
      return accumulators
          + (long) chunk * p.groups() * (inputSize + gradientSize)
          + 2L * WideTile.SLACK;
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
      return layout.size();
    }

    @Override
    public long taskScratch() {
      return Transpose.SCRATCH;
    }

    @Override
    public void run(int image, Operands a, float[] scratch, int shared, int own) {
      for (int group = 0; group < layout.p.groups(); group++) {
        packInput(image, group, a, scratch, shared, own);
        packGradient(image, group, a, scratch, shared, own);
      }
    }

    private void packInput(int image, int group, Operands a, float[] scratch, int shared, int own) {
      ConvolutionProblem p = layout.p;
      int channels = p.inPerGroup();
      int plane = p.inHeight() * p.inWidth();
      int from = a.inputAt + ((first + image) * p.groups() + group) * channels * plane;
      int to = shared + layout.input(image, group);
      int left = Math.min(p.paddingWidth(), layout.columns);
      int middle = Math.clamp(layout.columns - left, 0, p.inWidth());
      int pitch = layout.columns * channels;
      for (int row = 0; row < layout.rows; row++) {
        int line = to + row * pitch;
        int source = row - p.paddingHeight();
        if (source < 0 || source >= p.inHeight()) {
          Arrays.fill(scratch, line, line + pitch, 0);
          continue;
        }
        Arrays.fill(scratch, line, line + left * channels, 0);
        Transpose.run(
            a.input,
            from + source * p.inWidth(),
            plane,
            channels,
            middle,
            scratch,
            line + left * channels,
            channels,
            null,
            0,
            scratch,
            own);
        Arrays.fill(scratch, line + (left + middle) * channels, line + pitch, 0);
      }
    }

    private void packGradient(
        int image, int group, Operands a, float[] scratch, int shared, int own) {
      ConvolutionProblem p = layout.p;
      int positions = layout.positions;
      int from =
          a.gradOutputAt + ((first + image) * p.groups() + group) * p.outPerGroup() * positions;
      for (int block = 0; block < layout.channels.blocks(); block++) {
        int to = shared + layout.gradient(image, group, block);
        int width = layout.channels.width(block);
        int channels = layout.channels.count(block);
        if (channels < width) {
          Arrays.fill(scratch, to, to + positions * width, 0);
        }
        Transpose.run(
            a.gradOutput,
            from + block * WideTile.WIDTH * positions,
            positions,
            channels,
            positions,
            scratch,
            to,
            width,
            null,
            0,
            scratch,
            own);
      }
    }
  }

  /** Adds a chunk to the accumulators: a task a block of output channels and a part of the runs. */
  private static final class Accumulate implements Kernel {
    private final Layout layout;
    private final boolean add;

    /** Tiles of rows that one task takes from each run. */
    private final int parts;

    private final int partRows;

    /** Offset of each position of each image in the packed input. */
    private final int[] terms;

    Accumulate(Layout layout, int images, boolean add) {
      this.layout = layout;
      this.add = add;
      ConvolutionProblem p = layout.p;
      int whole = p.groups() * layout.channels.blocks() * layout.runs;
      int wanted = whole >= 16 ? 1 : (16 + whole - 1) / whole;
      // parts are multiples of both 8 and 7 rows, so that only the last has rows beyond its end
      partRows = Math.max(56, ((layout.runLength + wanted - 1) / wanted + 55) / 56 * 56);
      parts = (layout.runLength + partRows - 1) / partRows;
      terms = new int[images * layout.positions];
      int t = 0;
      for (int image = 0; image < images; image++) {
        for (int y = 0; y < p.outHeight(); y++) {
          for (int x = 0; x < p.outWidth(); x++) {
            terms[t++] =
                image * p.groups() * layout.inputSize
                    + (y * p.strideHeight() * layout.columns + x * p.strideWidth())
                        * p.inPerGroup();
          }
        }
      }
    }

    @Override
    public int tasks() {
      ConvolutionProblem p = layout.p;
      return p.multiplyAdds() < 1 << 17
          ? 1
          : p.groups() * layout.channels.blocks() * layout.runs * parts;
    }

    @Override
    public long sharedScratch() {
      return layout.size();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      if (tasks() > 1) {
        task(task, scratch, shared);
        return;
      }
      int all = layout.p.groups() * layout.channels.blocks() * layout.runs * parts;
      for (int t = 0; t < all; t++) {
        task(t, scratch, shared);
      }
    }

    private void task(int task, float[] scratch, int shared) {
      ConvolutionProblem p = layout.p;
      int part = task % parts;
      int run = task / parts % layout.runs;
      int block = task / parts / layout.runs % layout.channels.blocks();
      int group = task / parts / layout.runs / layout.channels.blocks();
      int rows = Math.min(partRows, layout.runLength - part * partRows);
      boolean dense = p.dilationWidth() == 1;
      int kernelRow = dense ? run : run / p.kernelWidth();
      int kernelColumn = dense ? 0 : run % p.kernelWidth();
      int weight =
          (kernelRow * p.dilationHeight() * layout.columns + kernelColumn * p.dilationWidth())
                  * p.inPerGroup()
              + part * partRows;
      int width = layout.channels.width(block);
      int c = shared + layout.accumulator(group, block, run) + part * partRows * width;
      int at = shared + layout.input(0, group) + weight;
      int b = shared + layout.gradient(0, group, block);
      int passes = (terms.length + POSITIONS - 1) / POSITIONS;
      for (int pass = 0; pass < passes; pass++) {
        int from = (int) ((long) terms.length * pass / passes);
        int end = (int) ((long) terms.length * (pass + 1) / passes);
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
            add || pass > 0);
      }
    }
  }

  /** Brings the accumulators to PyTorch's order, a task a block of output channels. */
  private record Unpack(Layout layout) implements Kernel {
    @Override
    public int tasks() {
      return layout.p.weightSize() < 1 << 14 ? 1 : layout.p.groups() * layout.channels.blocks();
    }

    @Override
    public long sharedScratch() {
      return layout.size();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int first = tasks() == 1 ? 0 : task;
      int end = tasks() == 1 ? layout.p.groups() * layout.channels.blocks() : task + 1;
      for (int t = first; t < end; t++) {
        block(t / layout.channels.blocks(), t % layout.channels.blocks(), a, scratch, shared);
      }
    }

    private void block(int group, int block, Operands a, float[] scratch, int shared) {
      ConvolutionProblem p = layout.p;
      int width = layout.channels.width(block);
      int channels = layout.channels.count(block);
      int to =
          a.gradWeightAt
              + (group * p.outPerGroup() + block * WideTile.WIDTH) * p.inPerGroup() * p.taps();
      boolean dense = p.dilationWidth() == 1;
      // input channels outermost: what is written of each output channel stays in the cache
      for (int i = 0; i < p.inPerGroup(); i++) {
        for (int tap = 0; tap < p.taps(); tap++) {
          int run = dense ? tap / p.kernelWidth() : tap;
          int row = (dense ? tap % p.kernelWidth() * p.inPerGroup() : 0) + i;
          int from = shared + layout.accumulator(group, block, run) + row * width;
          for (int c = 0; c < channels; c++) {
            a.gradWeight[to + (c * p.inPerGroup() + i) * p.taps() + tap] = scratch[from + c];
          }
        }
      }
    }
  }
}
