package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.FloatPair;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.UnpooledProblem;
import java.util.Arrays;

/**
 * How the kernels of a transposed convolution of unpooled values lay out what they pack. The
 * output, or its gradient, is channels-last and uncropped, so that an input element meets all its
 * taps at fixed distances from one place; the weights are (input channel, tap, output channel).
 * Output channels fill whole vectors.
 */
final class UnpooledLayout {
  /** The most floats of an uncropped output image: it shall stay in the second cache. */
  private static final int MOST_PLANE = 1 << 18;

  /** The most packed weights: so many sums has each part of the batch in the weight gradient. */
  private static final int MOST_WEIGHTS = 1 << 17;

  /** Floats of each channel that are copied at a time before they are transposed. */
  private static final int STAGE = 4096;

  final UnpooledProblem problem;
  final ConvolutionProblem p;

  /** Input and output channels; the latter also with room to whole vectors. */
  final int channels;

  final int results;
  final int width;

  /** Rows and columns of the uncropped output. */
  final int rows;

  final int columns;

  /** Rows and columns of the cropped output that some tap reaches. */
  final int reachedRows;

  final int reachedColumns;

  /** Floats from a kernel row to the next, in the uncropped output and in the weights. */
  final int planePitch;

  final int weightPitch;

  /** Packed weights of an input channel. */
  final int weights;

  final SparseTile[] tiles;

  /** Where the first tap of each position of an input plane lies in the uncropped output. */
  private final int[] places;

  UnpooledLayout(UnpooledProblem problem) {
    this.problem = problem;
    p = problem.dual();
    channels = p.outChannels();
    results = p.inChannels();
    width = width(p);
    rows = rows(p);
    columns = columns(p);
    reachedRows = Math.clamp(rows - p.paddingHeight(), 0, p.inHeight());
    reachedColumns = Math.clamp(columns - p.paddingWidth(), 0, p.inWidth());
    planePitch = p.dilationHeight() * columns * width;
    weightPitch = p.kernelWidth() * width;
    weights = p.kernelHeight() * weightPitch;
    tiles = SparseTile.cut(p.kernelHeight(), weightPitch / LANES);
    places = new int[problem.plane()];
    for (int i = 0; i < places.length; i++) {
      int y = i / p.outWidth() * p.strideHeight();
      int x = i % p.outWidth() * p.strideWidth();
      places[i] = (y * columns + x) * width;
    }
  }

  private static int width(ConvolutionProblem p) {
    return (p.inChannels() + LANES - 1) / LANES * LANES;
  }

  private static int rows(ConvolutionProblem p) {
    return (p.outHeight() - 1) * p.strideHeight() + (p.kernelHeight() - 1) * p.dilationHeight() + 1;
  }

  private static int columns(ConvolutionProblem p) {
    return (p.outWidth() - 1) * p.strideWidth() + (p.kernelWidth() - 1) * p.dilationWidth() + 1;
  }

  /**
   * Whether to skip the other positions is likely to pay: at most half of them have a value, most
   * lanes have a channel, and what is packed is neither large nor spread.
   */
  static boolean suits(UnpooledProblem problem) {
    ConvolutionProblem p = problem.dual();
    int width = width(p);
    return p.groups() == 1
        && p.dilationWidth() == 1
        && 2 * problem.entries() <= problem.plane()
        && 4 * p.inChannels() >= 3 * width
        && (long) p.outChannels() * p.taps() * width <= MOST_WEIGHTS
        && 1.0 * rows(p) * columns(p) * width <= MOST_PLANE;
  }

  /** Floats of an uncropped output image. */
  int planeSize() {
    return rows * columns * width;
  }

  /** Where the first tap of the position that an index names lies in the uncropped output. */
  int place(int index) {
    return places[index];
  }

  /** The value of the other positions of an input plane. */
  static float fillValue(Operands a, int channel) {
    return a.fillValue == null ? 0 : a.fillValue[a.fillValueAt + channel];
  }

  /** Where a tile begins in the uncropped output, from an element's first tap. */
  int inPlane(SparseTile tile) {
    return tile.row() * planePitch + tile.at();
  }

