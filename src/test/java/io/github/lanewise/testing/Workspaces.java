package io.github.lanewise.testing;

import io.github.lanewise.kernel.Parallelism;
import io.github.lanewise.kernel.Workspace;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Workspaces with real threads, and with garbage in their memory. */
public final class Workspaces {
  private static final ExecutorService THREADS =
      Executors.newFixedThreadPool(
          4,
          task -> {
            Thread thread = new Thread(task, "test-worker");
            thread.setDaemon(true);
            return thread;
          });

  private Workspaces() {}

  /** Up to {@code width} threads of a real executor. */
  public static Parallelism threads(int width) {
    return width == 1 ? Parallelism.SEQUENTIAL : Parallelism.of(THREADS, width);
  }

  /** A workspace of {@code floats} elements that all hold {@code garbage}. */
  public static Workspace filled(long floats, float garbage, Parallelism parallelism) {
    Workspace workspace = new Workspace(parallelism);
    workspace.reserve(floats);
    try {
      // no public way leads to this memory, and none should
      Field memory = Workspace.class.getDeclaredField("memory");
      memory.setAccessible(true);
      Arrays.fill((float[]) memory.get(workspace), garbage);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
    return workspace;
  }
}
