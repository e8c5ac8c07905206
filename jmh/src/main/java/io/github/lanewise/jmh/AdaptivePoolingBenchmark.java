package io.github.lanewise.jmh;

import io.github.lanewise.jmh.Windows.Axis;
import io.github.lanewise.kernel.AdaptiveAveragePooling;
import io.github.lanewise.kernel.AdaptiveMaxPooling;
import io.github.lanewise.kernel.Workspace;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Param;

/** Adaptive pooling: the size of the output is given, windows follow from it and may overlap. */
public class AdaptivePoolingBenchmark extends TaskBenchmark {
  /** The pass. */
  @Param({
    "adaptiveAvgPool",
    "adaptiveAvgPool.backward",
    "adaptiveMaxPool",
    "adaptiveMaxPool.backward"
  })
  public String kernel;

  /**
   * {@code batch x channels x height x width, output height and width}. The last is out of all
   * caches.
   */
  @Param({"4x16x30x30o7", "100x512x7x7o1", "100x64x64x64o7"})
  public String shape;

  private int batch;
  private int channels;
  private int height;
  private int width;
  private int outputSize;
  private Windows windows;

  @Override
  Limit limit() {
    return Limit.COPY;
  }

  @Override
  Task task() {
    String[] f = shape.split("[xo]");
    batch = Integer.parseInt(f[0]);
    channels = Integer.parseInt(f[1]);
    height = Integer.parseInt(f[2]);
    width = Integer.parseInt(f[3]);
    outputSize = Integer.parseInt(f[4]);
    windows = new Windows(Axis.adaptive(height, outputSize), Axis.adaptive(width, outputSize));
    return kernel.startsWith("adaptiveAvg") ? averagePooling() : maxPooling();
  }

  private Task averagePooling() {
    AdaptiveAveragePooling plan =
        AdaptiveAveragePooling.adaptiveAvgPool2d(batch, channels, height, width, outputSize)
            .build();
    System.out.println("# " + kernel + ": " + plan.describe());
    float[] input = Sample.uniform(plan.inputSize(), 1);
    float[] output = Sample.uniform(plan.outputSize(), 2);
    long values = (long) input.length + output.length;
    if (kernel.endsWith(".backward")) {
      return KernelTask.of(
          values,
          () -> Sample.clear(input),
          workspace -> plan.backward(output, input, workspace),
          () -> {
            double[] expected = new double[input.length];
            for (int i = 0; i < output.length; i++) {
              double gradient = (double) output[i] / windows.elements(i);
              windows.visit(i, j -> expected[j] += gradient);
            }
            Sample.verify(kernel, input, input.length, i -> expected[i], 1e-6);
          });
    }
    return KernelTask.of(
        values,
        () -> Sample.clear(output),
        workspace -> plan.forward(input, output, workspace),
        () ->
            Sample.verify(
                kernel,
                output,
                output.length,
                i -> windows.sum(input, i) / windows.elements(i),
                1e-5));
  }

  private Task maxPooling() {
    AdaptiveMaxPooling plan =
        AdaptiveMaxPooling.adaptiveMaxPool2d(batch, channels, height, width, outputSize).build();
    System.out.println("# " + kernel + ": " + plan.describe());
    float[] input = Sample.uniform(plan.inputSize(), 1);
    float[] output = new float[plan.outputSize()];
    int[] indices = new int[output.length];
    int plane = height * width;
    int outPlane = outputSize * outputSize;
    long values = input.length + 2L * output.length;
    if (kernel.endsWith(".backward")) {
      plan.forward(input, output, indices, new Workspace());
      return KernelTask.of(
          values,
          () -> Sample.clear(input),
          workspace -> plan.backward(output, indices, input, workspace),
          () -> {
            double[] expected = new double[input.length];
            for (int i = 0; i < output.length; i++) {
              expected[i / outPlane * plane + indices[i]] += output[i];
            }
            Sample.verify(kernel, input, input.length, i -> expected[i], 1e-6);
          });
    }
    return KernelTask.of(
        values,
        () -> {
          Sample.clear(output);
          Arrays.fill(indices, Integer.MIN_VALUE);
        },
        workspace -> plan.forward(input, output, indices, workspace),
        () -> {
          Sample.verify(kernel, output, output.length, i -> windows.largest(input, i), 0);
          Sample.verify(
              "its index", output, output.length, i -> input[i / outPlane * plane + indices[i]], 0);
        });
  }
}
