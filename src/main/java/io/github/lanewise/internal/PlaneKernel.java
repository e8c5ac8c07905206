package io.github.lanewise.internal;

/**
 * A kernel that works plane by plane. Its tasks are runs of neighbouring planes, long enough to be
 * worth handing to a thread.
 */
public abstract class PlaneKernel implements Kernel {
  /** Elements read or written by one task: some ten microseconds of work. */
  private static final int GRAIN = 32 * 1024;

  private final int planes;
  private final int planesPerTask;

  /**
   * @param planes how many planes there are
   * @param elements how many elements one plane reads and writes
   */
  protected PlaneKernel(int planes, long elements) {
    this.planes = planes;
    planesPerTask = Math.clamp(GRAIN / elements, 1, planes);
  }

  @Override
  public final int tasks() {
    return (planes + planesPerTask - 1) / planesPerTask;
  }

  @Override
  public final void run(int task, Operands operands, float[] scratch, int shared, int own) {
    int first = task * planesPerTask;
    planes(first, Math.min(first + planesPerTask, planes), operands, scratch, own);
  }

  /**
   * Works on the planes {@code [first, end)}: one by one, unless small planes are worth a loop of
   * their own.
   *
   * @param operands the arrays of this call
   * @param scratch the workspace
   * @param own where this task's scratch memory begins in {@code scratch}
   */
  protected void planes(int first, int end, Operands operands, float[] scratch, int own) {
    for (int plane = first; plane < end; plane++) {
      plane(plane, operands, scratch, own);
    }
  }

  /**
   * Works on one plane.
   *
   * @param plane its number
   * @param operands the arrays of this call
   * @param scratch the workspace
   * @param own where this task's scratch memory begins in {@code scratch}
   */
  protected abstract void plane(int plane, Operands operands, float[] scratch, int own);
}
