package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.testing.Workspaces;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WorkspaceTest {
  /** Counts how often each task is run; the task {@code failing} fails. */
  private static class Counting implements Kernel {
    final AtomicIntegerArray runs;
    final int failing;

    Counting(int tasks, int failing) {
      runs = new AtomicIntegerArray(tasks);
      this.failing = failing;
    }

    @Override
    public int tasks() {
      return runs.length();
    }

    @Override
    public long sharedScratch() {
      return 3;
    }

    @Override
    public long taskScratch() {
      return 5;
    }

    @Override
    public void run(int task, Operands operands, float[] scratch, int shared, int own) {
      assertEquals(12, shared, "the beginning of a cache line");
      assertEquals(12, own % 16, "the beginning of a cache line");
      assertTrue(own > 12 + 3);
      scratch[own + 4] = task; // within what was asked for
      runs.incrementAndGet(task);
      if (task == failing) {
        throw new ArithmeticException("task " + task);
      }
    }

    int done() {
      return IntStream.range(0, runs.length()).map(runs::get).sum();
    }

    void assertEachRanOnce() {
      for (int task = 0; task < runs.length(); task++) {
        assertEquals(1, runs.get(task), "task " + task);
      }
    }
  }

  private static void run(Workspace workspace, Kernel kernel) {
    Workspace.begin(workspace).operands();
    workspace.run(new Kernel[] {kernel});
  }

  @Test
  void eachTaskRunsOnceWhateverTheThreads() {
    for (int width = 1; width <= 4; width++) {
      Workspace workspace = new Workspace(Workspaces.threads(width));
      for (int tasks : new int[] {0, 1, 2, 3, 100}) {
        Counting kernel = new Counting(tasks, -1);
        run(workspace, kernel);
        kernel.assertEachRanOnce();
      }
      assertEquals(12 + 16 + 16 * width, workspace.size(), "whole cache lines");
    }
  }

  @Test
  void onlyAsManyHelpersAreAskedForAsHaveATask() {
    List<Runnable> asked = new ArrayList<>();
    Parallelism parallelism = Parallelism.of(asked::add, 4);
    Workspace workspace = new Workspace(parallelism);
    assertSame(parallelism, workspace.parallelism());
    for (int tasks : new int[] {0, 1, 2, 3, 4, 100}) {
      asked.clear();
      Counting kernel = new Counting(tasks, -1);
      run(workspace, kernel); // no helper ever comes
      kernel.assertEachRanOnce();
      assertEquals(Math.clamp(tasks - 1, 0, 3), asked.size(), tasks + " tasks");
      asked.forEach(Runnable::run); // too late: nothing is left
      kernel.assertEachRanOnce();
    }
  }

  /** A helper that was handed over and has not come yet serves later kernels too. */
  @Test
  void aHelperIsNotAskedForTwice() {
    List<Runnable> asked = new ArrayList<>();
    Workspace workspace = new Workspace(Parallelism.of(asked::add, 3));
    for (int i = 0; i < 5; i++) {
      run(workspace, new Counting(10, -1));
    }
    assertEquals(2, asked.size());
    asked.forEach(Runnable::run);
    run(workspace, new Counting(10, -1));
    assertEquals(4, asked.size(), "once they left they are asked for again");
  }

  @Test
  void anExecutorMayRunInTheCallingThread() {
    Workspace workspace = new Workspace(Parallelism.of(Runnable::run, 3));
    for (int i = 0; i < 3; i++) {
      Counting kernel = new Counting(10, -1);
      run(workspace, kernel);
      kernel.assertEachRanOnce();
    }
  }

  @Test
  void anExecutorMayRefuse() {
    Parallelism parallelism =
        Parallelism.of(
            task -> {
              throw new RejectedExecutionException();
            },
            3);
    Counting kernel = new Counting(10, -1);
    run(new Workspace(parallelism), kernel);
    kernel.assertEachRanOnce();
  }

  /**
   * Takes the first helper, runs it in a thread of its own, and throws at the second; helpers that
   * it was given before go on for a while. From then on it takes all.
   */
  @ParameterizedTest
  @MethodSource("failures")
  void anExecutorMayFail(Throwable failure) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch failed = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    Executor executor =
        helper -> {
          if (asked.incrementAndGet() == 2) {
            await(begun); // the first helper is within a task
            failed.countDown();
            sneak(failure);
          }
          Thread thread = new Thread(helper);
          threads.add(thread);
          thread.start();
        };
    Workspace workspace = new Workspace(Parallelism.of(executor, 4));
    Counting slow =
        new Counting(40, -1) {
          @Override
          public void run(int task, Operands operands, float[] scratch, int shared, int own) {
            begun.countDown();
            await(failed);
            LockSupport.parkNanos(1_000_000); // longer than it takes to throw
            super.run(task, operands, scratch, shared, own);
          }
        };
    Throwable thrown = assertThrows(Throwable.class, () -> run(workspace, slow));
    boolean unchecked = failure instanceof RuntimeException || failure instanceof Error;
    assertSame(failure, unchecked ? thrown : thrown.getCause());
    slow.assertEachRanOnce(); // no helper is left at work
    assertEquals(2, asked.get(), "the rest is not tried");
    for (Thread thread : threads) {
      thread.join();
    }
    Counting kernel = new Counting(40, -1);
    run(workspace, kernel);
    kernel.assertEachRanOnce();
    assertEquals(5, asked.get(), "all three are asked again");
    for (Thread thread : threads) {
      thread.join();
    }
  }

  static Stream<Throwable> failures() {
    return Stream.of(
        new InternalError("no thread, as of an OutOfMemoryError, which JUnit would not survive"),
        new IllegalStateException("closed"),
        new IOException("undeclared"));
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable failure) throws T {
    throw (T) failure;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(10, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Two threads with one helper would share its scratch memory. */
  @Test
  void aHelperThatAFailingExecutorKeptRunsOnceAtATime() {
    List<Runnable> kept = new ArrayList<>();
    Executor executor =
        helper -> {
          kept.add(helper);
          if (kept.size() == 1) {
            throw new IllegalStateException("but it is in the queue");
          }
        };
    Workspace workspace = new Workspace(Parallelism.of(executor, 2));
    assertThrows(IllegalStateException.class, () -> run(workspace, new Counting(4, -1)));
    Thread caller = Thread.currentThread();
    CountDownLatch helping = new CountDownLatch(1);
    CountDownLatch cameTwice = new CountDownLatch(1);
    Counting kernel =
        new Counting(40, -1) {
          @Override
          public void run(int task, Operands operands, float[] scratch, int shared, int own) {
            super.run(task, operands, scratch, shared, own);
            if (Thread.currentThread() != caller) {
              helping.countDown();
              await(cameTwice);
            } else if (cameTwice.getCount() > 0) {
              new Thread(kept.get(0)).start();
              await(helping);
              int before = done();
              kept.get(1).run();
              assertEquals(before, done(), "tasks run with memory that another thread uses");
              cameTwice.countDown();
            }
          }
        };
    run(workspace, kernel);
    kernel.assertEachRanOnce();
  }

  @Test
  void afterAFailureTheWorkspaceServesAgain() {
    for (int width = 1; width <= 3; width++) {
      Workspace workspace = new Workspace(Workspaces.threads(width));
      String message =
          assertThrows(ArithmeticException.class, () -> run(workspace, new Counting(10, 4)))
              .getMessage();
      assertEquals("task 4", message);
      Counting kernel = new Counting(10, -1);
      run(workspace, kernel);
      kernel.assertEachRanOnce();
    }
  }

  @Test
  void oneCallAtATime() {
    Workspace workspace = new Workspace();
    workspace.reserve(7);
    Operands operands = Workspace.begin(workspace).operands();
    operands.input = new float[1];
    assertInUse(() -> Workspace.begin(workspace));
    assertInUse(() -> workspace.reserve(9));
    assertEquals(7, workspace.size(), "the running call's memory is left alone");
    assertNotNull(operands.input, "and so are its arrays");
    workspace.run(new Kernel[0]);
    assertNull(operands.input, "the arrays of a call are forgotten");
    workspace.reserve(9);
    run(workspace, new Counting(3, -1));
  }

  private static void assertInUse(Executable call) {
    String message = assertThrows(IllegalStateException.class, call).getMessage();
    assertTrue(message.startsWith("this workspace is in use by another call"), message);
  }

  /** Another call's arrays are not mixed up with those of a call that still checks its own. */
  @Test
  void aCallHasTheWorkspaceBeforeItsArraysAreChecked() {
    Workspace workspace = new Workspace();
    float[] array = new float[4];
    Arguments arguments = Workspace.begin(workspace).reads("input", array, 0, 4);
    assertInUse(() -> Activation.relu(1).forward(new float[1], new float[1], workspace));
    assertThrows(IllegalArgumentException.class, () -> arguments.writes("output", array, 0, 4));
    run(workspace, new Counting(3, -1)); // released
  }

  /** The sum of one call, where the next one begins the moment it ends. */
  @Test
  void aResultIsReadBeforeTheWorkspaceIsReleased() {
    Workspace workspace = new Workspace();
    Workspace.begin(workspace).operands().sum = 3;
    assertEquals(3, workspace.run(new Kernel[0]));
  }

  @Test
  void memoryGrowsToTheLargestNeed() {
    Workspace workspace = new Workspace();
    assertEquals(0, workspace.size());
    workspace.reserve(7);
    workspace.reserve(3);
    assertEquals(7, workspace.size());
    assertThrows(IllegalArgumentException.class, () -> workspace.reserve(1L << 31));
    assertEquals(7, workspace.size());
  }

  @Test
  void aParallelismHasOneToManyThreads() {
    assertEquals(1, Parallelism.of(Runnable::run, 1).width());
    assertEquals(1024, Parallelism.of(Runnable::run, 1024).width());
    for (int width : new int[] {-1, 0, 1025}) {
      assertThrows(IllegalArgumentException.class, () -> Parallelism.of(Runnable::run, width));
    }
  }
}
