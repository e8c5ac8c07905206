package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;
import static io.github.lanewise.vector.VectorWidth.REGISTERS;

import io.github.lanewise.internal.ConvolutionProblem;

/**
 * Estimates, in cycles an image, by which implementations decide whether a problem is theirs. Only
 * the order matters: the constants are what the tiles were measured at.
 */
final class ConvolutionCost {
  /** Vector multiply-adds a cycle of {@link WideTile}, {@link NarrowTile}, {@link PositionTile}. */
  private static final double WIDE = 1.9;

  private static final double NARROW = 1.3;
  private static final double POSITION = 0.9;

  /** The same of {@link TallTile}. */
  private static final double TALL = 1.4;

  /** Cycles to bring one result value from a channels-last band to its row. */
  private static final double TRANSPOSE = 1;

  /** Cycles to add one value to the result. */
  private static final double SCATTER = 2.5;

  private ConvolutionCost() {}

  /** Vectors times their reciprocal speed for so many columns of a wide or narrow tile. */
  private static double columns(int columns) {
    int vectors = (columns + LANES - 1) / LANES;
    return vectors % 2 == 0 ? vectors / WIDE : (vectors - 1) / WIDE + 1 / NARROW;
  }

  static double channelLanes(Gather gather) {
    double cycles = 0;
    for (Gather.Phase phase : gather.phases) {
      double positions =
          phase.rows() * (phase.columns() + (double) WideTile.slack(phase.columns()));
      cycles += positions * phase.terms().length * columns(gather.resultChannels);
      cycles += (double) phase.rows() * phase.columns() * gather.resultChannels * TRANSPOSE;
    }
    return cycles * gather.groups;
  }

  static double widthLanes(Gather gather) {
    double cycles = 0;
    for (Gather.Phase phase : gather.phases) {
      int vectors = (phase.columns() + LANES - 1) / LANES;
      for (int c = 0; c < gather.resultChannels; ) {
        int channels = WidthLanes.block(gather.resultChannels - c);
        // two rows of channels share a load; one alone waits for it
        double speed = channels == 1 ? 0.7 * POSITION : channels <= 3 ? POSITION : TALL;
        cycles += (double) phase.rows() * vectors * (phase.terms().length + 4) * channels / speed;
        c += channels;
      }
    }
    return cycles * gather.groups;
  }

  /** The scatter-add kernel for the input gradient of this problem. */
  static double scatterAdd(ConvolutionProblem p) {
    int positions = p.outHeight() * p.outWidth();
    int columns = p.inPerGroup() * p.taps();
    double products =
        (positions + (double) WideTile.slack(positions)) * p.outPerGroup() * columns(columns);
    return (products + (double) positions * columns * SCATTER) * p.groups();
  }

  /** The weight gradient with output channels in lanes. */
  static double channelLanesWeight(ConvolutionProblem p) {
    int run = (p.dilationWidth() == 1 ? p.kernelWidth() : 1) * p.inPerGroup();
    double weights = (run + (double) WideTile.slack(run)) * p.taps() * p.inPerGroup() / run;
    double products = weights * p.outHeight() * p.outWidth() * columns(p.outPerGroup());
    double input = (double) p.inPerGroup() * p.inHeight() * p.inWidth();
    double gradient = (double) p.outPerGroup() * p.outHeight() * p.outWidth();
    return (products
            + transposition(p.inPerGroup(), input)
            + transposition(p.outPerGroup(), gradient))
        * p.groups();
  }

  private static double transposition(int channels, double elements) {
    return elements * (channels < LANES ? 3 : TRANSPOSE);
  }

  /** The weight gradient with positions in lanes. */
  static double widthLanesWeight(ConvolutionProblem p) {
    int vectors = (p.outWidth() + LANES - 1) / LANES;
    int rows = (p.inPerGroup() * p.taps() + 3) / 4;
    double cycles = (double) p.inPerGroup() * p.inHeight() * p.inWidth() / 2;
    for (int channels = p.outPerGroup(); channels > 0; ) {
      int block = WidthLanesWeightGradient.block(channels);
      // loads bound the tiles: at 512 bits half of them cross cache lines
      double vector = block == 4 ? 15 : block == 1 ? 9 : REGISTERS >= 32 ? 11 : 7;
      cycles += rows * (p.outHeight() * vectors * vector + 60);
      channels -= block;
    }
    return cycles * p.groups();
  }
}