  /** Where a tile begins in the packed weights of an input channel. */
  int inWeights(SparseTile tile) {
    return tile.row() * weightPitch + tile.at();
  }

  /** Leaves the pairs (value less the fill value, first tap) of some entries of a plane. */
  void pairs(int image, int channel, int first, int count, Operands a, float[] scratch, int to) {
    int entry = (image * channels + channel) * problem.entries() + first;
    float fill = fillValue(a, channel);
    for (int e = 0; e < count; e++) {
      float value = a.input[a.inputAt + entry + e] - fill;
      int place = places[a.indices[a.indicesAt + entry + e]];
      SparseRows.put(value, place, scratch, to + 2 * e);
    }
  }

  /** Floats of scratch memory for {@link #packGradient}. */
  int gradientScratch() {
    return results * stage();
  }

  /** Rows of an image that are copied before they are transposed. */
  private int rowsAtOnce() {
    return Math.clamp(STAGE / p.inWidth(), 1, Math.max(1, reachedRows));
  }

  /** Floats from a channel's rows to the next one's, when copied. */
  private int stage() {
    return CacheLine.up(rowsAtOnce() * p.inWidth()) + CacheLine.FLOATS;
  }

  /**
   * Packs an image of gradOutput; what lies around it stays as it is.
   *
   * <p>Some rows of all channels are copied first. Channels often lie a power of two apart, so that
   * their rows push each other out of the first cache; the copies do not. If the bias' gradient is
   * wanted, they are summed, too.
   *
   * @param sums where the sums of the channels lie so far, as pairs of floats
   */
  void packGradient(int image, Operands a, float[] scratch, int to, int sums, int copies) {
    int plane = problem.resultPlane();
    int from = a.gradOutputAt + image * results * plane;
    for (int first = 0; first < reachedRows; first += rowsAtOnce()) {
      int count = Math.min(rowsAtOnce(), reachedRows - first);
      for (int o = 0; o < results; o++) {
        int line = from + o * plane + first * p.inWidth();
        int copy = copies + o * stage();
        if (a.gradientNormalization == null) {
          System.arraycopy(a.gradOutput, line, scratch, copy, count * p.inWidth());
        } else {
          NormalizedRow.gradient(
              a.gradientNormalization,
              o,
              a.normalizedInput,
              a.normalizedInputAt + line - a.gradOutputAt,
              a.gradOutput,
              line,
              scratch,
              copy,
              count * p.inWidth());
        }
        if (a.gradBias != null) {
          addSum(scratch, copy, count * p.inWidth(), scratch, sums + 2 * o);
        }
      }
      for (int y = 0; y < count; y++) {
        int line = (first + y + p.paddingHeight()) * columns + p.paddingWidth();
        Transpose.run(
            scratch,
            copies + y * p.inWidth(),
            stage(),
            results,
            reachedColumns,
            scratch,
            to + line * width,
            width,
            null,
            0);
      }
    }
    int rest = (p.inHeight() - reachedRows) * p.inWidth();
    for (int o = 0; o < results && rest > 0 && a.gradBias != null; o++) {
      addSum(a.gradOutput, from + (o + 1) * plane - rest, rest, scratch, sums + 2 * o);
    }
  }

  private static void addSum(float[] x, int at, int n, float[] pairs, int to) {
    FloatPair.put(FloatPair.get(pairs, to) + Row.sum(x, at, n), pairs, to);
  }

  /** Packs the weights at the beginning of the shared scratch memory. */
  Kernel packWeights() {
    return new Kernel() {
      @Override
      public int tasks() {
        return p.weightSize() < 1 << 14 ? 1 : channels;
      }

      @Override
      public long sharedScratch() {
        return (long) channels * weights;
      }

      @Override
      public void run(int task, Operands a, float[] scratch, int shared, int own) {
        int end = tasks() == 1 ? channels : task + 1;
        for (int channel = task; channel < end; channel++) {
          int to = shared + channel * weights;
          if (results < width) {
            Arrays.fill(scratch, to, to + weights, 0);
          }
          Transpose.run(
              a.weight,
              a.weightAt + channel * results * p.taps(),
              p.taps(),
              results,
              p.taps(),
              scratch,
              to,
              width,
              null,
              0);
        }
      }
    };
  }
}
