package io.github.lanewise.kernel;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * What one caller lends to the operations it calls: scratch memory, which grows to the largest need
 * and is then reused, and the threads to run on.
 *
 * <p>One workspace serves any number of plans, one call at a time; threads that call at the same
 * time need a workspace each. A call that finds its workspace in use is refused with {@link
 * IllegalStateException}, and so is {@link #reserve}; the call that uses it is not disturbed. Plans
 * themselves are immutable and may be shared. Results never depend on what a workspace held before.
 */
public final class Workspace {
  private static final float[] NONE = new float[0];
  private static final int SPINS = 20_000;
  private static final long NAP_NANOS = 50_000;

  /** How long a helper waits for the next kernel. */
  private static final long LINGER_NANOS = 200_000;

  private final Parallelism parallelism;
  private final Helper[] helpers;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final Operands operands = new Operands();
  private final Arguments arguments = new Arguments(this);

  /**
   * Tasks not yet claimed: the first in the lower half, one past the last in the upper half. The
   * caller and every second helper claim from the front, the others from the back: so a thread
   * meets about the same part of a batch in each kernel, and finds it in its cache.
   */
  private final AtomicLong unclaimed = new AtomicLong();

  /** Tasks not yet finished. */
  private final AtomicInteger unfinished = new AtomicInteger();

  // written before `unclaimed` is set, read after a claim
  private Kernel kernel;
  private int own;
  private long perTask;
  private Thread caller;

  private volatile Throwable failure;
  private float[] memory = NONE;

  /** A workspace whose operations run in the calling thread. */
  public Workspace() {
    this(Parallelism.SEQUENTIAL);
  }

  /**
   * A workspace whose operations may use other threads too.
   *
   * @param parallelism the executor and how many threads to use
   * @throws IllegalArgumentException if it is {@code null}
   */
  public Workspace(Parallelism parallelism) {
    this.parallelism = Checks.present("parallelism", parallelism);
    helpers = new Helper[parallelism.width() - 1];
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = new Helper(i + 1);
    }
  }

  /** {@return the threads that operations called with this workspace may use} */
  public Parallelism parallelism() {
    return parallelism;
  }

  /** {@return floats of scratch memory held now} */
  public int size() {
    return memory.length;
  }

  /**
   * Grows the scratch memory to so many floats, so that later calls with this need do not allocate.
   *
   * <p>Without this call it grows by itself when an operation runs. From 128 KB on it then becomes
   * so large that the garbage collector G1 aligns it, up to a four-thousandth part of the heap or
   * so.
   *
   * @param floats the need, as a plan's {@code workspaceSize} tells
   * @throws IllegalArgumentException if that is more than a Java array holds
   * @throws IllegalStateException if another call uses the workspace
   */
  public void reserve(long floats) {
    claim();
    try {
      grow(floats);
    } finally {
      release();
    }
  }

  private void grow(long floats) {
    if (floats > memory.length) {
      if (floats > Integer.MAX_VALUE - 16) {
        throw new IllegalArgumentException(
            "the operation needs a workspace of " + floats + " floats, more than an array holds");
      }
      memory = NONE; // so that the old one need not be held beside the new one
      memory = new float[(int) floats];
    }
  }

  /** Floats that {@code kernels} need when {@code width} threads work. */
  static long need(Kernel[] kernels, int width) {
    long shared = 0;
    long own = 0;
    for (Kernel kernel : kernels) {
      shared = Math.max(shared, kernel.sharedScratch());
      own = Math.max(own, kernel.taskScratch());
    }
    long floats = CacheLine.up(shared) + CacheLine.up(own) * width;
    return floats == 0 ? 0 : CacheLine.FIRST + floats;
  }

  /**
   * Claims the workspace for one call, which lists its arrays, fills the operands, and calls {@link
   * #run}. Only {@link Arguments} may throw in between, as it releases the workspace.
   */
  static Arguments begin(Workspace workspace) {
    Checks.present("workspace", workspace).claim();
    return workspace.arguments;
  }

  private void claim() {
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "this workspace is in use by another call; threads that call at the same time need a"
              + " workspace each");
    }
  }

  /** Ends a call, or one that was refused. */
  void release() {
    arguments.clear();
    operands.clear();
    busy.set(false);
  }

  /** What the call that claimed the workspace fills. */
  Operands operands() {
    return operands;
  }

  /**
   * Runs the kernels one after the other and releases the workspace.
   *
   * @return what they left in {@link Operands#sum}
   */
  double run(Kernel[] kernels) {
    try {
      long need = need(kernels, parallelism.width());
      if (need > memory.length) {
        grow(CacheLine.aligned(need));
      }
      long sharedSize = 0;
      for (Kernel k : kernels) {
        sharedSize = Math.max(sharedSize, k.sharedScratch());
      }
      int ownAt = Math.toIntExact(CacheLine.FIRST + CacheLine.up(sharedSize));
      for (Kernel k : kernels) {
        int tasks = k.tasks();
        if (helpers.length == 0 || tasks < 2) {
          for (int task = 0; task < tasks; task++) {
            k.run(task, operands, memory, CacheLine.FIRST, ownAt);
          }
        } else {
          runInParallel(k, tasks, ownAt);
        }
      }
      return operands.sum;
    } finally {
      release();
    }
  }

  private void runInParallel(Kernel k, int tasks, int ownAt) {
    failure = null;
    kernel = k;
    own = ownAt;
    perTask = CacheLine.up(k.taskScratch());
    unfinished.set(tasks);
    caller = Thread.currentThread();
    unclaimed.set(range(0, tasks));
    engageHelpers(Math.min(helpers.length, tasks - 1));
    work(0);
    for (int spins = 0; unfinished.get() > 0; spins++) {
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(NAP_NANOS);
      }
    }
    kernel = null;
    throwFailure();
  }

  /**
   * Hands helpers to the executor as long as it takes them; without them the caller does it all. An
   * executor that fails in another way than by refusal has its exception thrown when all is done:
   * helpers that it took before may be at work.
   */
  private void engageHelpers(int wanted) {
    try {
      for (int i = 0; i < wanted; i++) {
        helpers[i].engage();
      }
    } catch (RejectedExecutionException e) {
      // a full or closed executor is no mistake
    } catch (Throwable e) { // also one that the executor did not declare
      failure = e;
    }
  }

  private void throwFailure() {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException("the executor failed", e);
    }
  }

  /** Claims and runs tasks until none is left; {@code slot} tells whose scratch memory to use. */
  private void work(int slot) {
    long claimed;
    while (!isEmpty(claimed = claim(slot))) {
      Kernel k = kernel;
      int first = (int) claimed;
      int end = (int) (claimed >>> 32);
      try {
        for (int task = first; task < end; task++) {
          k.run(task, operands, memory, CacheLine.FIRST, (int) (own + slot * perTask));
        }
      } catch (RuntimeException | Error e) {
        failure = e;
      } finally {
        unfinished.addAndGet(first - end);
      }
    }
  }

  /**
   * Tasks that nobody else gets, or an empty range if there are none: many at first, as threads
   * that claim at the same time hold each other up, and in the end one at a time, so that all end
   * at about the same time.
   */
  private long claim(int slot) {
    while (true) {
      long range = unclaimed.get();
      if (isEmpty(range)) {
        return range;
      }
      int first = (int) range;
      int end = (int) (range >>> 32);
      int many = Math.max(1, (end - first) / (4 * (helpers.length + 1)));
      boolean front = slot % 2 == 0;
      long left = front ? range(first + many, end) : range(first, end - many);
      if (unclaimed.compareAndSet(range, left)) {
        return front ? range(first, first + many) : range(end - many, end);
      }
    }
  }

  private static long range(int first, int end) {
    return (long) end << 32 | first;
  }

  private static boolean isEmpty(long range) {
    return (int) range >= (int) (range >>> 32);
  }

  /**
   * What goes to the executor; made once, so that a parallel call allocates nothing here.
   *
   * <p>Out of work, it waits a little for the next kernel: to wake a thread takes as long as many a
   * kernel.
   */
  private final class Helper implements Runnable {
    private static final int IDLE = 0;
    private static final int HANDED_OVER = 1;
    private static final int RUNNING = 2;

    private final int slot;

    private final AtomicInteger state = new AtomicInteger(IDLE);

    Helper(int slot) {
      this.slot = slot;
    }

    /** Hands it to the executor if it is not there already. */
    void engage() {
      if (state.compareAndSet(IDLE, HANDED_OVER)) {
        try {
          parallelism.executor().execute(this);
        } catch (Throwable e) {
          state.compareAndSet(HANDED_OVER, IDLE);
          throw e;
        }
      }
    }

    @Override
    public void run() {
      // an executor that failed may have kept it all the same: it has one thread's scratch memory
      if (!state.compareAndSet(HANDED_OVER, RUNNING)) {
        return;
      }
      do {
        do {
          work(slot);
        } while (moreCame());
        state.set(IDLE);
        // a kernel that began just now took this helper for engaged
      } while (!isEmpty(unclaimed.get()) && state.compareAndSet(IDLE, RUNNING));
    }

    private boolean moreCame() {
      if (Thread.currentThread() == caller) {
        return false; // an executor that runs what it is given at once
      }
      long start = System.nanoTime();
      do {
        for (int spins = 0; spins < 50; spins++) {
          if (!isEmpty(unclaimed.get())) {
            return true;
          }
          Thread.onSpinWait();
        }
      } while (System.nanoTime() - start < LINGER_NANOS);
      return false;
    }
  }
}
