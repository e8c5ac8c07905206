package io.github.lanewise.data;

/**
 * Cuts a dataset into batches, epoch by epoch, in file order or shuffled. {@link #next} fills
 * arrays of the caller's and allocates nothing. Not for several threads at once.
 *
 * <p>The order of an epoch depends on the seed and the epoch's number alone, on every machine: it
 * is 0, 1, 2 … shuffled by Fisher and Yates from the last place down, {@code j} uniform in 0 to
 * {@code i}, drawn by SplitMix64 started from seed and epoch.
 *
 * {@snippet :
 * batches.startEpoch(1);
 * for (int n; (n = batches.next(images, labels)) > 0; ) {
 *   // use the first n images and labels
 * }
 * }
 */
public final class Batches {

  /** {@code (float) u8 / 255f} of every byte; looking it up is faster than dividing. */
  private static final float[] SCALED = new float[256];

  static {
    for (int i = 0; i < 256; i++) {
      SCALED[i] = (float) i / 255f;
    }
  }

  private final ImageDataset data;
  private final int batchSize;
  private final boolean shuffle;
  private final long seed;
  private final int[] order;
  private final byte[] pixels;
  private int position;

  /**
   * Batches in file order.
   *
   * @param data the images
   * @param batchSize images in a batch, at least 1; the last batch of an epoch may have fewer
   * @throws IllegalArgumentException if {@code batchSize} is below 1, or so large that a batch of
   *     images needs more than an array
   */
  public Batches(ImageDataset data, int batchSize) {
    this(data, batchSize, false, 0);
  }

  /**
   * Batches in an order shuffled anew every epoch.
   *
   * @param data the images
   * @param batchSize images in a batch, at least 1; the last batch of an epoch may have fewer
   * @param seed decides, together with the epoch's number, the order
   * @throws IllegalArgumentException as {@link #Batches(ImageDataset, int)}
   */
  public Batches(ImageDataset data, int batchSize, long seed) {
    this(data, batchSize, true, seed);
  }

  private Batches(ImageDataset data, int batchSize, boolean shuffle, long seed) {
    int imagePixels = data.height() * data.width();
    int maxBatchSize = Integer.MAX_VALUE / imagePixels;
    if (batchSize < 1 || batchSize > maxBatchSize) {
      throw new IllegalArgumentException(
          "batchSize: %d, must be 1 to %d".formatted(batchSize, maxBatchSize));
    }
    this.data = data;
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.seed = seed;
    order = new int[data.size()];
    pixels = new byte[imagePixels];
    startEpoch(1);
  }

  /**
   * Images in a batch, but for the last of an epoch.
   *
   * @return at least 1
   */
  public int batchSize() {
    return batchSize;
  }

  /**
   * The length {@code images} needs in {@link #next}.
   *
   * @return batch size times pixels of an image
   */
  public int imageFloats() {
    return batchSize * pixels.length;
  }

  /**
   * The number of batches in an epoch, the last one counted even if it is smaller.
   *
   * @return at least 1
   */
  public int batchesPerEpoch() {
    return (int) ((order.length + (long) batchSize - 1) / batchSize);
  }

  /**
   * Goes to the beginning of an epoch, wherever the reading was. A new object stands at the
   * beginning of epoch 1.
   *
   * @param epoch its number, usually counted from 1; any number will do
   */
  public void startEpoch(int epoch) {
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    if (shuffle) {
      SplitMix64 random = new SplitMix64(seed, epoch);
      for (int i = order.length - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
      }
    }
    position = 0;
  }

  /**
   * Reads the next batch.
   *
   * @param images takes the images, (n, 1, height, width), row-major, each pixel {@code (float) u8
   *     / 255f}; of length {@link #imageFloats} at least. What lies behind the n-th image is left
   *     as it was.
   * @param labels takes the labels, of length {@link #batchSize} at least; or null
   * @return n, the number of images read: the batch size, fewer in the last batch of an epoch, and
   *     0 when the epoch is over
   * @throws IllegalArgumentException if an array is too short
   */
  public int next(float[] images, int[] labels) {
    if (images.length < imageFloats()) {
      throw new IllegalArgumentException(
          "images: length %d, must be >= %d".formatted(images.length, imageFloats()));
    }
    if (labels != null && labels.length < batchSize) {
      throw new IllegalArgumentException(
          "labels: length %d, must be >= %d".formatted(labels.length, batchSize));
    }
    int n = Math.min(batchSize, order.length - position);
    for (int i = 0; i < n; i++) {
      int index = order[position + i];
      data.copyPixels(index, pixels, 0);
      int offset = i * pixels.length;
      for (int p = 0; p < pixels.length; p++) {
        images[offset + p] = SCALED[pixels[p] & 0xff];
      }
      if (labels != null) {
        labels[i] = data.label(index);
      }
    }
    position += n;
    return n;
  }
}
