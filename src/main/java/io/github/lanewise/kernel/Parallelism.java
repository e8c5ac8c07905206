package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import java.util.concurrent.Executor;

/**
 * An executor to run on and how many threads at a time, the calling thread included.
 *
 * <p>The results of every kernel are the same bits for every width and every executor. The library
 * starts no thread of its own: work goes to the executor, and the calling thread takes part. When
 * the executor is busy, or refuses, the calling thread does what the others did not begin. What an
 * executor throws but {@link java.util.concurrent.RejectedExecutionException}, the call throws,
 * too, and its result is incomplete. A thread of the executor that has run out of work waits 0.2
 * milliseconds for the next kernel, busily, before it returns to the executor: in a series of short
 * kernels, nothing is handed over.
 *
 * @param executor where the other {@code width - 1} threads come from
 * @param width threads that work at a time, at least 1
 */
public record Parallelism(Executor executor, int width) {
  /** The calling thread alone. */
  public static final Parallelism SEQUENTIAL = new Parallelism(Runnable::run, 1);

  /**
   * Checks the width.
   *
   * @throws IllegalArgumentException if {@code width} is not between 1 and 1024, or there is no
   *     executor
   */
  public Parallelism {
    Checks.present("executor", executor);
    if (width < 1 || width > 1024) {
      throw new IllegalArgumentException("width is " + width + " but must be between 1 and 1024");
    }
  }

  /** The width, of an argument of another's. */
  static int width(Parallelism parallelism) {
    return Checks.present("parallelism", parallelism).width;
  }

  /**
   * As many threads of {@code executor} as {@code width} says, the calling thread included.
   *
   * @param executor where the other {@code width - 1} threads come from
   * @param width threads that work at a time
   * @return the pair of both
   * @throws IllegalArgumentException if {@code width} is not between 1 and 1024, or there is no
   *     executor
   */
  public static Parallelism of(Executor executor, int width) {
    return new Parallelism(executor, width);
  }
}
