package io.github.lanewise.jmh;

import java.util.concurrent.TimeUnit;
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
 * What the machine can do at best: multiply-adds out of registers, and out of the caches copying
 * and changing an array in place. For several threads, JMH runs it in as many.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 4, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class LimitBenchmark {
  /** The vector arm whose width is meant. */
  @Param("vector")
  public String arm;

  /** Checks the width, and has the loop compiled: interpreted, it would not end. */
  @Setup
  public void start() {
    Arm.of(arm).check();
    Limit.compile();
  }

  /** The arrays of those that memory bounds. */
  @State(Scope.Thread)
  public static class Arrays {
    final float[] from = Sample.uniform(Limit.FLOATS, 1);
    final float[] to = new float[Limit.FLOATS];
  }

  /** Multiply-adds that depend on no memory, and on each other only every tenth or sixteenth. */
  @Benchmark
  public float fma(Counters counters) {
    counters.add(Limit.ROUNDS * Limit.FLOPS_A_ROUND, 0);
    return Limit.multiplyAdd(Limit.ROUNDS);
  }

  /** Copies 64 MB; bytes read and bytes written both count. */
  @Benchmark
  public float[] copy(Arrays arrays, Counters counters) {
    Limit.copy(arrays.from, arrays.to);
    counters.add(0, Limit.BYTES);
    return arrays.to;
  }

  /**
   * The same by loads and stores of vectors, as kernels have to do it: only the JVM's own copy can
   * write past the caches.
   */
  @Benchmark
  public float[] copyByVectors(Arrays arrays, Counters counters) {
    Limit.copyByVectors(arrays.from, arrays.to);
    counters.add(0, Limit.BYTES);
    return arrays.to;
  }

  /** Changes 64 MB in place, read and written. */
  @Benchmark
  public float[] inPlace(Arrays arrays, Counters counters) {
    Limit.negate(arrays.to);
    counters.add(0, Limit.BYTES);
    return arrays.to;
  }
}
