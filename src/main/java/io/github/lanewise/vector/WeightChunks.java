package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;
import static io.github.lanewise.vector.VectorWidth.REGISTERS;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;

/**
 * The positions over which the weight gradient sums, in chunks: some whole images, or some rows of
 * an image, or a part of a row. Packed, a chunk is channels-last with its padding: the input in
 * strips of neighbouring channels, the output gradient in blocks of two vectors. What the tiles
 * read for one position after the other then lies one behind the other.
 */
final class WeightChunks {
  /** Most input channels of a strip: two tiles. */
  private static final int WIDEST = WideTile.STRIP;

  /** Up to so many channels make one strip, or two of half as many: smaller ones leave a rest. */
  private static final int NARROW = 32;

  /** Fewer channels than that are cheaper to copy one by one than to transpose. */
  private static final int FEW_CHANNELS = 8;

  /**
   * Positions of a chunk: so many that the sums are seldom loaded and stored, so few that a chunk's
   * strip and block stay in the second cache while all taps go over them.
   */
  private static final int POSITIONS = 1600;

  /**
   * The same with 16 registers and a stride, of which each tile reads a part of every other or
   * fewer positions of a strip: so few that these and the block stay in the first cache.
   */
  private static final int STRIDED_POSITIONS = 192;

  /** Most floats of a chunk of several images: padding may make much of many small ones. */
  private static final int MOST_OF_IMAGES = 1 << 24;

  /** The problem; if {@link #exchanged}, the one of which ours is the transpose. */
  final ConvolutionProblem p;

  /**
   * Whether input and output gradient have changed places: with one tap, the weight gradient then
   * is the other one's transpose, and its rows lie as the tiles make them.
   */
  final boolean exchanged;

  final ColumnBlocks channels;

  /** Strips of the input channels of a group. */
  final int strips;

  /**
   * Channels of a strip, and floats from a packed position of it to the next: one, if the taps of a
   * kernel row alone fill tiles.
   */
  final int pitch;

  /** How many chunks there are. */
  final int count;

  /** Floats of a packed row of a strip's positions. */
  final int rowPitch;

  /** Offsets of a whole chunk's positions in a strip; a smaller chunk has the first of them. */
  final int[] terms;

  // output positions of a whole chunk: images × rows × columns; two of them are 1, or all columns
  private final int images;
  private final int rows;
  private final int columns;
  private final int rowChunks;
  private final int columnChunks;

  private final int packedRows;
  private final int packedColumns;
  private final int stripSize;
  private final long gradientsAt;
  private final long gradientSize;

  /**
   * Plans the chunks.
   *
   * @param exchanged whether input and output gradient change places: only with one tap
   */
  WeightChunks(ConvolutionProblem problem, boolean exchanged) {
    this.exchanged = exchanged;
    p = exchanged ? exchange(problem) : problem;
    channels = new ColumnBlocks(p.outPerGroup());
    boolean one = p.inPerGroup() < FEW_CHANNELS && tapsFillTiles();
    int widest = p.inPerGroup() <= NARROW ? NARROW / 2 : WIDEST;
    pitch = one ? 1 : Math.min(widest, p.inPerGroup());
    strips = (p.inPerGroup() + pitch - 1) / pitch;
    int plane = p.outHeight() * p.outWidth();
    // neighbouring chunks pack the same rows where a kernel has several
    int least = 2 * p.kernelHeight() * p.dilationHeight() / p.strideHeight();
    boolean strided = REGISTERS < 32 && p.strideWidth() > 1 && pitch > 1;
    int most = strided ? STRIDED_POSITIONS : POSITIONS;
    int high = p.outHeight() > 1 && p.outWidth() <= most ? least : 1;
    rows = Math.clamp(most / p.outWidth(), Math.min(high, p.outHeight()), p.outHeight());
    int pieces = (p.outWidth() + most - 1) / most;
    columns = (p.outWidth() + pieces - 1) / pieces;
    rowChunks = (p.outHeight() + rows - 1) / rows;
    columnChunks = (p.outWidth() + columns - 1) / columns;
    packedRows = (rows - 1) * p.strideHeight() + (p.kernelHeight() - 1) * p.dilationHeight() + 1;
    packedColumns = (columns - 1) * p.strideWidth() + (p.kernelWidth() - 1) * p.dilationWidth() + 1;
    rowPitch = packedColumns * pitch;
    long mostImages = MOST_OF_IMAGES / ((long) p.groups() * strips * packedRows * rowPitch);
    images = Math.clamp(Math.min(most / plane, mostImages), 1, p.batch());
    count = (p.batch() + images - 1) / images * rowChunks * columnChunks;
    stripSize = CacheLine.up(images * packedRows * rowPitch + WideTile.SLACK);
    gradientsAt = (long) p.groups() * strips * stripSize;
    gradientSize = channels.floats(images * rows * columns);
    terms = new int[images * rows * columns];
    int t = 0;
    for (int image = 0; image < images; image++) {
      for (int y = 0; y < rows; y++) {
        for (int x = 0; x < columns; x++) {
          int row = image * packedRows + y * p.strideHeight();
          terms[t++] = row * rowPitch + x * p.strideWidth() * pitch;
        }
      }
    }
  }

