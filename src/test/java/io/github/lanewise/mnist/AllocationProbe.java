package io.github.lanewise.mnist;

import com.sun.management.ThreadMXBean;
import io.github.lanewise.data.BuiltInDigits;
import io.github.lanewise.kernel.Workspace;
import java.lang.management.ManagementFactory;

/** Prints the fewest bytes that a training step of a model allocates, from the second one on. */
final class AllocationProbe {
  private AllocationProbe() {}

  /** The model, and how many bytes are few enough to stop. */
  public static void main(String[] args) {
    Model model = Model.valueOf(args[0]);
    long few = Long.parseLong(args[1]);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().threadId();
    long[] before = {0};
    long[] least = {Long.MAX_VALUE};
    // vectors are objects until the JVM has compiled the kernels, and it takes its time for that
    long deadline = System.nanoTime() + 120_000_000_000L;
    Trainer.Settings settings = new Trainer.Settings(model, 1_000_000, 2, 1e-3, 0, 0, 0);
    try {
      new Trainer(settings, new Workspace())
          .train(
              new BuiltInDigits(200, 0),
              (step, epoch, i, loss, millis) -> {
                long now = threads.getThreadAllocatedBytes(thread);
                least[0] = Math.min(least[0], step > 1 ? now - before[0] : Long.MAX_VALUE);
                if (least[0] <= few || System.nanoTime() > deadline) {
                  throw new Enough();
                }
                before[0] = threads.getThreadAllocatedBytes(thread);
              });
    } catch (Enough e) {
      System.out.println(least[0]);
    }
  }

  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1;
  }
}
