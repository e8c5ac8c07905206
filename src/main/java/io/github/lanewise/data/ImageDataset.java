package io.github.lanewise.data;

/**
 * Grey images of one size, each with a label. Implementations are immutable to the outside and may
 * be used from several threads.
 */
public interface ImageDataset {

  /**
   * The number of images.
   *
   * @return at least 1
   */
  int size();

  /**
   * Rows of an image.
   *
   * @return at least 1
   */
  int height();

  /**
   * Columns of an image.
   *
   * @return at least 1
   */
  int width();

  /**
   * The class of an image.
   *
   * @param index which image, 0 to {@code size() - 1}
   * @return 0 to 9
   * @throws IllegalArgumentException if there is no such image
   */
  int label(int index);

  /**
   * Copies the pixels of an image: {@code height() * width()} unsigned bytes, row-major, 0 black,
   * 255 white.
   *
   * @param index which image, 0 to {@code size() - 1}
   * @param target where to
   * @param offset position of the first pixel in {@code target}
   * @throws IllegalArgumentException if there is no such image, or if it does not fit into {@code
   *     target} at {@code offset}
   */
  void copyPixels(int index, byte[] target, int offset);
}
