package io.github.lanewise.jmh;

import io.github.lanewise.kernel.Parallelism;
import io.github.lanewise.kernel.Workspace;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.BenchmarkParams;

/** What all benchmarks of kernels share: the arm, and the threads that a kernel may use. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public abstract class ThreadedBenchmark {
  /** Whose code is timed: a name of {@link Arm}. */
  @Param("vector")
  public String arm;

  /**
   * Threads of a kernel. With several numbers, such as {@code 1,2}, the iterations take turns: that
   * compares them in one JVM, and spares forks.
   */
  @Param("1")
  public String threads;

  private int[] turns;
  private int iteration;
  private Workspace[] workspaces;
  private ExecutorService executor;

  /** The workspace of this iteration. */
  Workspace workspace;

  /** Makes what is to be timed, and checks its results. */
  @Setup(Level.Trial)
  public void start(BenchmarkParams params) {
    arm().check();
    turns = Arrays.stream(threads.split(",")).mapToInt(Integer::parseInt).toArray();
    int most = Arrays.stream(turns).max().orElseThrow();
    if (most > 1) {
      executor =
          Executors.newFixedThreadPool(
              most - 1, task -> Thread.ofPlatform().daemon().unstarted(task));
    }
    workspaces = new Workspace[turns.length];
    for (int i = 0; i < turns.length; i++) {
      workspaces[i] =
          turns[i] == 1 ? new Workspace() : new Workspace(Parallelism.of(executor, turns[i]));
    }
    prepare();
    for (int i = 0; i < turns.length; i++) {
      use(i);
      verify();
    }
    if (params.getWarmup().getCount() > 0 && arm() != Arm.PYTORCH) {
      warmUp();
    }
  }

  /**
   * Small kernels are compiled after so many calls, not after so much time: interpreted, a vector
   * instruction takes a thousand times as long, and JMH's warm-up could end before that.
   */
  private void warmUp() {
    long end = System.nanoTime() + 1_000_000_000;
    for (int i = 0; i < 300 && System.nanoTime() < end; i++) {
      use(i % turns.length);
      call();
    }
  }

  /** Gives the iteration its number of threads. */
  @Setup(Level.Iteration)
  public void takeTurn() {
    use(iteration++ % turns.length);
  }

  /** Prints what a call allocates, and ends the threads. */
  @TearDown(Level.Trial)
  public void stop() {
    System.out.println(); // JMH has begun a line
    for (int i = 0; i < turns.length; i++) {
      use(i);
      System.out.println("# allocated " + turns[i] + " " + allocated());
    }
    if (executor != null) {
      executor.shutdown();
    }
  }

  /**
   * Bytes in the Java heap that one call allocates, in all threads. JMH's gc profiler counts a few
   * kilobytes of its own in each iteration, which hides whether it is none.
   */
  private double allocated() {
    var beans = ManagementFactory.getPlatformMXBean(com.sun.management.ThreadMXBean.class);
    int calls = 0;
    long end = System.nanoTime() + 20_000_000;
    long before = beans.getTotalThreadAllocatedBytes();
    long own = beans.getTotalThreadAllocatedBytes() - before; // by asking
    do {
      call();
      calls++;
    } while (System.nanoTime() < end);
    long bytes = beans.getTotalThreadAllocatedBytes() - before - 2 * own;
    return Math.max(0, bytes) / (double) calls;
  }

  private void use(int turn) {
    workspace = workspaces[turn];
    if (arm() == Arm.PYTORCH) {
      Peer.instance().threads(turns[turn]);
    }
  }

  final Arm arm() {
    return Arm.of(arm);
  }

  /** Makes what is to be timed. */
  abstract void prepare();

  /** Computes once with {@link #workspace}. */
  abstract void call();

  /** Computes once with {@link #workspace} and checks the results. */
  abstract void verify();
}
