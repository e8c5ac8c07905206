package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

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
 */
final class ScatterAdd implements Implementation<ConvolutionProblem> {
  /** Terms at a time: their weights stay in the first cache while all positions go over them. */
  private static final int DEPTH = 256;

  /** Rows of the source that are packed side by side: a cache line a term. */
  private static final int STRIP = 16;

  /** Blocks of columns of a task: it reads weights in runs of so many. */
  private static final int BLOCKS = 4;

  /** Most products at a time: they stay in a cache until they are added. */
  private static final int PRODUCTS = 1 << 18;

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
        kernels[each * i + 2] = new Add(layout, first, images);
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

    long size() {
      long group = (long) p.outPerGroup() * roomyRows;
      return p.groups() * (group + (whole ? 0 : (long) columns.columns() * rows));
    }
  }

  /** Packs the source, a task a group. */
  private record Pack(Layout layout, int first, int images) implements Kernel {
    @Override
    public int tasks() {
      return layout.p.groups();
    }

    @Override
    public long sharedScratch() {
      return layout.size();
    }

    @Override
    public void run(int group, Operands a, float[] scratch, int shared, int own) {
      int channels = layout.p.outPerGroup();
      int positions = layout.positions;
      for (int i = 0; i < images; i++) {
        int from =
            a.gradOutputAt + ((first + i) * layout.p.groups() + group) * channels * positions;
        for (int x = 0; x < positions; ) {
          int row = i * positions + x;
          int n = Math.min(positions - x, STRIP - row % STRIP);
          int to = shared + layout.source(group) + row / STRIP * STRIP * channels + row % STRIP;
          for (int c = 0; c < channels; c++) {
            Row.copy(a.gradOutput, from + c * positions + x, n, scratch, to + c * STRIP);
          }
          x += n;
        }
      }
    }
  }

  /** The product, a task some blocks of columns of a group. */
  private static final class Multiply implements Kernel {
    private final Layout layout;
    private final int first;
    private final int rows;
    private final int[] terms;
    private final int groups;

    // the task's scratch: room to transpose, weights, products
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
      productsAt = Transpose.SCRATCH + Math.min(DEPTH, terms.length) * WideTile.WIDTH * BLOCKS;
    }

    @Override
    public int tasks() {
      return layout.p.groups() * groups;
    }

    @Override
    public long sharedScratch() {
      return layout.size();
    }

    @Override
    public long taskScratch() {
      return productsAt + (long) BLOCKS * layout.roomyRows * WideTile.WIDTH + WideTile.WIDTH;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int group = task / groups;
      int firstBlock = task % groups * BLOCKS;
      int endBlock = Math.min(firstBlock + BLOCKS, layout.columns.blocks());
      int products = own + productsAt;
      int productsSize = layout.roomyRows * WideTile.WIDTH;
      int weights = own + Transpose.SCRATCH;
      for (int o = 0; o < terms.length; o += DEPTH) {
        int depth = Math.min(DEPTH, terms.length - o);
        int columns = layout.columns.columns();
        layout.columns.pack(
            a.weight,
            a.weightAt + (group * terms.length + o) * columns,
            columns,
            depth,
            firstBlock,
            endBlock,
            scratch,
            weights,
            depth * WideTile.WIDTH);
        for (int block = firstBlock; block < endBlock; block++) {
          int width = layout.columns.width(block);
          for (int row = 0; row < rows; row += STRIP) {
            layout.columns.multiply(
                block,
                scratch,
                shared + layout.source(group) + row * terms.length,
                Math.min(STRIP, rows - row),
                terms,
                o,
                depth,
                scratch,
                weights + (block - firstBlock) * depth * WideTile.WIDTH,
                scratch,
                products + (block - firstBlock) * productsSize + row * width,
                o > 0);
          }
        }
      }
      for (int block = firstBlock; block < endBlock; block++) {
        int at = products + (block - firstBlock) * productsSize;
        if (layout.whole) {
          deliver(a, group, block, scratch, at, products + BLOCKS * productsSize);
        } else {
          Transpose.run(
              scratch,
              at,
              layout.columns.width(block),
              rows,
              layout.columns.count(block),
              scratch,
              shared + layout.products(group, layout.columns.first(block)),
              layout.rows,
              null,
              0,
              scratch,
              own);
        }
      }
    }

    /** Brings the rows, with the bias, to the images whose whole results they are. */
    private void deliver(Operands a, int group, int block, float[] scratch, int from, int biasAt) {
      ConvolutionProblem p = layout.p;
      int width = layout.columns.width(block);
      int count = layout.columns.count(block);
      int column = layout.columns.first(block);
      for (int c = 0; c < count; c++) {
        int channel = group * p.inPerGroup() + (column + c) / p.taps();
        scratch[biasAt + c] = a.bias == null ? 0 : a.bias[a.biasAt + channel];
      }
      for (int row = 0; row < rows; row++) {
        int at = from + row * width;
        for (int c = 0; c < width; c += LANES) {
          FloatVector bias = FloatVector.fromArray(F, scratch, biasAt + c);
          FloatVector.fromArray(F, scratch, at + c).add(bias).intoArray(scratch, at + c);
        }
        int to =
            a.gradInputAt
                + ((first + row) * p.groups() + group) * layout.columns.columns()
                + column;
        Row.copy(scratch, at, count, a.gradInput, to);
      }
    }
  }

  /** Adds the products to the results, a task a group of an image. */
  private record Add(Layout layout, int first, int images) implements Kernel {
    @Override
    public int tasks() {
      return layout.p.multiplyAdds() < 1 << 16 ? 1 : images * layout.p.groups();
    }

    @Override
    public long sharedScratch() {
      return layout.size();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int end = tasks() == 1 ? images * layout.p.groups() : task + 1;
      for (int t = task; t < end; t++) {
        image(t / layout.p.groups(), t % layout.p.groups(), a, scratch, shared);
      }
    }

    private void image(int image, int group, Operands a, float[] scratch, int shared) {
      ConvolutionProblem p = layout.p;
      int plane = p.inHeight() * p.inWidth();
      int result = a.gradInputAt + ((first + image) * p.groups() + group) * p.inPerGroup() * plane;
      for (int i = 0; i < p.inPerGroup(); i++) {
        float bias = a.bias == null ? 0 : a.bias[a.biasAt + group * p.inPerGroup() + i];
        Arrays.fill(a.gradInput, result + i * plane, result + (i + 1) * plane, bias);
        for (int tap = 0; tap < p.taps(); tap++) {
          int from = shared + layout.products(group, i * p.taps() + tap);
          add(tap, scratch, from + image * layout.positions, a.gradInput, result + i * plane);
        }
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
