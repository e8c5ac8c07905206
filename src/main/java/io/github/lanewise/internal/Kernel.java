package io.github.lanewise.internal;

/**
 * One step of an operation, cut into independent tasks.
 *
 * <p>A kernel is immutable and stateless: it was made for one problem, and everything that changes
 * from call to call arrives in {@link Operands}. The tasks of one kernel may run in any order and
 * in parallel, so that each output element must be written by exactly one task, and its value must
 * not depend on which tasks ran before. Work that needs a barrier is a second kernel.
 */
public interface Kernel {
  /** How many tasks there are; a small problem has one, since handing out tasks costs time. */
  int tasks();

  /** Floats of scratch memory that all tasks of all kernels of the operation share. */
  default long sharedScratch() {
    return 0;
  }

  /** Floats of scratch memory for one running task; what an earlier task left there is garbage. */
  default long taskScratch() {
    return 0;
  }

  /**
   * Runs one task.
   *
   * @param task 0 to {@code tasks() - 1}
   * @param operands the arrays of this call
   * @param scratch the workspace
   * @param shared where the shared scratch memory begins in {@code scratch}
   * @param own where this task's scratch memory begins in {@code scratch}
   */
  void run(int task, Operands operands, float[] scratch, int shared, int own);
}
