package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Transposed convolution (convolution's input gradient) by scatter-add, with (result channel, tap)
 * pairs in lanes, in which order PyTorch's weights lie already: a matrix product of the source
 * positions of some images with the weights, whose rows are then added to the result at position ·
 * stride + tap. The kernel for many taps over few positions, where gathering would multiply
 * padding.
 *
 * <p>With 16 registers and positions enough, {@link ScatterRows} computes it.
 */
final class ScatterAdd implements Implementation<ConvolutionProblem> {
  /** Terms at a time: their weights stay in the first cache while all positions go over them. */
  private static final int DEPTH = 288;

  /** Rows of the source that are packed side by side. */
  private static final int STRIP = WideTile.STRIP;

  /** Blocks of columns of a task: it reads weights in runs of so many. */
  private static final int BLOCKS = 4;

  /** The fewest taps in one dimension that are added as vectors. */
  private static final int LONG = 4 * LANES;

  /** Elements of a result row that a task adds to at least. */
  private static final int PIECE = 1 << 12;

  /** Most products at a time: they stay in a cache until they are added. */
  private static final int PRODUCTS = 1 << 18;

  /** Tasks of the product, if blocks of columns alone give fewer. */
  private static final int TASKS = 8;

  @Override
  public String name() {
    return "scatter-add";
  }

  @Override
  public boolean accepts(ConvolutionProblem problem) {
    double cost = ConvolutionCost.scatterAdd(problem);
    Gather gather = new Gather(problem, true, 1, LANES);
    return cost < ConvolutionCost.channelLanes(gather) && cost < ConvolutionCost.widthLanes(gather);
  }

  @Override
  public Kernel[] kernels(ConvolutionProblem problem) {
    if (ScatterRows.suits(problem)) {
      return ScatterRows.kernels(problem);
    }
    Layout layout = new Layout(problem);
    int rounds = (problem.batch() + layout.images - 1) / layout.images;
    int each = layout.whole ? 2 : 3;
    Kernel[] kernels = new Kernel[each * rounds];
    for (int i = 0; i < rounds; i++) {
      int first = i * layout.images;
      int images = Math.min(layout.images, problem.batch() - first);
      kernels[each * i] = new Pack(layout, first, images);
      kernels[each * i + 1] = new Multiply(layout, first, images);
      if (!layout.whole) {
        kernels[each * i + 2] =
            layout.runs ? new AddRuns(layout, first, images) : new Add(layout, first, images);
      }
    }
    return kernels;
  }

  /** Where everything lies in the shared scratch memory: the source, then the products. */
  private static final class Layout {
    final ConvolutionProblem p;
    final ColumnBlocks columns;
    final int positions;

    /** Whether each image is one position whose taps are the whole result: nothing is added. */
    final boolean whole;

    /** Whether the taps lie in one row and are many: a position's products are added as vectors. */
    final boolean runs;

    /** Images at a time. */
    final int images;

    /** Rows of the product, and the same in whole strips with room beyond the last. */
    final int rows;

    final int roomyRows;

    Layout(ConvolutionProblem p) {
      this.p = p;
      columns = new ColumnBlocks(p.inPerGroup() * p.taps());
      positions = p.outHeight() * p.outWidth();
      whole =
          positions == 1
              && p.paddingHeight() == 0
              && p.paddingWidth() == 0
              && p.inHeight() == p.kernelHeight()
              && p.inWidth() == p.kernelWidth();
      runs = !whole && p.inHeight() == 1 && p.dilationWidth() == 1 && p.kernelWidth() >= LONG;
      long image = (long) p.groups() * positions * columns.columns();
      images = Math.clamp(PRODUCTS / image, 1, p.batch());
      rows = Math.multiplyExact(images, positions);
      roomyRows = (rows + STRIP - 1) / STRIP * STRIP + WideTile.SLACK;
    }

    /** Where the source of a group begins: (strip, channel, row in strip). */
    int source(int group) {
      return group * p.outPerGroup() * roomyRows;
    }

    /** Where the products of a group's column begin, row after row. */
    int products(int group, int column) {
      return source(p.groups()) + (group * columns.columns() + column) * rows;
    }

    /** Where the products of a group's row begin, column after column, if they are runs. */
    int run(int group, int row) {
      return CacheLine.up(source(p.groups())) + (group * rows + row) * pitch();
    }

    /** Floats from a row to the next, not a power of two. */
    private int pitch() {
      return CacheLine.up(columns.columns()) + CacheLine.FLOATS;
    }

    long size() {
      if (runs) {
        return CacheLine.up((long) source(p.groups())) + (long) p.groups() * rows * pitch();
      }
      long group = (long) p.outPerGroup() * roomyRows;
      return p.groups() * (group + (whole ? 0 : (long) columns.columns() * rows));
    }
  }

  /**
   * Packs the source, channel by channel, as it lies in memory. A task takes a group of an image,
   * or where these are few some of its channels.
   */
  private record Pack(Layout layout, int first, int images) implements Kernel {
    private int parts() {
      return Math.clamp(TASKS / ((long) images * layout.p.groups()), 1, layout.p.outPerGroup());
    }

    @Override
    public int tasks() {
      return layout.p.multiplyAdds() < 1 << 16 ? 1 : images * layout.p.groups() * parts();
    }

    @Override
    public long sharedScratch() {
      return layout.size();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int parts = parts();
      int channels = layout.p.outPerGroup();
      int end = tasks() == 1 ? images * layout.p.groups() * parts : task + 1;
      for (int t = task; t < end; t++) {
        int part = t % parts;
        int from = channels * part / parts;
        int to = channels * (part + 1) / parts;
        pack(
            t / parts / layout.p.groups(),
            t / parts % layout.p.groups(),
            from,
            to,
            a,
            scratch,
            shared);
      }
    }

    /** Some channels of a group of an image. */
    private void pack(
        int image, int group, int from, int end, Operands a, float[] scratch, int shared) {
      int channels = layout.p.outPerGroup();
      int positions = layout.positions;
      int begin = image * positions;
      int plane = (first + image) * layout.p.outChannels() + group * channels;
      for (int c = from; c < end; c++) {
        int row = a.gradOutputAt + (plane + c) * positions;
        int inStrip = begin % STRIP;
        int to = shared + layout.source(group) + c * STRIP + begin / STRIP * STRIP * channels;
        for (int x = 0; x < positions; ) {
          int n = Math.min(positions - x, STRIP - inStrip);
          Row.copy(a.gradOutput, row + x, n, scratch, to + inStrip);
          x += n;
          inStrip = 0;
          to += STRIP * channels;
        }
      }
    }
  }

  /**
   * The product, a task some blocks of columns of a group, and where these are few, some strips.
   */
  private static final class Multiply implements Kernel {
    private final Layout layout;
    private final int first;
    private final int rows;
    private final int[] terms;
    private final int groups;

    /** Parts of the rows, and the rows of each but the last, which may have fewer: whole strips. */
    private final int parts;

    private final int partRows;

    /** Terms at a time. */
    private final int depth;

    // the task's scratch: weights, products
    private final int productsAt;

    Multiply(Layout layout, int first, int images) {
      this.layout = layout;
      this.first = first;
      rows = images * layout.positions;
      groups = (layout.columns.blocks() + BLOCKS - 1) / BLOCKS;
      terms = new int[layout.p.outPerGroup()];
      for (int o = 0; o < terms.length; o++) {
        terms[o] = o * STRIP;
      }
      int strips = (rows + STRIP - 1) / STRIP;
      int wanted = layout.p.multiplyAdds() < 1 << 16 ? 1 : TASKS / (layout.p.groups() * groups);
      int partStrips = (strips - 1) / Math.clamp(wanted, 1, strips) + 1;
      parts = (strips + partStrips - 1) / partStrips;
      partRows = Math.min(partStrips * STRIP, rows);
      int passes = (terms.length + DEPTH - 1) / DEPTH;
      depth = (terms.length + passes - 1) / passes;
      productsAt = depth * WideTile.WIDTH * BLOCKS;
    }

    @Override
    public int tasks() {
      return layout.p.groups() * groups * parts;
    }

    @Override
    public long sharedScratch() {
      return layout.size();
    }

    private int productsSize() {
      return (partRows + WideTile.SLACK) * WideTile.WIDTH;
    }

    @Override
    public long taskScratch() {
      return productsAt + (long) BLOCKS * productsSize() + WideTile.WIDTH;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int begin = task % parts * partRows;
      int part = Math.min(partRows, rows - begin);
      int group = task / parts / groups;
      int firstBlock = task / parts % groups * BLOCKS;
      int endBlock = Math.min(firstBlock + BLOCKS, layout.columns.blocks());
      int products = own + productsAt;
      int productsSize = productsSize();
      for (int o = 0; o < terms.length; o += depth) {
        int count = Math.min(depth, terms.length - o);
        int columns = layout.columns.columns();
        layout.columns.pack(
            a.weight,
            a.weightAt + (group * terms.length + o) * columns,
            columns,
            count,
            firstBlock,
            endBlock,
            scratch,
            own,
            depth * WideTile.WIDTH);
        for (int block = firstBlock; block < endBlock; block++) {
          int width = layout.columns.width(block);
          for (int row = 0; row < part; row += STRIP) {
            layout.columns.multiply(
                block,
                scratch,
                shared + layout.source(group) + (begin + row) * terms.length,
                Math.min(STRIP, part - row),
                terms,
                o,
                count,
                scratch,
                own + (block - firstBlock) * depth * WideTile.WIDTH,
                scratch,
                products + (block - firstBlock) * productsSize + row * width,
                width,
                o > 0);
          }
        }
      }
      for (int block = firstBlock; block < endBlock; block++) {
        int at = products + (block - firstBlock) * productsSize;
        if (layout.whole) {
          deliver(a, group, block, begin, part, scratch, at, products + BLOCKS * productsSize);
        } else if (layout.runs) {
          for (int row = 0; row < part; row++) {
            int width = layout.columns.width(block);
            int to = shared + layout.run(group, begin + row) + layout.columns.first(block);
            Row.copy(scratch, at + row * width, layout.columns.count(block), scratch, to);
          }
        } else {
          Transpose.run(
              scratch,
              at,
              layout.columns.width(block),
              part,
              layout.columns.count(block),
              scratch,
              shared + layout.products(group, layout.columns.first(block)) + begin,
              layout.rows,
              null,
              0);
        }
      }
    }

    /** Brings the rows, with the bias, to the images whose whole results they are. */
    private void deliver(
        Operands a,
        int group,
        int block,
        int begin,
        int part,
        float[] scratch,
        int from,
        int biasAt) {
      ConvolutionProblem p = layout.p;
      int width = layout.columns.width(block);
      int count = layout.columns.count(block);
      int column = layout.columns.first(block);
      for (int c = 0; c < count; c++) {
        int channel = group * p.inPerGroup() + (column + c) / p.taps();
        scratch[biasAt + c] = a.bias == null ? 0 : a.bias[a.biasAt + channel];
      }
      for (int row = 0; row < part; row++) {
        int at = from + row * width;
        for (int c = 0; c < width; c += LANES) {
          FloatVector bias = FloatVector.fromArray(F, scratch, biasAt + c);
          FloatVector.fromArray(F, scratch, at + c).add(bias).intoArray(scratch, at + c);
        }
        int to =
            a.gradInputAt
                + ((first + begin + row) * p.groups() + group) * layout.columns.columns()
                + column;
        Row.copy(scratch, at, count, a.gradInput, to);
      }
    }
  }

  /** Adds the runs of products to the results, a task a piece of a group of an image. */
  private record AddRuns(Layout layout, int first, int images) implements Kernel {
    private int pieces() {
      return Math.max(1, layout.p.inWidth() / PIECE);
    }

    @Override
    public int tasks() {
      return images * layout.p.groups() * pieces();
    }

    @Override
    public long sharedScratch() {
      return layout.size();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      ConvolutionProblem p = layout.p;
      int piece = task % pieces();
      int group = task / pieces() % p.groups();
      int image = task / pieces() / p.groups();
      int begin = (int) ((long) p.inWidth() * piece / pieces());
      int end = (int) ((long) p.inWidth() * (piece + 1) / pieces());
      int lastTap = p.kernelWidth() - 1 - p.paddingWidth();
      int from = ConvolutionProblem.firstInside(lastTap - begin, p.strideWidth());
      int to = ConvolutionProblem.endInside(-p.paddingWidth(), p.strideWidth(), end, p.outWidth());
      for (int i = 0; i < p.inPerGroup(); i++) {
        int channel = group * p.inPerGroup() + i;
        int result =
            a.gradInputAt + ((first + image) * p.groups() * p.inPerGroup() + channel) * p.inWidth();
        float bias = a.bias == null ? 0 : a.bias[a.biasAt + channel];
        Arrays.fill(a.gradInput, result + begin, result + end, bias);
        for (int x = from; x < to; x++) {
          int start = x * p.strideWidth() - p.paddingWidth();
          int left = Math.max(begin, start);
          int right = Math.min(end, start + p.kernelWidth());
          int run = shared + layout.run(group, image * layout.positions + x) + i * p.taps() - start;
          Row.add(scratch, run + left, right - left, a.gradInput, result + left);
        }
      }
    }
  }

  /** Adds the products to the results, a task a channel of an image. */
  private record Add(Layout layout, int first, int images) implements Kernel {
    @Override
    public int tasks() {
      return layout.p.multiplyAdds() < 1 << 16 ? 1 : images * layout.p.inChannels();
    }

    @Override
    public long sharedScratch() {
      return layout.size();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int channels = layout.p.inChannels();
      int end = tasks() == 1 ? images * channels : task + 1;
      for (int t = task; t < end; t++) {
        channel(t / channels, t % channels, a, scratch, shared);
      }
    }

    private void channel(int image, int channel, Operands a, float[] scratch, int shared) {
      ConvolutionProblem p = layout.p;
      int group = channel / p.inPerGroup();
      int inGroup = channel % p.inPerGroup();
      int plane = p.inHeight() * p.inWidth();
      int result = a.gradInputAt + ((first + image) * p.inChannels() + channel) * plane;
      float bias = a.bias == null ? 0 : a.bias[a.biasAt + channel];
      Arrays.fill(a.gradInput, result, result + plane, bias);
      for (int tap = 0; tap < p.taps(); tap++) {
        int from = shared + layout.products(group, inGroup * p.taps() + tap);
        add(tap, scratch, from + image * layout.positions, a.gradInput, result);
      }
    }

    /** Adds the products of one tap, cropped to the result. */
    private void add(int tap, float[] from, int at, float[] to, int plane) {
      ConvolutionProblem p = layout.p;
      int shiftH = tap / p.kernelWidth() * p.dilationHeight() - p.paddingHeight();
      int shiftW = tap % p.kernelWidth() * p.dilationWidth() - p.paddingWidth();
      int y0 = ConvolutionProblem.firstInside(shiftH, p.strideHeight());
      int y1 = ConvolutionProblem.endInside(shiftH, p.strideHeight(), p.inHeight(), p.outHeight());
      int x0 = ConvolutionProblem.firstInside(shiftW, p.strideWidth());
      int x1 = ConvolutionProblem.endInside(shiftW, p.strideWidth(), p.inWidth(), p.outWidth());
      for (int y = y0; y < y1; y++) {
        int row = plane + (y * p.strideHeight() + shiftH) * p.inWidth() + shiftW;
        int line = at + y * p.outWidth();
        if (p.strideWidth() == 1) {
          for (int x = x0; x < x1; x++) {
            to[row + x] += from[line + x];
          }
        } else {
          for (int x = x0; x < x1; x++) {
            to[row + x * p.strideWidth()] += from[line + x];
          }
        }
      }
    }
  }
}