  private static ConvolutionProblem exchange(ConvolutionProblem p) {
    return new ConvolutionProblem(
        p.batch(),
        p.outChannels(),
        p.inChannels(),
        p.outHeight(),
        p.outWidth(),
        p.inHeight(),
        p.inWidth(),
        1,
        1,
        1,
        1,
        0,
        0,
        1,
        1,
        1);
  }

  private boolean tapsFillTiles() {
    return p.dilationWidth() == 1 && p.kernelWidth() >= 7 && WideTile.slack(p.kernelWidth()) == 0;
  }

  /** Floats of a packed chunk. */
  long size() {
    return gradientsAt + p.groups() * gradientSize;
  }

  /** Channels of a strip: fewer in the last. */
  int channels(int strip) {
    return Math.min(pitch, p.inPerGroup() - strip * pitch);
  }

  /** Where the first channel of a strip of a group begins in a packed chunk. */
  int input(int group, int strip) {
    // the last strip is the last channels, however few of them the one before it lacks
    return (group * strips + strip) * stripSize + pitch - channels(strip);
  }

  /** Where a block of the output gradient of a group begins in a packed chunk. */
  int gradient(int group, int block) {
    return (int) (gradientsAt + group * gradientSize) + channels.at(block, terms.length);
  }

  private int firstImage(int chunk) {
    return chunk / (rowChunks * columnChunks) * images;
  }

  private int firstRow(int chunk) {
    return chunk / columnChunks % rowChunks * rows;
  }

  private int firstColumn(int chunk) {
    return chunk % columnChunks * columns;
  }

  private int images(int chunk) {
    return Math.min(images, p.batch() - firstImage(chunk));
  }

  private int rows(int chunk) {
    return Math.min(rows, p.outHeight() - firstRow(chunk));
  }

  private int columns(int chunk) {
    return Math.min(columns, p.outWidth() - firstColumn(chunk));
  }

  /** Positions of a chunk. */
  int positions(int chunk) {
    return images(chunk) * rows(chunk) * columns(chunk);
  }

  /** Strips and blocks of all groups: what there is to pack of a chunk. */
  int parts() {
    return p.groups() * (strips + channels.blocks());
  }

  /** Packs some of a chunk's {@link #parts}. */
  void pack(int chunk, int firstPart, int endPart, Operands a, float[] scratch, int to) {
    int inputs = p.groups() * strips;
    for (int part = firstPart; part < endPart; part++) {
      if (part < inputs) {
        packInput(chunk, part / strips, part % strips, a, scratch, to + part * stripSize);
      } else {
        int group = (part - inputs) / channels.blocks();
        int block = (part - inputs) % channels.blocks();
        packGradient(chunk, group, block, a, scratch, to + gradient(group, block));
      }
    }
  }

