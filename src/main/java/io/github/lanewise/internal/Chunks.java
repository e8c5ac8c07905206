package io.github.lanewise.internal;

/**
 * A division of {@code items} into {@code count} contiguous runs of nearly the same length. It
 * depends on the size of the work only, never on the threads, so that sums of chunks added up in
 * order are the same bits for any number of threads.
 */
public record Chunks(int items, int count) {
  /** Elements worth a task: 256 KiB of floats, some ten microseconds of memory traffic. */
  public static final int GRAIN = 1 << 16;

  /** Chunk borders lie on multiples of this, so that no vector straddles two chunks. */
  private static final int ALIGNMENT = 64;

  /** Divides {@code size} elements into chunks of about {@link #GRAIN}. */
  public static Chunks of(int size) {
    return new Chunks(size, Math.max(1, size / GRAIN));
  }

  /** Divides {@code items} of {@code elements} elements each into chunks of about a grain. */
  public static Chunks of(int items, long elements) {
    return new Chunks(items, Math.clamp(items * elements / GRAIN, 1, Math.max(1, items)));
  }

  /** The first item of a chunk; that of chunk {@code count} is the end of the last. */
  public int from(int chunk) {
    if (chunk == count) {
      return items;
    }
    int from = (int) ((long) items * chunk / count);
    return items / count >= 2 * ALIGNMENT ? from / ALIGNMENT * ALIGNMENT : from;
  }
}
