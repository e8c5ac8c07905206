package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;
import static io.github.lanewise.vector.VectorWidth.REGISTERS;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;

/**
 * {@link ScatterAdd} with source positions in lanes: the weights of a few (result channel, tap)
 * pairs times a band of positions, whose rows are then added to the result. Nothing is transposed,
 * and rows are added as vectors: with a stride of 2 to the even or the odd columns of the result,
 * which are kept apart until the image is complete.
 *
 * <p>For machines with 16 vector registers, whose {@link TallTile} is as fast as their {@link
 * WideTile}; with 32 nobody has measured it.
 */
final class ScatterRows {
  /** Floats of a band of all channels, in the second cache beside its products. */
  private static final int BAND = 1 << 15;

  /** Positions of a band, at least and at most: its products stay in the first cache. */
  private static final int SHORTEST = 64;

  private static final int LONGEST = 1024;

  /** With fewer images there are too few tasks. */
  private static final int LEAST_TASKS = 8;

  private ScatterRows() {}

  /** Whether this is the faster way to compute what {@link ScatterAdd} accepts. */
  static boolean suits(ConvolutionProblem p) {
    return REGISTERS < 32
        && p.strideWidth() <= 2
        && p.outWidth() >= 2 * LANES
        && p.batch() * p.groups() >= LEAST_TASKS;
  }

  static Kernel[] kernels(ConvolutionProblem problem) {
    Weights weights = new Weights(problem);
    return new Kernel[] {weights, new Compute(problem, weights)};
  }

  /** The pairs of the next tile; never one of several, which would be slow. */
  private static int block(int left) {
    int block = left >= TallTile.CHANNELS ? TallTile.CHANNELS : Math.min(left, 4);
    return left - block == 1 ? block - 2 : block;
  }

  /** For each group and block of pairs: zeros, then the weights of one channel after the other. */
  private record Weights(ConvolutionProblem p) implements Kernel {
    private int pairs() {
      return p.inPerGroup() * p.taps();
    }

    int at(int group, int pair) {
      return (group * pairs() + pair) * (p.outPerGroup() + 1);
    }

    @Override
    public int tasks() {
      return p.groups();
    }

    @Override
    public long sharedScratch() {
      return (long) p.groups() * pairs() * (p.outPerGroup() + 1);
    }

    @Override
    public void run(int group, Operands a, float[] scratch, int shared, int own) {
      int block;
      for (int pair = 0; pair < pairs(); pair += block) {
        block = block(pairs() - pair);
        int to = shared + at(group, pair);
        Arrays.fill(scratch, to, to + block, 0);
        int from = a.weightAt + group * p.outPerGroup() * pairs() + pair;
        for (int o = 0; o < p.outPerGroup(); o++) {
          to += block;
          Row.copy(a.weight, from + o * pairs(), block, scratch, to);
        }
      }
    }
  }

  /** A task a group of an image. */
  private static final class Compute implements Kernel {
    private final ConvolutionProblem p;
    private final Weights weights;
    private final int[] terms;

    /** Rows of a band, or columns of its only row. */
    private final int rowsAtOnce;

    private final int columnsAtOnce;

    /** Even or odd columns of a row; 0 where these are not kept apart. */
    private final int half;

    /** Floats from a row of sums to the next, and from a channel to the next. */
    private final int rowPitch;

    private final int plane;

    // the task's scratch: the band, its products, the columns that are kept apart
    private final int productsAt;
    private final int pitch;
    private final int halvesAt;

    Compute(ConvolutionProblem p, Weights weights) {
      this.p = p;
      this.weights = weights;
      int band = Math.clamp(BAND / p.outPerGroup(), SHORTEST, LONGEST);
      rowsAtOnce = Math.clamp(band / p.outWidth(), 1, p.outHeight());
      columnsAtOnce = Math.min(band, p.outWidth());
      pitch = CacheLine.odd(rowsAtOnce * columnsAtOnce + LANES);
      terms = new int[p.outPerGroup()];
      for (int o = 0; o < terms.length; o++) {
        terms[o] = o * pitch;
      }
      half = p.strideWidth() == 1 ? 0 : (p.inWidth() + 1) / 2;
      rowPitch = half == 0 ? p.inWidth() : half;
      plane = p.inHeight() * (half == 0 ? p.inWidth() : 2 * half);
      productsAt = terms.length * pitch;
      halvesAt = productsAt + TallTile.CHANNELS * pitch;
    }

    @Override
    public int tasks() {
      return p.batch() * p.groups();
    }

    @Override
    public long sharedScratch() {
      return weights.sharedScratch();
    }