  private void packInput(int chunk, int group, int strip, Operands a, float[] scratch, int to) {
    int plane = p.inHeight() * p.inWidth();
    int channel = Math.min(strip * pitch, p.inPerGroup() - pitch);
    int used = packedRows(rows(chunk));
    int firstRow = firstRow(chunk) * p.strideHeight() - p.paddingHeight();
    int firstColumn = firstColumn(chunk) * p.strideWidth() - p.paddingWidth();
    int left = Math.clamp(-firstColumn, 0, packedColumns);
    int from = Math.max(firstColumn, 0);
    int middle = Math.clamp(p.inWidth() - from, 0, packedColumns - left);
    int whole = (middle + LANES - 1) / LANES * LANES;
    float[] input = exchanged ? a.gradOutput : a.input;
    int inputAt = exchanged ? a.gradOutputAt : a.inputAt;
    for (int i = 0; i < images(chunk); i++) {
      int source = (firstImage(chunk) + i) * p.groups() + group;
      int at = inputAt + (source * p.inPerGroup() + channel) * plane;
      int target = to + i * packedRows * rowPitch;
      if (middle == packedColumns && middle == p.inWidth() && firstRow >= 0) {
        int present = Math.clamp(p.inHeight() - firstRow, 0, used);
        int first = at + firstRow * middle;
        transpose(input, first, plane, present * middle, scratch, target);
        Arrays.fill(scratch, target + present * rowPitch, target + used * rowPitch, 0);
        continue;
      }
      for (int row = 0; row < used; row++) {
        int line = target + row * rowPitch;
        int y = firstRow + row;
        if (y < 0 || y >= p.inHeight()) {
          Arrays.fill(scratch, line, line + rowPitch, 0);
          continue;
        }
        int first = at + y * p.inWidth() + from;
        int end = line + (left + middle) * pitch;
        // beyond the row's end lies what is written next: the padding, the next row
        boolean next = row < used - 1 || used == packedRows && i < images(chunk) - 1;
        boolean room = next && whole - middle <= packedColumns;
        boolean beyond = room && first + (pitch - 1) * plane + whole <= input.length;
        Arrays.fill(scratch, line, line + left * pitch, 0);
        int n = beyond ? whole : middle;
        transpose(input, first, plane, n, scratch, line + left * pitch);
        Arrays.fill(scratch, end, line + rowPitch, 0);
      }
    }
  }

  /** Rows of the input that so many rows of the output see. */
  private int packedRows(int rows) {
    return packedRows - (this.rows - rows) * p.strideHeight();
  }

  private void transpose(float[] from, int at, int plane, int n, float[] scratch, int to) {
    if (n == 0) {
      return; // all padding: it may begin beyond the array
    }
    if (pitch == 1) {
      System.arraycopy(from, at, scratch, to, n);
    } else {
      Transpose.run(from, at, plane, pitch, n, scratch, to, pitch, null, 0);
    }
  }

  private void packGradient(int chunk, int group, int block, Operands a, float[] scratch, int to) {
    int plane = p.outHeight() * p.outWidth();
    int width = channels.width(block);
    int n = channels.count(block);
    float[] gradient = exchanged ? a.input : a.gradOutput;
    int gradientAt = exchanged ? a.inputAt : a.gradOutputAt;
    if (n < width) {
      Arrays.fill(scratch, to, to + positions(chunk) * width, 0);
    }
    int first = firstRow(chunk) * p.outWidth() + firstColumn(chunk);
    int positions = rows(chunk) * columns(chunk); // of an image, one behind the other
    for (int i = 0; i < images(chunk); i++) {
      int image = (firstImage(chunk) + i) * p.groups() + group;
      int channel = image * p.outPerGroup() + channels.first(block);
      int at = gradientAt + channel * plane + first;
      int target = to + i * positions * width;
      Transpose.run(gradient, at, plane, n, positions, scratch, target, width, null, 0);
    }
  }
}
