package io.github.lanewise.internal;

import java.util.Arrays;

/**
 * The step before every use of indices: refuses those outside their plane and, where asked, those
 * that occur twice. It is a step of its own so that nothing is written before all are known to be
 * good.
 */
public class IndexCheck extends PlaneKernel {
  private final IndexedProblem problem;

  public IndexCheck(IndexedProblem problem) {
    super(problem.planes(), problem.entries() + (problem.uniqueIndices() ? problem.plane() : 0));
    this.problem = problem;
  }

  @Override
  public final long taskScratch() {
    return problem.uniqueIndices() ? problem.plane() : 0;
  }

  @Override
  protected final void plane(int plane, Operands a, float[] scratch, int own) {
    if (!good(plane, a, scratch, own)) {
      // whichever task found a bad index: the message names the first one of the array
      for (int p = 0; p < problem.planes(); p++) {
        refuseBad(p, a, scratch, own);
      }
      throw new IllegalArgumentException("indices were changed during the call");
    }
  }

  private boolean good(int plane, Operands a, float[] scratch, int own) {
    int from = a.indicesAt + plane * problem.entries();
    return inRange(a.indices, from, from + problem.entries(), problem.plane())
        && (!problem.uniqueIndices() || firstRepeated(from, a, scratch, own) < 0);
  }

  /** Whether all of {@code indices[from..to)} are at least 0 and below {@code plane}. */
  protected boolean inRange(int[] indices, int from, int to, int plane) {
    int low = 0;
    int high = 0;
    for (int i = from; i < to; i++) {
      low = Math.min(low, indices[i]);
      high = Math.max(high, indices[i]);
    }
    return low >= 0 && high < plane;
  }

  /** Where the first index lies that occurred before in its plane, or -1. */
  private int firstRepeated(int from, Operands a, float[] scratch, int own) {
    Arrays.fill(scratch, own, own + problem.plane(), 0);
    for (int i = from; i < from + problem.entries(); i++) {
      int seen = own + a.indices[i];
      if (scratch[seen] != 0) {
        return i;
      }
      scratch[seen] = 1;
    }
    return -1;
  }

  private void refuseBad(int plane, Operands a, float[] scratch, int own) {
    int from = a.indicesAt + plane * problem.entries();
    for (int i = from; i < from + problem.entries(); i++) {
      if (a.indices[i] < 0 || a.indices[i] >= problem.plane()) {
        throw new IllegalArgumentException(
            shown(i, plane, a) + " but must be between 0 and " + (problem.plane() - 1));
      }
    }
    if (problem.uniqueIndices()) {
      int repeated = firstRepeated(from, a, scratch, own);
      if (repeated >= 0) {
        throw new IllegalArgumentException(
            shown(repeated, plane, a) + ", which occurs earlier in the same plane");
      }
    }
  }

  private String shown(int i, int plane, Operands a) {
    return "indices["
        + i
        + "] (element "
        + (i - a.indicesAt - plane * problem.entries())
        + " of plane "
        + plane
        + ") is "
        + a.indices[i];
  }
}
