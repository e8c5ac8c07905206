package io.github.lanewise.jmh;

import io.github.lanewise.vector.VectorWidth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * What the machine can do at best: multiply-adds out of registers, and out of the caches copying
 * and changing an array in place.
 */
enum Limit {
  /** GFLOP/s. */
  MULTIPLY_ADDS {
    @Override
    double once(float[][] arrays) {
      for (int i = 0; i < CALLS; i++) {
        sink += multiplyAdd(ROUNDS);
      }
      return CALLS * ROUNDS * FLOPS_A_ROUND;
    }
  },

  /** GB/s, read and written. */
  COPY {
    @Override
    double once(float[][] arrays) {
      copy(arrays[0], arrays[1]);
      return BYTES;
    }
  },

  /** GB/s, read and written in place: what is written needs no read of its own. */
  IN_PLACE {
    @Override
    double once(float[][] arrays) {
      negate(arrays[0]);
      return BYTES;
    }
  };

  /** Rounds of the loop of multiply-adds: some 10 µs. */
  static final int ROUNDS = 5_000;

  /** Floats of a copy: 64 MB. */
  static final int FLOATS = 1 << 24;

  /** Bytes that a copy reads and writes, or a pass over one array in place. */
  static final double BYTES = 8.0 * FLOATS;

  /**
   * The first element of a large array that begins a cache line: elements begin 16 bytes behind the
   * object's beginning, and G1 puts it at the beginning of a region. With vectors that cross lines
   * the loop reaches 42 GB/s instead of 72, and is no limit.
   */
  private static final int FIRST_LINE = 12;

  private static final VectorSpecies<Float> F =
      switch (Integer.getInteger("lanewise.vector.bits", 0)) {
        case 128 -> FloatVector.SPECIES_128;
        case 256 -> FloatVector.SPECIES_256;
        case 512 -> FloatVector.SPECIES_512;
        default -> FloatVector.SPECIES_PREFERRED;
      };

  /**
   * Four pipes times four cycles, as some ARM cores have. Where there are 16 registers, as with
   * AVX2 alone, so many would not all stay in them: 16 reached 73 GFLOP/s there, 10 reached 101,
   * and 12 half of that in one compilation and not in the next.
   */
  private static final int ACCUMULATORS = VectorWidth.REGISTERS >= 32 ? 16 : 10;

  /** Additions and multiplications of a round. */
  static final double FLOPS_A_ROUND = 2.0 * ACCUMULATORS * F.length();

  /** Calls of the loop between two looks at the clock. */
  private static final int CALLS = 40;

  /** The best of so many counts: something else may have had the processor meanwhile. */
  private static final int TRIES = 3;

  private static volatile float factor = 0.5f;
  private static volatile float addend = 1;
  private static volatile float sink;

  /**
   * One try.
   *
   * @return how much it was: additions and multiplications, or bytes
   */
  abstract double once(float[][] arrays);

  /** {@return the arrays that so many threads need} */
  float[][][] arrays(int threads) {
    return switch (this) {
      case MULTIPLY_ADDS -> new float[threads][][];
      case COPY -> new float[threads][2][FLOATS];
      case IN_PLACE -> new float[threads][1][FLOATS];
    };
  }

  /** Has the loops compiled, since interpreted they would not end, and checks what they compute. */
  static void compile() {
    float[] ones = new float[FIRST_LINE + 2 * F.length()];
    Arrays.fill(ones, 1);
    for (int i = 0; i < 20_001; i++) {
      multiplyAdd(10);
      negate(ones);
    }
    if (ones[FIRST_LINE] != -1 || ones[ones.length - 1] != -1) {
      throw new AssertionError("1 and 1 became " + ones[FIRST_LINE] + ", " + ones[ones.length - 1]);
    }
    float sum = multiplyAdd(ROUNDS);
    float expected = 2f * ACCUMULATORS * F.length(); // x / 2 + 1 tends to 2
    if (sum != expected) {
      throw new AssertionError("the sum is " + sum + " but should be " + expected);
    }
  }

