package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;

/**
 * Transposed convolution (convolution's input gradient) by scatter-add, with (result channel, tap)
 * pairs in lanes, in which order PyTorch's weights lie already: for each source position the sums
 * over source channels are built in registers, a block of lanes at a time, and then added to the
 * result at position · stride + tap. The kernel for many taps over few positions, where gathering
 * would multiply padding.
 */
final class ScatterAdd implements Implementation<ConvolutionProblem> {
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
    Pack pack = new Pack(problem);
    return new Kernel[] {pack, new Compute(problem, pack)};
  }

  /** The weights of all groups in blocks of columns, one source channel after the other. */
  private static final class Pack implements Kernel {
    private final ConvolutionProblem p;
    private final ColumnBlocks columns;
    private final int groupSize;

    Pack(ConvolutionProblem p) {
      this.p = p;
      columns = new ColumnBlocks(p.inPerGroup() * p.taps());
      groupSize = Math.toIntExact(columns.floats(p.outPerGroup()));
    }

    int at(int group, int block) {
      return group * groupSize + columns.at(block, p.outPerGroup());
    }

    @Override
    public int tasks() {
      return p.groups() * columns.blocks();
    }

    @Override
    public long sharedScratch() {
      return (long) p.groups() * groupSize;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int group = task / columns.blocks();
      int block = task % columns.blocks();
      int width = columns.width(block);
      int count = columns.count(block);
      for (int o = 0; o < p.outPerGroup(); o++) {
        int from =
            a.weightAt + (group * p.outPerGroup() + o) * columns.columns() + columns.first(block);
        int to = shared + at(group, block) + o * width;
        System.arraycopy(a.weight, from, scratch, to, count);
        Arrays.fill(scratch, to + count, to + width, 0);
      }
    }
  }

  /** A task a group of an image, since all its blocks add to the same result. */
  private static final class Compute implements Kernel {
    private final ConvolutionProblem p;
    private final Pack weights;
    private final int positions;
    private final int slack;
    private final int[] terms;

    // the task's scratch: source, products, then the products transposed
    private final int productsAt;
    private final int transposedAt;

    Compute(ConvolutionProblem p, Pack weights) {
      this.p = p;
      this.weights = weights;
      positions = p.outHeight() * p.outWidth();
      slack = weights.columns.slack(positions);
      terms = new int[p.outPerGroup()];
      for (int o = 0; o < terms.length; o++) {
        terms[o] = o * positions;
      }
      productsAt = Math.addExact(Math.multiplyExact(terms.length, positions), WideTile.SLACK);
      transposedAt =
          Math.addExact(productsAt, Math.multiplyExact(positions + WideTile.SLACK, WideTile.WIDTH));
    }

    @Override
    public int tasks() {
      return p.multiplyAdds() < 1 << 16 ? 1 : p.batch() * p.groups();
    }

    @Override
    public long sharedScratch() {
      return weights.sharedScratch();
    }

    @Override
    public long taskScratch() {
      return transposedAt + (long) positions * WideTile.WIDTH + Transpose.SCRATCH;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int first = tasks() == 1 ? 0 : task;
      int end = tasks() == 1 ? p.batch() * p.groups() : task + 1;
      for (int t = first; t < end; t++) {
        group(t / p.groups(), t % p.groups(), a, scratch, shared, own);
      }
    }

    private void group(int image, int group, Operands a, float[] scratch, int shared, int own) {
      int plane = p.inHeight() * p.inWidth();
      int result = a.gradInputAt + (image * p.groups() + group) * p.inPerGroup() * plane;
      for (int i = 0; i < p.inPerGroup(); i++) {
        float bias = a.bias == null ? 0 : a.bias[a.biasAt + group * p.inPerGroup() + i];
        Arrays.fill(a.gradInput, result + i * plane, result + (i + 1) * plane, bias);
      }
      int source = a.gradOutputAt + (image * p.groups() + group) * terms.length * positions;
      float[] from = a.gradOutput;
      if (slack > 0) {
        // the last tile reads beyond the end: give it room
        System.arraycopy(from, source, scratch, own, terms.length * positions);
        from = scratch;
        source = own;
      }
      int products = own + productsAt;
      ColumnBlocks columns = weights.columns;
      int transposed = own + transposedAt;
      for (int block = 0; block < columns.blocks(); block++) {
        columns.multiply(
            block,
            from,
            source,
            positions,
            terms,
            0,
            terms.length,
            scratch,
            shared + weights.at(group, block),
            scratch,
            products,
            false);
        Transpose.run(
            scratch,
            products,
            columns.width(block),
            positions,
            columns.count(block),
            scratch,
            transposed,
            positions,
            null,
            0,
            scratch,
            transposed + positions * WideTile.WIDTH);
        for (int i = 0; i < columns.count(block); i++) {
          add(columns.first(block) + i, scratch, transposed + i * positions, a.gradInput, result);
        }
      }
    }

    /** Adds the products of one (result channel, tap) pair, cropped to the result. */
    private void add(int column, float[] from, int at, float[] to, int result) {
      int tap = column % p.taps();
      int shiftH = tap / p.kernelWidth() * p.dilationHeight() - p.paddingHeight();
      int shiftW = tap % p.kernelWidth() * p.dilationWidth() - p.paddingWidth();
      int y0 = ConvolutionProblem.firstInside(shiftH, p.strideHeight());
      int y1 = ConvolutionProblem.endInside(shiftH, p.strideHeight(), p.inHeight(), p.outHeight());
      int x0 = ConvolutionProblem.firstInside(shiftW, p.strideWidth());
      int x1 = ConvolutionProblem.endInside(shiftW, p.strideWidth(), p.inWidth(), p.outWidth());
      int plane = result + column / p.taps() * p.inHeight() * p.inWidth();
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
