package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.Operands;

/**
 * Brings what {@link ChannelLanes} computed from the band, which is channels-last, to rows of the
 * result: transposed and with the bias.
 *
 * <p>Phases that interleave to whole rows, as with a stride, lie interleaved in the band already,
 * where images are packed one at a time. Where several are, it is they that lie interleaved; two
 * phases then lie one behind the other, and their rows are interleaved last.
 */
final class ChannelDelivery {
  /** Phases that are delivered together. */
  final int across;

  private final Gather gather;
  private final ColumnBlocks channels;

  /** Positions of each phase, at most. */
  private final int band;

  /** Whether these phases lie interleaved. */
  private final boolean interleaved;

  ChannelDelivery(Gather gather, ColumnBlocks channels, int band) {
    this.gather = gather;
    this.channels = channels;
    this.band = band;
    interleaved = gather.images == 1;
    across = interleaved || gather.across == 2 ? gather.across : 1;
  }

  /** Floats of the band, with room for what tiles write beyond its end. */
  int bandSize() {
    return across * phaseSize();
  }

  private int phaseSize() {
    return (band + WideTile.SLACK) * WideTile.WIDTH;
  }

  /** Floats in the band from a phase's first position to the next phase's. */
  int apart(int block) {
    return interleaved ? channels.width(block) : phaseSize();
  }

  /** Floats in the band from a position of a phase to the next. */
  int step(int block) {
    return (interleaved ? across : 1) * channels.width(block);
  }

  /** Floats in the band from a row of so many positions of a phase to the next row. */
  int pitch(int block, int columns) {
    return columns * gather.images * step(block);
  }

  /** Floats of scratch memory that {@link #run} needs: for all positions of one phase. */
  long scratch() {
    return (long) band * WideTile.WIDTH + LANES;
  }

  /**
   * Delivers rows of one phase, or of those side by side.
   *
   * @param phase the first of them
   * @param present images that are there of those packed together
   * @param columns positions of the first phase in a row
   * @param total positions of all of them in a row
   * @param from where the band begins
   * @param spare where there is scratch memory
   * @param bias where the biases of the block begin
   * @param to index in the result of the first position
   */
  void run(
      Gather.Phase phase,
      int present,
      int block,
      int rows,
      int columns,
      int total,
      float[] scratch,
      int from,
      int spare,
      Operands a,
      int bias,
      int to) {
    for (int i = 0; i < present; i++) {
      int at = from + i * channels.width(block);
      int result = to + i * gather.resultImage();
      if (across > 1 && !interleaved) {
        zip(phase, block, rows, columns, total - columns, scratch, at, spare, a, bias, result);
      } else if (phase.resultColumn() > across) {
        spread(phase, block, rows, columns, scratch, at, spare, a, bias, result);
      } else {
        rows(phase, block, rows, columns, total, scratch, at, a, bias, result);
      }
    }
  }

  /** Transposes positions of an image, which lie beside those of the others. */
  private void transpose(
      int block,
      int positions,
      float[] scratch,
      int from,
      Operands a,
      int bias,
      float[] to,
      int at,
      int stride) {
    int step = gather.images * channels.width(block);
    int count = channels.count(block);
    Transpose.run(scratch, from, step, positions, count, to, at, stride, a.bias, bias);
  }

  /** Delivers positions that are neighbours in the result. */
  private void rows(
      Gather.Phase phase,
      int block,
      int rows,
      int columns,
      int total,
      float[] scratch,
      int from,
      Operands a,
      int bias,
      int to) {
    float[] result = gather.result(a);
    int plane = gather.resultPlane;
    if (phase.resultRow() == total && total == columns * across) {
      transpose(block, rows * total, scratch, from, a, bias, result, to, plane);
      return;
    }
    int pitch = pitch(block, columns);
    for (int r = 0; r < rows; r++) {
      int line = to + r * phase.resultRow();
      transpose(block, total, scratch, from + r * pitch, a, bias, result, line, plane);
    }
  }

  /** Delivers positions that are not neighbours. */
  private void spread(
      Gather.Phase phase,
      int block,
      int rows,
      int columns,
      float[] scratch,
      int from,
      int spare,
      Operands a,
      int bias,
      int to) {
    int positions = rows * columns;
    transpose(block, positions, scratch, from, a, bias, scratch, spare, positions);
    float[] result = gather.result(a);
    for (int c = 0; c < channels.count(block); c++) {
      for (int r = 0; r < rows; r++) {
        int source = spare + c * positions + r * columns;
        int target = to + c * gather.resultPlane + r * phase.resultRow();
        for (int x = 0; x < columns; x++) {
          result[target + x * phase.resultColumn()] = scratch[source + x];
        }
      }
    }
  }

  /** Delivers two phases that interleave, of which the second has as many columns or one less. */
  private void zip(
      Gather.Phase phase,
      int block,
      int rows,
      int columns,
      int partners,
      float[] scratch,
      int from,
      int spare,
      Operands a,
      int bias,
      int to) {
    int positions = rows * columns; // of the second, too: some may be nothing
    int odds = spare + positions * channels.count(block);
    transpose(block, positions, scratch, from, a, bias, scratch, spare, positions);
    transpose(block, positions, scratch, from + phaseSize(), a, bias, scratch, odds, positions);
    for (int c = 0; c < channels.count(block); c++) {
      int target = to + c * gather.resultPlane;
      for (int r = 0; r < rows; r++) {
        Zip.zip(
            scratch,
            spare + c * positions + r * columns,
            columns,
            scratch,
            odds + c * positions + r * columns,
            partners,
            gather.result(a),
            target + r * phase.resultRow());
      }
    }
  }
}
