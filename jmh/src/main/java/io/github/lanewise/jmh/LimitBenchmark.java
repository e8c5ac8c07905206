package io.github.lanewise.jmh;

import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the machine can do at best: multiply-adds out of registers, and copying out of the caches.
 * For several threads, JMH runs it in as many.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 4, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class LimitBenchmark {
  private static final VectorSpecies<Float> F =
      switch (Integer.getInteger("lanewise.vector.bits", 0)) {
        case 128 -> FloatVector.SPECIES_128;
        case 256 -> FloatVector.SPECIES_256;
        case 512 -> FloatVector.SPECIES_512;
        default -> FloatVector.SPECIES_PREFERRED;
      };

  private static final int ROUNDS = 5_000;
  private static final int ACCUMULATORS = 12;
  private static final int FLOATS = 1 << 24;

  /** The vector arm whose width is meant. */
  @Param("vector")
  public String arm;

  private float factor = 0.5f;
  private float addend = 1;

  /** Checks the width, and has the loop compiled: interpreted, it would not end. */
  @Setup
  public void start() {
    Arm.of(arm).check();
    for (int i = 0; i < 20_000; i++) {
      multiplyAdd(10);
    }
    float sum = multiplyAdd(ROUNDS);
    float expected = 2f * ACCUMULATORS * F.length(); // x / 2 + 1 tends to 2
    if (sum != expected) {
      throw new AssertionError("the sum is " + sum + " but should be " + expected);
    }
  }

  /** The arrays of {@link #copy}. */
  @State(Scope.Thread)
  public static class Arrays {
    final float[] from = Sample.uniform(FLOATS, 1);
    final float[] to = new float[FLOATS];
  }

  /** Multiply-adds that depend on no memory, and on each other only every twelfth. */
  @Benchmark
  public float fma(Counters counters) {
    counters.add(2.0 * ROUNDS * ACCUMULATORS * F.length(), 0);
    return multiplyAdd(ROUNDS);
  }

  private float multiplyAdd(int rounds) {
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
    }
    FloatVector sum = a.add(b).add(c).add(d).add(e).add(f);
    return sum.add(g).add(h).add(i).add(j).add(k).add(l).reduceLanes(VectorOperators.ADD);
  }

  /** Copies 64 MB; bytes read and bytes written both count. */
  @Benchmark
  public float[] copy(Arrays arrays, Counters counters) {
    System.arraycopy(arrays.from, 0, arrays.to, 0, FLOATS);
    counters.add(0, 8.0 * FLOATS);
    return arrays.to;
  }
}
