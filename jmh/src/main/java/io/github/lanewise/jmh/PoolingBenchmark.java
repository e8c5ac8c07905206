package io.github.lanewise.jmh;

import io.github.lanewise.kernel.AveragePooling;
import io.github.lanewise.kernel.MaxPooling;
import io.github.lanewise.kernel.MaxUnpooling;
import io.github.lanewise.kernel.Workspace;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntUnaryOperator;
import org.openjdk.jmh.annotations.Param;

/** Pooling and unpooling. */
public class PoolingBenchmark extends TaskBenchmark {
  /** Floats of a cache line. */
  private static final int LINE = 16;

  /** The pass. */
  @Param({
    "maxPool",
    "maxPool.backward",
    "maxUnpool",
    "maxUnpool.backward",
    "avgPool",
    "avgPool.backward"
  })
  public String kernel;

  /**
   * {@code batch x channels x height x width, kernel, padding}; height 0 in one dimension. The last
   * is out of all caches.
   */
  @Param({
    "4x16x32x32k2p0",
    "100x32x0x784k3p1",
    "100x64x0x262k3p1",
    "100x16x32x32k2p0",
    "100x64x64x64k2p0"
  })
  public String shape;

  private int batch;
  private int channels;
  private int height;
  private int width;
  private int size;
  private int padding;
  private Windows windows;

  @Override
  Limit limit() {
    return Limit.COPY;
  }

  @Override
  Task task() {
    String[] f = shape.split("[xkp]");
    batch = Integer.parseInt(f[0]);
    channels = Integer.parseInt(f[1]);
    height = Integer.parseInt(f[2]);
    width = Integer.parseInt(f[3]);
    size = Integer.parseInt(f[4]);
    padding = Integer.parseInt(f[5]);
    windows =
        new Windows(
            height > 0 ? Windows.Axis.of(height, size, padding) : Windows.Axis.NONE,
            Windows.Axis.of(width, size, padding));
    return kernel.startsWith("avg") ? averagePooling() : maxPooling();
  }

  private Task averagePooling() {
    AveragePooling plan =
        (height > 0
                ? AveragePooling.avgPool2d(batch, channels, height, width, size)
                : AveragePooling.avgPool1d(batch, channels, width, size))
            .padding(padding)
            .build();
    System.out.println("# " + kernel + ": " + plan.describe());
    int in = plan.inputSize();
    int out = plan.outputSize();
    float[] input = Sample.uniform(in, 1);
    float[] output = new float[out];
    int elements = height > 0 ? size * size : size;
    if (kernel.endsWith("backward")) {
      float[] gradOutput = Sample.uniform(out, 2);
      return KernelTask.of(
          (long) in + out,
          () -> Sample.clear(input),
          workspace -> plan.backward(gradOutput, input, workspace),
          () -> verifySum(kernel, input, gradOutput, elements));
    }
    return KernelTask.of(
        (long) in + out,
        () -> Sample.clear(output),
        workspace -> plan.forward(input, output, workspace),
        () -> Sample.verify(kernel, output, out, i -> windows.sum(input, i) / elements, 1e-5));
  }

  /** With kernel = stride, each input has the gradient of its one window, or none. */
  private void verifySum(String name, float[] gradInput, float[] gradOutput, int elements) {
    float[] expected = new float[gradInput.length];
    for (int i = 0; i < gradOutput.length; i++) {
      float gradient = gradOutput[i] / elements;
      windows.visit(i, j -> expected[j] = gradient);
    }
    Sample.verify(name, gradInput, gradInput.length, i -> expected[i], 1e-5);
  }

  private Task maxPooling() {
    MaxPooling pool =
        (height > 0
                ? MaxPooling.maxPool2d(batch, channels, height, width, size)
                : MaxPooling.maxPool1d(batch, channels, width, size))
            .padding(padding)
            .build();
    int in = pool.inputSize();
    int out = pool.outputSize();
    float[] input = Sample.uniform(in, 1);
    float[] output = new float[out];
    int[] indices = new int[out];
    pool.forward(input, output, indices, new Workspace());
    int plane = in / batch / channels;
    int outPlane = out / batch / channels;
    int[] outShape = pool.outputShape();
    MaxUnpooling unpool =
        height > 0
            ? MaxUnpooling.maxUnpool2d(batch, channels, outShape[2], outShape[3], size)
                .padding(padding)
                .outputSize(height, width)
                .build()
            : MaxUnpooling.maxUnpool1d(batch, channels, outShape[2], size)
                .padding(padding)
                .outputSize(width)
                .build();
    System.out.println(
        "# " + kernel + ": " + (kernel.contains("Un") ? unpool.describe() : pool.describe()));
    float[] small = Sample.uniform(out, 2);
    float[] large = Sample.uniform(in, 3);
    IntUnaryOperator source = i -> i / outPlane * plane + indices[i];
    Runnable checkScattered =
        () -> {
          float[] expected = new float[in];
          for (int i = 0; i < out; i++) {
            expected[source.applyAsInt(i)] = small[i];
          }
          Sample.verify(kernel, large, in, i -> expected[i], 0);
        };
    return switch (kernel) {
      case "maxPool" ->
          KernelTask.of(
              (long) in + 2L * out,
              () -> {
                Sample.clear(output);
                Arrays.fill(indices, Integer.MIN_VALUE);
              },
              workspace -> pool.forward(input, output, indices, workspace),
              () -> {
                Sample.verify(kernel, output, out, i -> windows.largest(input, i), 0);
                Sample.verify("its index", output, out, i -> input[source.applyAsInt(i)], 0);
              });
      case "maxPool.backward" ->
          KernelTask.of(
              (long) in + 2L * out,
              () -> Sample.clear(large),
              workspace -> pool.backward(small, indices, large, workspace),
              checkScattered);
      case "maxUnpool" ->
          KernelTask.of(
              (long) in + 2L * out,
              () -> Sample.clear(large),
              workspace -> unpool.forward(small, indices, large, workspace),
              checkScattered);
      case "maxUnpool.backward" ->
          KernelTask.of(
              (long) LINE * lines(source, in, out) + 2L * out,
              () -> Sample.clear(output),
              workspace -> unpool.backward(large, indices, output, workspace),
              () -> Sample.verify(kernel, output, out, i -> large[source.applyAsInt(i)], 0));
      default -> throw new IllegalArgumentException("kernel is \"" + kernel + "\"");
    };
  }

  /** Cache lines of the large gradient in which some source lies: those that must be read. */
  private static int lines(IntUnaryOperator source, int in, int out) {
    BitSet lines = new BitSet(in / LINE + 1);
    for (int i = 0; i < out; i++) {
      lines.set(source.applyAsInt(i) / LINE);
    }
    return lines.cardinality();
  }
}
