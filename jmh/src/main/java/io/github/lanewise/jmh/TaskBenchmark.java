package io.github.lanewise.jmh;

import org.openjdk.jmh.annotations.Benchmark;

/** Times one task. */
public abstract class TaskBenchmark extends ThreadedBenchmark {
  private Task task;
  private double flops;
  private double bytes;

  /** {@return the task that the parameters name} */
  abstract Task task();

  @Override
  final void prepare() {
    task = task();
    flops = task.flops();
    bytes = task.bytes();
  }

  @Override
  final void call() {
    task.run(workspace);
  }

  @Override
  final void verify() {
    task.verify(workspace);
  }

  /** One call. */
  @Benchmark
  public void run(Counters counters) {
    task.run(workspace);
    count(counters, flops, bytes);
  }
}
