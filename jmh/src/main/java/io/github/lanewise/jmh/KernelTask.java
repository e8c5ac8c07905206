package io.github.lanewise.jmh;

import io.github.lanewise.kernel.Workspace;
import java.util.function.Consumer;

/** A kernel, put together from lambdas. */
record KernelTask(double flops, double bytes, Consumer<Workspace> kernel, Runnable check)
    implements Task {
  /**
   * A task that memory bounds.
   *
   * @param values floats and ints that a call reads and writes at least, those in place twice
   */
  static Task of(long values, Consumer<Workspace> kernel, Runnable check) {
    return new KernelTask(0, 4.0 * values, kernel, check);
  }

  @Override
  public void run(Workspace workspace) {
    kernel.accept(workspace);
  }

  @Override
  public void verify() {
    check.run();
  }
}
