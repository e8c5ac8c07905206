package io.github.lanewise.vector;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.ArrayList;
import java.util.List;

/**
 * Convolution's weight gradient with output channels in lanes: the terms of each sum are positions,
 * and the rows of a tile are neighbouring weights.
 *
 * <p>Where there are few weights and several chunks of positions ({@link WeightChunks}), each task
 * has sums of its own over some of the chunks: it packs one after the other into the second cache,
 * and the tasks' sums are added at the end. Elsewhere the chunks are packed for all tasks, which
 * share out the weights ({@link WeightSums}): a few at a time through all chunks, or where these
 * are too large to be packed at once, all of a task's in several steps. Either way the order of a
 * sum is the same, whatever the number of threads.
 */
final class WeightGradient implements Implementation<ConvolutionProblem> {
  /** Floats of packed chunks at a time, where tasks share out the weights. */
  private static final int TOGETHER = 1 << 20;

  /** The most sums of which each task has its own. */
  private static final int FEW_SUMS = 1 << 16;

  /** Fewer chunks are not shared out. */
  private static final int FEW_CHUNKS = 4;

  /** Tasks of a step. */
  static final int TASKS = 16;

  @Override
  public String name() {
    return "channel-lanes";
  }

  /** All but groups so many, or so padded, that packed they are too large for an array. */
  @Override
  public boolean accepts(ConvolutionProblem problem) {
    WeightChunks chunks = new WeightChunks(problem, false);
    return chunks.size() <= 1 << 30 && new WeightSums(chunks).fit();
  }

  @Override
  public Kernel[] kernels(ConvolutionProblem problem) {
    WeightChunks chunks = new WeightChunks(problem, false);
    WeightSums sums = new WeightSums(chunks);
    if (sums.size() <= FEW_SUMS && chunks.count >= FEW_CHUNKS) {
      int parts = problem.multiplyAdds() < 1 << 17 ? 1 : Math.min(TASKS, chunks.count);
      return new Kernel[] {new OwnSums(chunks, sums, parts), new Unpack(sums, parts)};
    }
    if (PointwiseConvolution.isProduct(problem) && problem.inChannels() >= 2 * WideTile.WIDTH) {
      chunks = new WeightChunks(problem, true);
      sums = new WeightSums(chunks);
    }
    int together = Math.clamp(TOGETHER / chunks.size(), 1, chunks.count);
    if (together == chunks.count) {
      return new Kernel[] {new Pack(chunks, 0, chunks.count), new AtOnce(chunks, sums)};
    }
    List<Kernel> kernels = new ArrayList<>();
    for (int first = 0; first < chunks.count; first += together) {
      int end = Math.min(first + together, chunks.count);
      kernels.add(new Pack(chunks, first, end));
      kernels.add(new Accumulate(chunks, sums, first, end, together));
    }
    return kernels.toArray(Kernel[]::new);
  }

  /** Each task packs some of the chunks, one by one, and adds up all weights over them. */
  private record OwnSums(WeightChunks chunks, WeightSums sums, int tasks) implements Kernel {
    @Override
    public long sharedScratch() {
      return (long) tasks * sums.size();
    }

    @Override
    public long taskScratch() {
      return chunks.size();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int first = chunks.count * task / tasks;
      int end = chunks.count * (task + 1) / tasks;
      int to = shared + task * sums.size();
      for (int chunk = first; chunk < end; chunk++) {
        chunks.pack(chunk, 0, chunks.parts(), a, scratch, own);
        for (int unit = 0; unit < sums.units; unit++) {
          sums.add(unit, chunk, a, scratch, own, to, chunk > first);
        }
      }
    }
  }

  /** Adds the tasks' sums in order and brings them to the result. */
  private record Unpack(WeightSums sums, int parts) implements Kernel {
    @Override
    public int tasks() {
      return sums.size() < 1 << 14 ? 1 : Math.min(sums.units, TASKS);
    }

    @Override
    public long sharedScratch() {
      return (long) parts * sums.size();
    }

    @Override
    public long taskScratch() {
      return WeightSums.scratch();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int end = sums.units * (task + 1) / tasks();
      for (int unit = sums.units * task / tasks(); unit < end; unit++) {
        sums.total(unit, scratch, shared, parts - 1);
      }
      sums.unpack(sums.units * task / tasks(), end, a, scratch, shared, own);
    }
  }

  /** Packs some chunks for all tasks of the next step. */
  private record Pack(WeightChunks chunks, int first, int end) implements Kernel {
    /** Floats of a task, at least. */
    private static final int LEAST = 1 << 14;

    /** Tasks of a chunk. */
    private int shares() {
      return Math.clamp(chunks.size() / LEAST, 1, Math.min(chunks.parts(), TASKS));
    }

    @Override
    public int tasks() {
      return (end - first) * shares();
    }

    @Override
    public long sharedScratch() {
      return (end - first) * CacheLine.up(chunks.size());
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int chunk = task / shares();
      int share = task % shares();
      int firstPart = chunks.parts() * share / shares();
      int endPart = chunks.parts() * (share + 1) / shares();
      int to = shared + chunk * (int) CacheLine.up(chunks.size());
      chunks.pack(first + chunk, firstPart, endPart, a, scratch, to);
    }
  }

  /** Takes some units through some chunks, which are packed one behind the other. */
  private static void add(
      WeightChunks chunks,
      int first,
      int end,
      WeightSums sums,
      int firstUnit,
      int endUnit,
      Operands a,
      float[] scratch,
      int packed,
      int to) {
    for (int chunk = first; chunk < end; chunk++) {
      int at = packed + (chunk - first) * (int) CacheLine.up(chunks.size());
      for (int unit = firstUnit; unit < endUnit; unit++) {
        sums.add(unit, chunk, a, scratch, at, to, chunk > 0);
      }
    }
  }

  /** A task takes some weights through all chunks, a few at a time, and to the result. */
  private record AtOnce(WeightChunks chunks, WeightSums sums) implements Kernel {
    @Override
    public int tasks() {
      return sums.tasks();
    }

    @Override
    public long sharedScratch() {
      return chunks.count * CacheLine.up(chunks.size());
    }

    @Override
    public long taskScratch() {
      return WeightSums.scratch() + sums.sizeTogether();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int end = sums.firstUnit(task + 1);
      for (int first = sums.firstUnit(task); first < end; ) {
        int next = sums.endTogether(first, end);
        int to = own + WeightSums.scratch() - sums.at(first);
        add(chunks, 0, chunks.count, sums, first, next, a, scratch, shared, to);
        sums.unpack(first, next, a, scratch, to, own);
        first = next;
      }
    }
  }

  /** A task takes some weights through packed chunks, and after the last ones to the result. */
  private record Accumulate(WeightChunks chunks, WeightSums sums, int first, int end, int together)
      implements Kernel {
    @Override
    public int tasks() {
      return sums.tasks();
    }

    /** Where the sums begin: behind as many chunks as are ever packed together. */
    private int sumsAt() {
      return (int) (together * CacheLine.up(chunks.size()));
    }

    @Override
    public long sharedScratch() {
      return (long) sumsAt() + sums.size();
    }

    @Override
    public long taskScratch() {
      return WeightSums.scratch();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int firstUnit = sums.firstUnit(task);
      int endUnit = sums.firstUnit(task + 1);
      int to = shared + sumsAt();
      add(chunks, first, end, sums, firstUnit, endUnit, a, scratch, shared, to);
      if (end == chunks.count) {
        sums.unpack(firstUnit, endUnit, a, scratch, to, own);
      }
    }
  }
}
