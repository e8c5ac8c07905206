package io.github.lanewise.internal;

/** A kernel over items that do not depend on each other, one task for each chunk of them. */
public abstract class RangeKernel implements Kernel {
  private final Chunks chunks;

  /** Divides the items as {@code chunks} says. */
  protected RangeKernel(Chunks chunks) {
    this.chunks = chunks;
  }

  /**
   * Computes the items {@code from} to {@code to - 1}.
   *
   * @param scratch holds {@link #taskScratch()} floats for this task from {@code own} on
   */
  protected abstract void run(int from, int to, Operands a, float[] scratch, int own);

  @Override
  public final int tasks() {
    return chunks.count();
  }

  @Override
  public final void run(int task, Operands operands, float[] scratch, int shared, int own) {
    run(chunks.from(task), chunks.from(task + 1), operands, scratch, own);
  }
}
