package io.github.lanewise.jmh;

import io.github.lanewise.kernel.Parallelism;
import io.github.lanewise.kernel.Workspace;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
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

/** What all benchmarks of kernels share: the arm, and the threads that a kernel may use. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public abstract class ThreadedBenchmark {
  private static final long MILLION = 1_000_000;

  /** Less than a call allocates of which a loop is not compiled yet. */
  private static final int FEW_BYTES = 2_000;

  /**
   * So many times as long a warm-up lasts at most, while the JVM compiles, and while calls
   * allocate.
   */
  private static final int COMPILING = 4;

  private static final int ALLOCATING = 12;

  /** Milliseconds in which the JVM must have compiled next to nothing. */
  private static final int QUIET = 100;

  /** Whose code is timed: a name of {@link Arm}. */
  @Param("vector")
  public String arm;

  /**
   * Threads of a kernel. With several numbers, such as {@code 1,2}, the iterations take turns: that
   * compares them in one JVM, and spares forks.
   */
  @Param("1")
  public String threads;

  /**
   * What a fork measures one after the other, as values of the other parameters: {@code
   * problem=dae.conv1;problem=dae.deconv1}. That spares forks as well. If it is empty, the other
   * parameters say it.
   */
  @Param("")
  public String series;

  /** Iterations for each part of the series; it must be a multiple of the number of turns. */
  @Param("0")
  public int each;

  /** Milliseconds of warm-up before JMH's; more if that was not enough. */
  @Param("1000")
  public int warmup;

  private String[] parts;
  private int part;
  private int[] turns;
  private int iteration;
  private Workspace[] workspaces;
  private ExecutorService executor;
  private float[][][] arrays;
  private double limitNow;

  /** The workspace of this iteration. */
  Workspace workspace;

  /** Checks the arm and starts the threads. */
  @Setup(Level.Trial)
  public void start() {
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
    parts = series.split(";");
    part = -1;
    if (besideLimit()) {
      Limit.compile();
      arrays = limit().arrays(most);
    }
  }

  /** Only the shares of our vector kernels are of interest. */
  private boolean besideLimit() {
    return limit() != null && arm().id().startsWith("vector");
  }

  /** Begins the next part if it is time to, and gives the iteration its number of threads. */
  @Setup(Level.Iteration)
  public void takeTurn() {
    if (part < 0 || each > 0 && iteration == (part + 1) * each) {
      end();
      part++;
      begin();
    }
    int turn = iteration++ % turns.length;
    if (besideLimit()) {
      limitNow = limit().now(turns[turn], executor, arrays);
    }
    use(turn);
  }

  /** Makes what is to be timed, checks its results and warms it up. */
  private void begin() {
    if (!parts[part].isEmpty()) {
      for (String assignment : parts[part].split(",")) {
        set(assignment.split("=", 2));
      }
    }
    prepare();
    for (int i = 0; i < turns.length; i++) {
      use(i);
      verifyFor(turns[i]);
    }
    if (arm() != Arm.PYTORCH && warmup > 0) {
      warmUp();
    }
  }

  private void set(String[] assignment) {
    try {
      Field field = getClass().getField(assignment[0]);
      if (field.getType() == int.class) {
        field.setInt(this, Integer.parseInt(assignment[1]));
      } else {
        field.set(this, assignment[1]);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(
          "the series sets " + assignment[0] + ", which is no parameter of " + getClass(), e);
    }
  }

  /** Ours has to be right; what a peer computes wrong is noted, and timed all the same. */
  private void verifyFor(int threads) {
    try {
      verify();
    } catch (AssertionError e) {
      if (arm() != Arm.PYTORCH) {
        throw e;
      }
      System.out.println("\n# wrong " + part + " " + threads + " " + e.getMessage());
    }
  }

  /**
   * Kernels are compiled after so many calls, not after so much time: interpreted, a vector
   * instruction takes a thousand times as long, and JMH's warm-up could end before that. As long as
   * calls allocate, vectors are still objects; as long as one of our methods is being compiled, or
   * waits for it, there is more to come; and as long as the JVM compiles anything, it takes time
   * from a core that the second thread needs.
   */
  private void warmUp() {
    var beans = ManagementFactory.getPlatformMXBean(com.sun.management.ThreadMXBean.class);
    long least = warmup * MILLION * (part == 0 ? 2 : 1); // the first part also compiles JMH's code
    long start = System.nanoTime();
    long asked = start;
    long allocated = beans.getTotalThreadAllocatedBytes();
    long compiled = Compiler.millis();
    int calls = 0;
    for (int i = 1; ; i++) {
      use(i % turns.length);
      call();
      calls++;
      long now = System.nanoTime();
      boolean enough = i >= 300 || now - start > least;
      if (enough && calls >= turns.length && now - asked > QUIET * MILLION) {
        long bytes = beans.getTotalThreadAllocatedBytes() - allocated;
        boolean objects = bytes > (long) FEW_BYTES * calls;
        long compiledBefore = compiled;
        compiled = Compiler.millis();
        boolean compiling = compiled - compiledBefore > QUIET / 50 || Compiler.busy();
        asked = now;
        allocated = beans.getTotalThreadAllocatedBytes(); // without what the question took
        calls = 0;
        int most = objects ? ALLOCATING : compiling ? COMPILING : 0;
        if (now - start >= most * least) {
          long millis = (now - start) / MILLION;
          System.out.println("\n# warmed up " + part + ": " + i + " calls, " + millis + " ms");
          if (objects || compiling) {
            noteCold(
                (objects ? "calls allocate" : "the JVM compiles") + ", after " + millis + " ms");
          }
          return;
        }
      }
    }
  }

  /** The warm-up ended all the same: the results tell so. */
  private void noteCold(String why) {
    for (int n : turns) {
      System.out.println("# cold " + part + " " + n + " " + why);
    }
  }

  /** Prints what a call of this part allocates. */
  private void end() {
    for (int i = 0; i < turns.length && part >= 0; i++) {
      use(i);
      // JMH has begun a line
      System.out.println("\n# allocated " + part + " " + turns[i] + " " + allocated());
    }
  }

  /** Ends the last part, and the threads. */
  @TearDown(Level.Trial)
  public void stop() {
    end();
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
    call(); // with another number of threads, a network makes itself ready once
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

  /** Counts a call. */
  final void count(Counters counters, double flops, double bytes) {
    counters.add(flops, bytes);
    counters.limit = limitNow;
  }

  final Arm arm() {
    return Arm.of(arm);
  }

  /** {@return what bounds these kernels; it is measured before each iteration, if not null} */
  abstract Limit limit();

  /** Makes what is to be timed. */
  abstract void prepare();

  /** Computes once with {@link #workspace}. */
  abstract void call();

  /** Computes once with {@link #workspace} and checks the results. */
  abstract void verify();
}