    @Override
    public long taskScratch() {
      return halvesAt + (half == 0 ? 0 : (long) p.inPerGroup() * plane + LANES);
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int group = task % p.groups();
      int result = a.gradInputAt + task * p.inPerGroup() * p.inHeight() * p.inWidth();
      float[] sums = half == 0 ? a.gradInput : scratch;
      int sumsAt = half == 0 ? result : own + halvesAt;
      for (int i = 0; i < p.inPerGroup(); i++) {
        float bias = a.bias == null ? 0 : a.bias[a.biasAt + group * p.inPerGroup() + i];
        Arrays.fill(sums, sumsAt + i * plane, sumsAt + (i + 1) * plane, bias);
      }
      int source = a.gradOutputAt + task * p.outPerGroup() * p.outHeight() * p.outWidth();
      for (int y = 0; y < p.outHeight(); y += rowsAtOnce) {
        int rows = Math.min(rowsAtOnce, p.outHeight() - y);
        for (int x = 0; x < p.outWidth(); x += columnsAtOnce) {
          int columns = Math.min(columnsAtOnce, p.outWidth() - x);
          pack(a.gradOutput, source + y * p.outWidth() + x, rows * columns, scratch, own);
          band(group, y, rows, x, columns, scratch, shared, own, sums, sumsAt);
        }
      }
      if (half > 0) {
        interleave(scratch, sumsAt, a.gradInput, result);
      }
    }

    /** Copies a band of all channels of a group. */
    private void pack(float[] from, int at, int positions, float[] scratch, int own) {
      for (int o = 0; o < terms.length; o++) {
        int to = own + terms[o];
        System.arraycopy(from, at + o * p.outHeight() * p.outWidth(), scratch, to, positions);
      }
    }

    /** Computes the products of a band and adds them. */
    private void band(
        int group,
        int y,
        int rows,
        int x,
        int columns,
        float[] scratch,
        int shared,
        int own,
        float[] sums,
        int sumsAt) {
      int pairs = weights.pairs();
      int products = own + productsAt;
      int positions = rows * columns;
      int block;
      for (int pair = 0; pair < pairs; pair += block) {
        block = block(pairs - pair);
        int w = shared + weights.at(group, pair);
        if (block > PositionTile.CHANNELS) {
          TallTile.run(block, scratch, own, positions, terms, scratch, w, scratch, products, pitch);
        } else {
          PositionTile.run(
              block, scratch, own, positions, terms, scratch, w, scratch, products, pitch);
        }
        for (int i = pair; i < pair + block; i++) {
          int from = products + (i - pair) * pitch;
          int to = sumsAt + i / p.taps() * plane;
          add(i % p.taps(), y, rows, x, columns, scratch, from, sums, to);
        }
      }
    }

    /** Adds the products of one tap, cropped to the result. */
    private void add(
        int tap,
        int y,
        int rows,
        int x,
        int columns,
        float[] from,
        int at,
        float[] to,
        int channelAt) {
      int shiftH = tap / p.kernelWidth() * p.dilationHeight() - p.paddingHeight();
      int shiftW = tap % p.kernelWidth() * p.dilationWidth() - p.paddingWidth();
      int y0 = Math.max(y, ConvolutionProblem.firstInside(shiftH, p.strideHeight()));
      int y1 = ConvolutionProblem.endInside(shiftH, p.strideHeight(), p.inHeight(), y + rows);
      int x0 = Math.max(x, ConvolutionProblem.firstInside(shiftW, p.strideWidth()));
      int x1 = ConvolutionProblem.endInside(shiftW, p.strideWidth(), p.inWidth(), x + columns);
      int odd = half == 0 ? 0 : shiftW & 1;
      int first = channelAt + odd * p.inHeight() * half + x0 + (shiftW - odd) / p.strideWidth();
      for (int row = y0; row < y1 && x0 < x1; row++) {
        int line = at + (row - y) * columns + x0 - x;
        int target = first + (row * p.strideHeight() + shiftH) * rowPitch;
        Row.add(from, line, x1 - x0, to, target);
      }
    }

    /** Brings even and odd columns together. */
    private void interleave(float[] scratch, int halves, float[] result, int to) {
      for (int i = 0; i < p.inPerGroup(); i++) {
        for (int row = 0; row < p.inHeight(); row++) {
          int even = halves + i * plane + row * half;
          Zip.zip(
              scratch,
              even,
              half,
              scratch,
              even + plane / 2,
              p.inWidth() / 2,
              result,
              to + (i * p.inHeight() + row) * p.inWidth());
        }
      }
    }
  }
}
