package io.github.lanewise.jmh;

import io.github.lanewise.kernel.AdamUpdate;
import io.github.lanewise.kernel.SgdUpdate;
import io.github.lanewise.kernel.Workspace;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Param;

/** Steps of the optimisers. */
public class OptimizerBenchmark extends TaskBenchmark {
  /** The optimiser. */
  @Param({"adam", "sgd", "sgd.momentum"})
  public String kernel;

  /** Parameters: in the cache, and out of all caches. */
  @Param({"1024", "16777216"})
  public int size;

  @Override
  Limit limit() {
    return Limit.COPY;
  }

  @Override
  Task task() {
    return switch (kernel) {
      case "adam" -> adam();
      case "sgd" -> sgd(0);
      case "sgd.momentum" -> sgd(0.9);
      default -> throw new IllegalArgumentException("kernel is \"" + kernel + "\"");
    };
  }

  private Task adam() {
    AdamUpdate plan = AdamUpdate.adam(size).lr(1e-3).build();
    System.out.println("# " + kernel + ": " + plan.describe());
    float[] param = Sample.uniform(size, 1);
    float[] grad = Sample.uniform(size, 2);
    float[] first = new float[size];
    float[] second = new float[size];
    checkFirstStep(
        workspace -> plan.update(param, grad, first, second, null, 1, workspace),
        param,
        // at the first step the corrected moments are the gradient and its square
        i -> -1e-3 * grad[i] / (Math.abs(grad[i]) + 1e-8));
    long[] step = {1};
    return KernelTask.of(
        7L * size,
        workspace -> plan.update(param, grad, first, second, null, ++step[0], workspace),
        () -> {});
  }

  private Task sgd(double momentum) {
    SgdUpdate plan = SgdUpdate.sgd(size).lr(1e-3).momentum(momentum).build();
    System.out.println("# " + kernel + ": " + plan.describe());
    float[] param = Sample.uniform(size, 1);
    float[] grad = Sample.uniform(size, 2);
    float[] buffer = momentum > 0 ? new float[size] : null;
    checkFirstStep(
        workspace -> plan.update(param, grad, buffer, 1, workspace), param, i -> -1e-3 * grad[i]);
    return KernelTask.of(
        (momentum > 0 ? 5L : 3L) * size,
        workspace -> plan.update(param, grad, buffer, 2, workspace),
        () -> {});
  }

  private interface Change {
    double of(int index);
  }

  /** The only step whose outcome follows from the gradient alone. */
  private void checkFirstStep(Consumer<Workspace> update, float[] param, Change change) {
    float[] before = param.clone();
    update.accept(new Workspace());
    Sample.verify(kernel, param, size, i -> before[i] + change.of(i), 1e-6);
  }
}
