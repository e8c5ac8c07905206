package io.github.lanewise.data;

/** The two parts of MNIST. */
public enum Split {
  /** 60,000 images to train with. */
  TRAIN("train", 60_000),
  /** 10,000 images to test with. */
  TEST("t10k", 10_000);

  private final String prefix;
  private final int size;

  Split(String prefix, int size) {
    this.prefix = prefix;
    this.size = size;
  }

  /** What the names of its files begin with: {@code train} or {@code t10k}. */
  String prefix() {
    return prefix;
  }

  /**
   * The number of images in MNIST's own files.
   *
   * @return 60,000 or 10,000
   */
  public int size() {
    return size;
  }
}