  /**
   * {@return what so many threads reach together, now} They begin each try at the same time, and
   * its time ends with the last of them: one that runs alone for a while has the whole memory for
   * itself.
   *
   * @param executor has a thread less
   * @param arrays of {@link #arrays(int)}
   */
  double now(int threads, ExecutorService executor, float[][][] arrays) {
    AtomicInteger arrived = new AtomicInteger();
    Tries[] tries = new Tries[threads];
    List<Future<?>> others = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      tries[i] = new Tries(new long[TRIES], new long[TRIES], new double[TRIES]);
    }
    for (int i = 1; i < threads; i++) {
      float[][] own = arrays[i];
      Tries times = tries[i];
      others.add(executor.submit(() -> run(arrived, threads, own, times)));
    }
    run(arrived, threads, arrays[0], tries[0]);
    try {
      for (Future<?> other : others) {
        other.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return best(tries);
  }

  /** When each try of a thread began and ended, and how much it was. */
  record Tries(long[] starts, long[] ends, double[] amounts) {}

  private void run(AtomicInteger arrived, int threads, float[][] arrays, Tries tries) {
    for (int i = 0; i < TRIES; i++) {
      arrived.incrementAndGet();
      while (arrived.get() < (i + 1) * threads) {
        Thread.onSpinWait();
      }
      tries.starts[i] = System.nanoTime();
      tries.amounts[i] = once(arrays);
      tries.ends[i] = System.nanoTime();
    }
  }

  /** {@return the most that all threads together reached in a try, a nanosecond} */
  static double best(Tries... threads) {
    double best = 0;
    for (int i = 0; i < threads[0].amounts.length; i++) {
      long start = threads[0].starts[i];
      long end = threads[0].ends[i];
      double amount = 0;
      for (Tries tries : threads) {
        start = Math.min(start, tries.starts[i]);
        end = Math.max(end, tries.ends[i]);
        amount += tries.amounts[i];
      }
      best = Math.max(best, amount / (end - start));
    }
    return best;
  }

  /** Copies 64 MB. */
  static void copy(float[] from, float[] to) {
    System.arraycopy(from, 0, to, 0, FLOATS);
  }

  /** Copies 64 MB by vectors. */
  static void copyByVectors(float[] from, float[] to) {
    for (int i = 0; i < FLOATS; i += F.length()) {
      FloatVector.fromArray(F, from, i).intoArray(to, i);
    }
  }

  /** Changes the signs of an array in place, by vectors, none of which crosses a cache line. */
  static void negate(float[] array) {
    for (int i = FIRST_LINE; i + F.length() <= array.length; i += F.length()) {
      FloatVector.fromArray(F, array, i).neg().intoArray(array, i);
    }
  }

  /** Multiply-adds that depend on no memory, and on each other only every {@link #ACCUMULATORS}. */
  static float multiplyAdd(int rounds) {
    return ACCUMULATORS == 16 ? sixteen(rounds) : ten(rounds);
  }

  private static float sixteen(int rounds) {
    FloatVector x = FloatVector.broadcast(F, factor);
    FloatVector y = FloatVector.broadcast(F, addend);
    FloatVector a = y;
    FloatVector b = y;
    FloatVector c = y;
    FloatVector d = y;
    FloatVector e = y;
    FloatVector f = y;
    FloatVector g = y;
    FloatVector h = y;
    FloatVector i = y;
    FloatVector j = y;
    FloatVector k = y;
    FloatVector l = y;
    FloatVector m = y;
    FloatVector n = y;
    FloatVector o = y;
    FloatVector p = y;
    for (int round = 0; round < rounds; round++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
      m = m.fma(x, y);
      n = n.fma(x, y);
      o = o.fma(x, y);
      p = p.fma(x, y);
    }
    FloatVector sum = a.add(b).add(c).add(d).add(e).add(f).add(g).add(h);
    sum = sum.add(i).add(j).add(k).add(l).add(m).add(n).add(o).add(p);
    return sum.reduceLanes(VectorOperators.ADD);
  }

  private static float ten(int rounds) {
    FloatVector x = FloatVector.broadcast(F, factor);
    FloatVector y = FloatVector.broadcast(F, addend);
    FloatVector a = y;
    FloatVector b = y;
    FloatVector c = y;
    FloatVector d = y;
    FloatVector e = y;
    FloatVector f = y;
    FloatVector g = y;
    FloatVector h = y;
    FloatVector i = y;
    FloatVector j = y;
    for (int round = 0; round < rounds; round++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
    }
    FloatVector sum = a.add(b).add(c).add(d).add(e).add(f).add(g).add(h);
    sum = sum.add(i).add(j);
    return sum.reduceLanes(VectorOperators.ADD);
  }
}
