package io.github.lanewise.data;

/** A dataset whose images lie in one array. */
final class ArrayDataset implements ImageDataset {
  private final byte[] pixels;
  private final byte[] labels;
  private final int height;
  private final int width;

  /** Takes the arrays as they are; {@code pixels} is (labels.length, height, width). */
  ArrayDataset(byte[] pixels, byte[] labels, int height, int width) {
    if (pixels.length != (long) labels.length * height * width) {
      throw new IllegalArgumentException(
          "pixels: length %d, but %d images of %d x %d"
              .formatted(pixels.length, labels.length, height, width));
    }
    this.pixels = pixels;
    this.labels = labels;
    this.height = height;
    this.width = width;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int label(int index) {
    checkIndex(index, labels.length);
    return labels[index];
  }

  @Override
  public void copyPixels(int index, byte[] target, int offset) {
    checkIndex(index, labels.length);
    int length = height * width;
    checkTarget(length, target, offset);
    System.arraycopy(pixels, index * length, target, offset, length);
  }

  static void checkIndex(int index, int size) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException("index: %d, must be 0 to %d".formatted(index, size - 1));
    }
  }

  static void checkTarget(int length, byte[] target, int offset) {
    if (offset < 0 || offset > target.length - length) {
      throw new IllegalArgumentException(
          "target: an image of %d pixels does not fit at offset %d into length %d"
              .formatted(length, offset, target.length));
    }
  }
}
