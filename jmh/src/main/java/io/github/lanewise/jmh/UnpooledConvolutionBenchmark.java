package io.github.lanewise.jmh;

import io.github.lanewise.kernel.MaxPooling;
import io.github.lanewise.kernel.MaxUnpooling;
import io.github.lanewise.kernel.TransposedConvolution;
import io.github.lanewise.kernel.UnpooledTransposedConvolution;
import io.github.lanewise.kernel.Workspace;
import java.util.Arrays;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Param;

/** Unpooling and a transposed convolution: as one that skips the zeros, and one after the other. */
public class UnpooledConvolutionBenchmark extends TaskBenchmark {
  /** The pass, and with {@code .dense} the two kernels one after the other. */
  @Param({"forward", "forward.dense", "backward", "backward.dense"})
  public String kernel;

  /** The layer of a network of the problem file. */
  @Param({"dae.deconv1", "ae1d.deconv1"})
  public String layer;

  private int inChannels;
  private MaxUnpooling unpooling;
  private TransposedConvolution dense;
  private UnpooledTransposedConvolution sparse;
  private float[] values;
  private float[] plane;
  private float[] weight;
  private float[] bias;
  private float[] output;
  private float[] gradOutput;
  private float[] gradValues;
  private float[] gradPlane;
  private float[] gradWeight;
  private float[] gradBias;
  private int[] indices;

  @Override
  Limit limit() {
    return Limit.MULTIPLY_ADDS;
  }

  @Override
  Task task() {
    ConvolutionProblem p = ConvolutionProblem.of(layer);
    inChannels = p.inChannels();
    MaxPooling pooling;
    if (p.height() == 0) {
      pooling = MaxPooling.maxPool1d(p.batch(), p.inChannels(), p.width(), 3).padding(1).build();
      int pooled = pooling.outputShape()[2];
      unpooling =
          MaxUnpooling.maxUnpool1d(p.batch(), p.inChannels(), pooled, 3)
              .padding(1)
              .outputSize(p.width())
              .build();
      dense =
          TransposedConvolution.convTranspose1d(
                  p.batch(), p.inChannels(), p.outChannels(), p.width(), p.kernel())
              .padding(p.padding())
              .build();
    } else {
      pooling = MaxPooling.maxPool2d(p.batch(), p.inChannels(), p.height(), p.width(), 2).build();
      int[] pooled = pooling.outputShape();
      unpooling =
          MaxUnpooling.maxUnpool2d(p.batch(), p.inChannels(), pooled[2], pooled[3], 2).build();
      dense =
          TransposedConvolution.convTranspose2d(
                  p.batch(), p.inChannels(), p.outChannels(), p.height(), p.width(), p.kernel())
              .stride(p.stride())
              .padding(p.padding())
              .outputPadding(p.outputPadding())
              .build();
    }
    sparse = dense.unpooled(pooling.outputSize() / p.batch() / p.inChannels());
    System.out.println("# " + kernel + ": " + (isDense() ? dense.describe() : sparse.describe()));
    values = new float[pooling.outputSize()];
    indices = new int[values.length];
    plane = new float[pooling.inputSize()];
    pooling.forward(Sample.uniform(plane.length, 1), values, indices, new Workspace());
    unpooling.forward(values, indices, plane, new Workspace());
    weight = Sample.uniform(dense.weightSize(), 2);
    bias = Sample.uniform(p.outChannels(), 3);
    output = new float[dense.outputSize()];
    gradOutput = Sample.uniform(output.length, 4);
    gradValues = new float[values.length];
    gradPlane = new float[plane.length];
    gradWeight = new float[weight.length];
    gradBias = new float[bias.length];
    return kernel.startsWith("forward")
        ? of(1, this::sparseForward, this::denseForward, plane, new Result("output", output, 1e-4))
        : of(
            2, // one for each gradient
            this::sparseBackward,
            this::denseBackward,
            gradPlane,
            new Result("grad_values", gradValues, 1e-4),
            new Result("grad_weight", gradWeight, 1e-3),
            new Result("grad_bias", gradBias, 1e-3));
  }

  private boolean isDense() {
    return kernel.endsWith(".dense");
  }

  private record Result(String name, float[] array, double tolerance) {}

  /**
   * The kernel that the parameter names; its results must be those of the other one.
   *
   * @param products for each value and tap and output channel
   * @param between what one of the two dense kernels leaves to the other
   */
  private Task of(
      int products,
      Consumer<Workspace> sparse,
      Consumer<Workspace> dense,
      float[] between,
      Result... results) {
    // those of the zeros count for neither; weight.length / in_channels are taps and out_channels
    double flops = 2.0 * products * values.length * (weight.length / inChannels);
    Consumer<Workspace> other = isDense() ? sparse : dense;
    Runnable clear =
        () -> {
          Sample.clear(between);
          for (Result result : results) {
            Sample.clear(result.array);
          }
        };
    return new KernelTask(
        flops,
        4.0 * (2L * values.length + output.length + weight.length),
        clear,
        isDense() ? dense : sparse,
        () -> {
          float[][] actual =
              Arrays.stream(results).map(r -> r.array.clone()).toArray(float[][]::new);
          clear.run();
          other.accept(new Workspace());
          for (int i = 0; i < results.length; i++) {
            Result r = results[i];
            Sample.verify(r.name, actual[i], r.array.length, j -> r.array[j], r.tolerance);
          }
        });
  }

  private void sparseForward(Workspace workspace) {
    sparse.forward(values, indices, null, weight, bias, output, workspace);
  }

  private void denseForward(Workspace workspace) {
    unpooling.forward(values, indices, plane, workspace);
    dense.forward(plane, weight, bias, output, workspace);
  }

  private void sparseBackward(Workspace workspace) {
    sparse.backward(
        values,
        indices,
        null,
        weight,
        gradOutput,
        gradValues,
        null,
        gradWeight,
        gradBias,
        workspace);
  }

  /** The unpooled plane is there, as after a forward pass. */
  private void denseBackward(Workspace workspace) {
    dense.backwardInput(gradOutput, weight, gradPlane, workspace);
    unpooling.backward(gradPlane, indices, gradValues, workspace);
    dense.backwardWeight(plane, gradOutput, gradWeight, workspace);
    dense.backwardBias(gradOutput, gradBias, workspace);
  }
}
