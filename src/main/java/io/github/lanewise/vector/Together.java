package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.LANES;

import java.util.Arrays;

/**
 * Packs planes of several images together: the elements of one position lie side by side, those of
 * the next position follow. With a split of 2, even columns come first, then odd ones.
 *
 * @param images how many, a power of two
 * @param imageStep elements from an image to the next
 * @param height rows of a plane
 * @param width columns of a plane
 * @param rows rows that are wanted
 * @param columns columns that are wanted
 * @param split 1 or 2
 * @param channelStep floats from a packed channel to the next
 * @param residueStep floats from a packed row's even columns to its odd ones, and to the next row
 * @param padding columns that lie in front of a row
 */
record Together(
    int images,
    int imageStep,
    int height,
    int width,
    int rows,
    int columns,
    int split,
    int channelStep,
    int residueStep,
    int padding) {
  /** Elements of an image at a time, of some whole planes: all images' stay in the first cache. */
  private static final int STAGE = 512;

  /** Whether so many images can be packed so. */
  static boolean suits(int images, int split) {
    return images > 1 && Integer.bitCount(images) == 1 && split <= 2;
  }

  /** Floats of scratch memory for {@link #copy}. */
  long scratch() {
    return 2L * images * channelsAtOnce() * height * evens() * split + LANES;
  }

  private int channelsAtOnce() {
    return Math.max(1, STAGE / (height * width));
  }

  /** Columns of a residue of a plane: of the even ones, which may be one more. */
  private int evens() {
    return (width + split - 1) / split;
  }

  /**
   * Copies channels that follow each other.
   *
   * @param from index of the first image's first channel
   * @param present images that are there; the others are zeros
   * @param to where the first row of the first packed channel begins, padding in front included
   * @param spare where {@link #scratch} floats are free
   */
  void copy(
      float[] source, int from, int present, int channels, float[] scratch, int to, int spare) {
    for (int first = 0; first < channels; first += channelsAtOnce()) {
      int count = Math.min(channelsAtOnce(), channels - first);
      int lines = count * height;
      int size = lines * evens();
      int other = spare + images * size * split;
      for (int i = 0; i < images; i++) {
        int at = from + i * imageStep + first * height * width;
        int even = spare + i * size;
        if (i >= present) {
          for (int residue = 0; residue < split; residue++) {
            int line = even + residue * images * size;
            Arrays.fill(scratch, line, line + size, 0);
          }
        } else if (split == 1) {
          System.arraycopy(source, at, scratch, even, size);
        } else {
          unzip(source, at, lines, scratch, even, even + images * size);
        }
      }
      for (int residue = 0; residue < split; residue++) {
        int shift = residue * images * size;
        int mixed = interleave(scratch, spare + shift, other + shift, size);
        spread(residue, scratch, mixed, count, to + first * channelStep);
      }
    }
  }

  private void unzip(float[] source, int at, int lines, float[] scratch, int even, int odd) {
    if (width % 2 == 0) {
      Zip.unzip(source, at, lines * width, scratch, even, scratch, odd);
      return;
    }
    for (int line = 0; line < lines; line++) {
      int shift = line * evens();
      Zip.unzip(source, at + line * width, width, scratch, even + shift, scratch, odd + shift);
    }
  }

  /**
   * Interleaves rows of so many elements, one an image. Each round interleaves the first half of
   * the rows with the second one.
   *
   * @return where the result lies: at one of the two places
   */
  private int interleave(float[] scratch, int at, int other, int size) {
    int from = at;
    int to = other;
    int length = size;
    for (int half = images / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        int odd = from + (i + half) * length;
        Zip.zip(
            scratch, from + i * length, length, scratch, odd, length, scratch, to + 2 * i * length);
      }
      int swap = from;
      from = to;
      to = swap;
      length *= 2;
    }
    return from;
  }

  /** Brings rows of positions to where they belong. */
  private void spread(int residue, float[] scratch, int from, int channels, int to) {
    int shift = (padding + residue) % split * residueStep + (padding + residue) / split * images;
    int floats = (columns + split - 1 - residue) / split * images;
    for (int channel = 0; channel < channels; channel++) {
      for (int row = 0; row < rows; row++) {
        int line = from + (channel * height + row) * evens() * images;
        int target = to + channel * channelStep + row * split * residueStep + shift;
        System.arraycopy(scratch, line, scratch, target, floats);
      }
    }
  }
}
