package io.github.lanewise.data;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Digits drawn by the program itself, for machines without MNIST: 28 x 28, white on black, ten
 * classes written in several ways, with random size, slant, thickness, position and a trembling
 * hand. Image i depends on the seed and i alone and has the same bytes on every machine.
 *
 * <p>An image is drawn when it is first asked for and kept (784 bytes each), so that a program
 * starts at once and a second epoch costs no drawing.
 */
public final class BuiltInDigits implements ImageDataset {
  private static final int IMAGE = Mnist.SIDE * Mnist.SIDE;
  private static final int MAX_COUNT = Integer.MAX_VALUE / IMAGE;
  private static final VarHandle DRAWN = MethodHandles.arrayElementVarHandle(boolean[].class);

  private final long seed;
  private final byte[] pixels;

  /** Element i is set after image i lies in {@link #pixels}. */
  private final boolean[] drawn;

  /**
   * As many digits as wanted.
   *
   * @param count the number of images, 1 to 2,739,137
   * @param seed decides all of them; a smaller set of the same seed is the beginning of a larger
   *     one
   * @throws IllegalArgumentException if {@code count} is out of range
   */
  public BuiltInDigits(int count, long seed) {
    if (count < 1 || count > MAX_COUNT) {
      throw new IllegalArgumentException("count: %d, must be 1 to %d".formatted(count, MAX_COUNT));
    }
    this.seed = seed;
    pixels = new byte[count * IMAGE];
    drawn = new boolean[count];
  }

  /**
   * A set that stands in for one part of MNIST, of the same size. The two parts of a seed have
   * different images.
   *
   * @param split which part
   * @param seed decides all images
   * @return 60,000 or 10,000 digits
   */
  public static BuiltInDigits of(Split split, long seed) {
    return new BuiltInDigits(split.size(), split == Split.TRAIN ? seed : ~seed);
  }

  @Override
  public int size() {
    return drawn.length;
  }

  @Override
  public int height() {
    return Mnist.SIDE;
  }

  @Override
  public int width() {
    return Mnist.SIDE;
  }

  @Override
  public int label(int index) {
    ArrayDataset.checkIndex(index, drawn.length);
    return digit(new SplitMix64(seed, index));
  }

  @Override
  public void copyPixels(int index, byte[] target, int offset) {
    ArrayDataset.checkIndex(index, drawn.length);
    ArrayDataset.checkTarget(IMAGE, target, offset);
    if (!(boolean) DRAWN.getAcquire(drawn, index)) {
      // Two threads may both come here; they write the same bytes.
      SplitMix64 random = new SplitMix64(seed, index);
      int digit = digit(random);
      new DigitPainter().paint(digit, random, pixels, index * IMAGE);
      DRAWN.setRelease(drawn, index, true);
    }
    System.arraycopy(pixels, index * IMAGE, target, offset, IMAGE);
  }

  /** The class is an image's first draw, so that it is known without drawing. */
  private static int digit(SplitMix64 random) {
    return random.nextInt(10);
  }
}
