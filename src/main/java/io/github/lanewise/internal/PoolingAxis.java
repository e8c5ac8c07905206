package io.github.lanewise.internal;

/**
 * The windows of a pooling along one axis. Window {@code w} sees the input positions {@code
 * first(w), first(w) + step(), …} below {@code end(w)}: the padding is already cut off, and no
 * window is empty.
 */
public sealed interface PoolingAxis {
  /** Input positions. */
  int size();

  /** Windows, which is the output's size. */
  int windows();

  /** The distance of neighbouring positions of a window. */
  int step();

  /** The first position inside the input. */
  int first(int window);

  /** One past the last position inside the input. */
  int end(int window);

  /** How many positions an average divides by. */
  int count(int window);

  /**
   * Windows of one size at equal distances.
   *
   * @param countPadding whether {@link #count} counts the padding, though never what a window of
   *     ceil_mode has beyond it
   */
  record Sliding(
      int size,
      int windows,
      int kernel,
      int stride,
      int padding,
      int dilation,
      boolean countPadding)
      implements PoolingAxis {

    @Override
    public int step() {
      return dilation;
    }

    @Override
    public int first(int window) {
      int start = window * stride - padding;
      return start >= 0 ? start : (dilation - -start % dilation) % dilation;
    }

    @Override
    public int end(int window) {
      return Math.min(window * stride - padding + extent(), size);
    }

    @Override
    public int count(int window) {
      int start = window * stride - padding;
      return countPadding
          ? Math.min(start + kernel, size + padding) - start
          : end(window) - first(window);
    }

    /** Positions from a window's first to its last. */
    public int extent() {
      return dilation * (kernel - 1) + 1;
    }

    /** The first window that begins inside the input. */
    public int interiorFirst() {
      return Math.min((padding + stride - 1) / stride, windows);
    }

    /**
     * One past the last window that ends inside the input, not below {@link #interiorFirst}: the
     * windows between the two see no padding.
     */
    public int interiorEnd() {
      int room = size + padding - extent();
      int end = room < 0 ? 0 : Math.min(room / stride + 1, windows);
      return Math.max(end, interiorFirst());
    }
  }

  /** Windows that cover the input evenly: {@code [⌊w·size/windows⌋, ⌈(w+1)·size/windows⌉)}. */
  final class Adaptive implements PoolingAxis {
    /**
     * Most windows that have tables: more may be legal, but take longer to tabulate than to use.
     */
    private static final int MOST_TABULATED = 1 << 20;

    private final int size;
    private final int windows;
    // tables, since a division takes longer than a small window; null where there are too many
    private final int[] first;
    private final int[] end;

    public Adaptive(int size, int windows) {
      this.size = size;
      this.windows = windows;
      if (windows > MOST_TABULATED) {
        first = null;
        end = null;
        return;
      }
      first = new int[windows];
      end = new int[windows];
      for (int w = 0; w < windows; w++) {
        first[w] = computedFirst(w);
        end[w] = computedEnd(w);
      }
    }

    private int computedFirst(int window) {
      return (int) ((long) window * size / windows);
    }

    private int computedEnd(int window) {
      return (int) (((window + 1L) * size + windows - 1) / windows);
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public int windows() {
      return windows;
    }

    @Override
    public int step() {
      return 1;
    }

    @Override
    public int first(int window) {
      return first == null ? computedFirst(window) : first[window];
    }

    @Override
    public int end(int window) {
      return end == null ? computedEnd(window) : end[window];
    }

    @Override
    public int count(int window) {
      return end(window) - first(window);
    }
  }
}
