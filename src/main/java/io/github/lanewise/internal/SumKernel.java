package io.github.lanewise.internal;

/**
 * A sum over items, one task for each chunk of them; {@link #withTotal()} adds the sums of the
 * chunks up in order, so that the total is the same bits for any number of threads.
 */
public abstract class SumKernel implements Kernel {
  private final Chunks chunks;

  /** Divides the items as {@code chunks} says. */
  protected SumKernel(Chunks chunks) {
    this.chunks = chunks;
  }

  /**
   * The sum of the items {@code from} to {@code to - 1}.
   *
   * @param scratch holds {@link #taskScratch()} floats for this task from {@code own} on
   */
  protected abstract double sum(int from, int to, Operands a, float[] scratch, int own);

  @Override
  public final int tasks() {
    return chunks.count();
  }

  @Override
  public final long sharedScratch() {
    return 2L * chunks.count();
  }

  @Override
  public final void run(int task, Operands operands, float[] scratch, int shared, int own) {
    double sum = sum(chunks.from(task), chunks.from(task + 1), operands, scratch, own);
    FloatPair.put(sum, scratch, shared + 2 * task);
  }

  /** This kernel and one that leaves the total in {@link Operands#sum}. */
  public final Kernel[] withTotal() {
    Kernel total =
        new Kernel() {
          @Override
          public int tasks() {
            return 1;
          }

          @Override
          public void run(int task, Operands operands, float[] scratch, int shared, int own) {
            double sum = 0;
            for (int chunk = 0; chunk < chunks.count(); chunk++) {
              sum += FloatPair.get(scratch, shared + 2 * chunk);
            }
            operands.sum = sum;
          }
        };
    return new Kernel[] {this, total};
  }
}
