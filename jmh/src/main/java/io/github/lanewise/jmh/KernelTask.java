package io.github.lanewise.jmh;

import io.github.lanewise.kernel.Workspace;
import java.util.function.Consumer;

/**
 * A kernel, put together from lambdas.
 *
 * @param clear fills the results with what is none, so that a check finds what a call leaves out
 * @param check compares what a call after that wrote with the formula
 */
record KernelTask(
    double flops, double bytes, Runnable clear, Consumer<Workspace> kernel, Runnable check)
    implements Task {
  /**
   * A task that memory bounds.
   *
   * @param values floats and ints that a call reads and writes at least, those in place twice
   */
  static Task of(long values, Runnable clear, Consumer<Workspace> kernel, Runnable check) {
    return new KernelTask(0, 4.0 * values, clear, kernel, check);
  }

  @Override
  public void run(Workspace workspace) {
    kernel.accept(workspace);
  }

  @Override
  public void verify(Workspace workspace) {
    clear.run();
    kernel.accept(workspace);
    check.run();
  }
}
