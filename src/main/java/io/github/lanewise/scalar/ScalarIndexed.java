package io.github.lanewise.scalar;

import io.github.lanewise.internal.IndexCheck;
import io.github.lanewise.internal.IndexedProblem;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.PlaneKernel;
import java.util.Arrays;

/**
 * The scalar twins of what works by indices: max pooling's gradient, unpooling and its gradient.
 * Each plane belongs to one task, which goes through it in row-major order: that order, not the
 * threads, decides where indices occur twice.
 */
public final class ScalarIndexed {
  private ScalarIndexed() {}

  private abstract static class Twin extends ScalarTwin<IndexedProblem> {
    @Override
    public final Kernel[] kernels(IndexedProblem p) {
      return new Kernel[] {new IndexCheck(p), kernel(p)};
    }

    abstract Kernel kernel(IndexedProblem p);
  }

  private abstract static class EntriesKernel extends PlaneKernel {
    EntriesKernel(IndexedProblem p) {
      super(p.planes(), 2L * p.entries() + p.plane());
    }
  }

  /** {@code gradInput[indices[i]] += gradOutput[i]}, zero elsewhere. */
  static final class MaxPoolingBackward extends Twin {
    @Override
    Kernel kernel(IndexedProblem p) {
      return new EntriesKernel(p) {
        @Override
        protected void plane(int plane, Operands a, float[] scratch, int own) {
          scatterAdd(p, plane, a);
        }
      };
    }
  }

  /** One plane of max pooling's gradient. */
  public static void scatterAdd(IndexedProblem p, int plane, Operands a) {
    int to = a.gradInputAt + plane * p.plane();
    int value = a.gradOutputAt + plane * p.entries();
    int index = a.indicesAt + plane * p.entries();
    Arrays.fill(a.gradInput, to, to + p.plane(), 0);
    for (int i = 0; i < p.entries(); i++) {
      a.gradInput[to + a.indices[index + i]] += a.gradOutput[value + i];
    }
  }

  /**
   * {@code output[indices[i]] = input[i]}, fillValue elsewhere; the last of equal indices stays.
   */
  static final class MaxUnpoolingForward extends Twin {
    @Override
    Kernel kernel(IndexedProblem p) {
      return new EntriesKernel(p) {
        @Override
        protected void plane(int plane, Operands a, float[] scratch, int own) {
          scatter(p, plane, a);
        }
      };
    }
  }

  /** One plane of unpooling. */
  public static void scatter(IndexedProblem p, int plane, Operands a) {
    int to = a.outputAt + plane * p.plane();
    int value = a.inputAt + plane * p.entries();
    int index = a.indicesAt + plane * p.entries();
    float fill = a.fillValue == null ? 0 : a.fillValue[a.fillValueAt + plane % p.channels()];
    Arrays.fill(a.output, to, to + p.plane(), fill);
    for (int i = 0; i < p.entries(); i++) {
      a.output[to + a.indices[index + i]] = a.input[value + i];
    }
  }

  /** {@code gradInput[i] = gradOutput[indices[i]]}, for the winners only or for all. */
  static final class MaxUnpoolingBackward extends Twin {
    @Override
    Kernel kernel(IndexedProblem p) {
      return new EntriesKernel(p) {
        @Override
        public long taskScratch() {
          return p.winnerOnly() ? p.plane() : 0;
        }

        @Override
        protected void plane(int plane, Operands a, float[] scratch, int own) {
          if (p.winnerOnly()) {
            gatherWinners(p, plane, a, scratch, own);
          } else {
            gather(p, plane, a);
          }
        }
      };
    }
  }

  private static void gather(IndexedProblem p, int plane, Operands a) {
    int from = a.gradOutputAt + plane * p.plane();
    int value = a.gradInputAt + plane * p.entries();
    int index = a.indicesAt + plane * p.entries();
    for (int i = 0; i < p.entries(); i++) {
      a.gradInput[value + i] = a.gradOutput[from + a.indices[index + i]];
    }
  }

  /** Backwards, so that the first entry met at a position is the one whose value stayed there. */
  private static void gatherWinners(
      IndexedProblem p, int plane, Operands a, float[] taken, int takenAt) {
    int from = a.gradOutputAt + plane * p.plane();
    int value = a.gradInputAt + plane * p.entries();
    int index = a.indicesAt + plane * p.entries();
    Arrays.fill(taken, takenAt, takenAt + p.plane(), 0);
    for (int i = p.entries() - 1; i >= 0; i--) {
      int position = a.indices[index + i];
      boolean wins = taken[takenAt + position] == 0;
      taken[takenAt + position] = 1;
      a.gradInput[value + i] = wins ? a.gradOutput[from + position] : 0;
    }
  }
}
