package io.github.lanewise.jmh;

import io.github.lanewise.kernel.BinaryCrossEntropyWithLogits;
import io.github.lanewise.kernel.CrossEntropy;
import io.github.lanewise.kernel.RegressionLoss;
import io.github.lanewise.kernel.Softmax;
import io.github.lanewise.kernel.Workspace;
import java.util.function.IntToDoubleFunction;
import org.openjdk.jmh.annotations.Param;

/** Losses, each together with its gradient, and softmax. */
public class LossBenchmark extends TaskBenchmark {
  private static final int CLASSES = 16;

  /** The loss. */
  @Param({"mse", "l1", "smoothL1", "crossEntropy", "bceWithLogits", "softmax", "softmax.backward"})
  public String kernel;

  /** Elements of the input: in the cache, and out of all caches; 16 classes. */
  @Param({"2048", "16777216"})
  public int size;

  @Override
  Limit limit() {
    return Limit.COPY;
  }

  @Override
  Task task() {
    return switch (kernel) {
      case "mse" -> regression(RegressionLoss.mseLoss(size), d -> d * d, d -> 2 * d);
      case "l1" -> regression(RegressionLoss.l1Loss(size), Math::abs, Math::signum);
      case "smoothL1" ->
          regression(
              RegressionLoss.smoothL1Loss(size, 1),
              d -> Math.abs(d) < 1 ? d * d / 2 : Math.abs(d) - 0.5,
              d -> Math.clamp(d, -1, 1));
      case "crossEntropy" -> crossEntropy();
      case "bceWithLogits" -> binaryCrossEntropy();
      case "softmax", "softmax.backward" -> softmax();
      default -> throw new IllegalArgumentException("kernel is \"" + kernel + "\"");
    };
  }

  private interface Function {
    double of(double x);
  }

  private Task regression(RegressionLoss.Builder builder, Function loss, Function gradient) {
    RegressionLoss plan = builder.build();
    System.out.println("# " + kernel + ": " + plan.describe());
    float[] input = Sample.uniform(size, 1);
    float[] target = Sample.uniform(size, 2);
    float[] output = new float[1];
    float[] gradInput = new float[size];
    return KernelTask.of(
        3L * size,
        () -> Sample.clear(output, gradInput),
        workspace -> plan.forwardBackward(input, target, null, output, gradInput, workspace),
        () ->
            check(
                output,
                size,
                i -> loss.of((double) input[i] - target[i]),
                gradInput,
                i -> gradient.of((double) input[i] - target[i])));
  }

  private Task binaryCrossEntropy() {
    BinaryCrossEntropyWithLogits plan =
        BinaryCrossEntropyWithLogits.of(size / CLASSES, CLASSES).build();
    System.out.println("# " + kernel + ": " + plan.describe());
    float[] input = Sample.uniform(size, 1);
    float[] target = Sample.uniform(size, 2);
    for (int i = 0; i < size; i++) {
      target[i] = Math.abs(target[i]);
    }
    float[] output = new float[1];
    float[] gradInput = new float[size];
    return KernelTask.of(
        3L * size,
        () -> Sample.clear(output, gradInput),
        workspace ->
            plan.forwardBackward(input, target, null, null, null, output, gradInput, workspace),
        () ->
            check(
                output,
                size,
                i -> Math.log1p(Math.exp(input[i])) - (double) input[i] * target[i],
                gradInput,
                i -> 1 / (1 + Math.exp(-input[i])) - target[i]));
  }

  private Task crossEntropy() {
    int batch = size / CLASSES;
    CrossEntropy plan = CrossEntropy.of(batch, CLASSES, 1).build();
    System.out.println("# " + kernel + ": " + plan.describe());
    float[] input = Sample.uniform(size, 1);
    int[] target = new int[batch];
    for (int i = 0; i < batch; i++) {
      target[i] = i * 7 % CLASSES;
    }
    float[] output = new float[1];
    float[] gradInput = new float[size];
    return KernelTask.of(
        2L * size + batch,
        () -> Sample.clear(output, gradInput),
        workspace ->
            plan.forwardBackward(
                input, 0, target, 0, null, 0, null, 0, output, 0, gradInput, 0, workspace),
        () ->
            check(
                output,
                batch,
                i -> -Math.log(probability(input, i * CLASSES + target[i])),
                gradInput,
                i -> probability(input, i) - (target[i / CLASSES] == i % CLASSES ? 1 : 0)));
  }

  private Task softmax() {
    Softmax plan = Softmax.softmax(size / CLASSES, CLASSES, 1);
    System.out.println("# " + kernel + ": " + plan.describe());
    float[] input = Sample.uniform(size, 1);
    float[] output = new float[size];
    if (kernel.endsWith(".backward")) {
      plan.forward(input, output, new Workspace());
      float[] gradOutput = Sample.uniform(size, 2);
      float[] gradInput = new float[size];
      return KernelTask.of(
          3L * size,
          () -> Sample.clear(gradInput),
          workspace -> plan.backward(output, gradOutput, gradInput, workspace),
          () ->
              Sample.verify(
                  kernel,
                  gradInput,
                  size,
                  i -> output[i] * (gradOutput[i] - meanGradient(output, gradOutput, i)),
                  1e-6));
    }
    return KernelTask.of(
        2L * size,
        () -> Sample.clear(output),
        workspace -> plan.forward(input, output, workspace),
        () -> Sample.verify(kernel, output, size, i -> probability(input, i), 1e-6));
  }

  /** {@return the mean of the gradients in the row of an index, weighted by the probabilities} */
  private static double meanGradient(float[] output, float[] gradOutput, int index) {
    int row = index / CLASSES * CLASSES;
    double sum = 0;
    for (int i = row; i < row + CLASSES; i++) {
      sum += (double) output[i] * gradOutput[i];
    }
    return sum;
  }

  private static double probability(float[] input, int index) {
    int row = index / CLASSES * CLASSES;
    double sum = 0;
    for (int i = row; i < row + CLASSES; i++) {
      sum += Math.exp(input[i]);
    }
    return Math.exp(input[index]) / sum;
  }

  /** Checks a mean over {@code terms}, and the gradients times their number. */
  private void check(
      float[] output,
      int terms,
      IntToDoubleFunction loss,
      float[] gradInput,
      IntToDoubleFunction gradient) {
    double sum = 0;
    for (int i = 0; i < terms; i++) {
      sum += loss.applyAsDouble(i);
    }
    double mean = sum / terms;
    Sample.verify(kernel, output, 1, i -> mean, 1e-5);
    float[] scaled = new float[size];
    for (int i = 0; i < size; i++) {
      scaled[i] = gradInput[i] * terms;
    }
    Sample.verify(kernel + " grad_input", scaled, size, gradient, 1e-5);
  }
}
