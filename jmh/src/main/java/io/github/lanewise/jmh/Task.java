package io.github.lanewise.jmh;

import io.github.lanewise.kernel.Workspace;

/** What is timed, with its arrays: one call of a kernel, or one training step. */
public interface Task {
  /** Computes once; what is no part of Lanewise ignores the workspace. */
  void run(Workspace workspace);

  /**
   * Computes once into arrays that hold no result, and compares with the formula, on a sample.
   *
   * @throws AssertionError if it is wrong
   */
  void verify(Workspace workspace);

  /** {@return additions and multiplications of one call, 0 where they do not matter} */
  double flops();

  /** {@return bytes that one call has to read and write at least, 0 where they do not matter} */
  double bytes();
}
