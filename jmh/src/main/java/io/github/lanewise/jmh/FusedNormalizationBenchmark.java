package io.github.lanewise.jmh;

import io.github.lanewise.kernel.BatchNormalization;
import io.github.lanewise.kernel.FusedNormalization;
import io.github.lanewise.kernel.MaxPooling;
import io.github.lanewise.kernel.TransposedConvolution;
import io.github.lanewise.kernel.UnpooledTransposedConvolution;
import io.github.lanewise.kernel.Workspace;
import java.util.Arrays;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Param;

/**
 * The ReLU and the batch normalisation between dae's two transposed convolutions: computed by these
 * while they read, and by itself.
 */
public class FusedNormalizationBenchmark extends TaskBenchmark {
  /**
   * A pass of the layer with what it needs of the normalisation, and with {@code .apart} the two
   * one after the other. The weight gradient finds the output of the normalisation, where there is
   * one, as the forward pass has left it.
   */
  @Param({
    "deconv2.forward",
    "deconv2.forward.apart",
    "deconv2.backwardWeight",
    "deconv2.backwardWeight.apart",
    "deconv1.backward",
    "deconv1.backward.apart"
  })
  public String kernel;

  private BatchNormalization normalization;
  private FusedNormalization fused;
  private int channels;
  private float[] input; // of the normalisation, as are weight and bias
  private float[] weight;
  private float[] bias;
  private float[] normalized;
  private float[] savedMean;
  private float[] savedInvStd;

  /** Whether this JVM's plans take a normalisation: with vectors of 256 bits or more. */
  public static boolean isPossible() {
    return LanewiseTransposedConvolution.plan(ConvolutionProblem.of("dae.deconv2"))
        .takesNormalization();
  }

  @Override
  Limit limit() {
    return Limit.COPY;
  }

  @Override
  Task task() {
    ConvolutionProblem p = ConvolutionProblem.of("dae.deconv2");
    channels = p.inChannels();
    normalization =
        BatchNormalization.of(p.batch(), channels, p.height() * p.width()).reluInput(true).build();
    fused = normalization.fused();
    input = Sample.uniform(p.geometry().outputSize(), 5);
    weight = Sample.uniform(channels, 6);
    bias = Sample.uniform(channels, 7);
    normalized = new float[input.length];
    savedMean = new float[channels];
    savedInvStd = new float[channels];
    normalize(new Workspace());
    fuse(new Workspace());
    return switch (kernel.replace(".apart", "")) {
      case "deconv2.forward" -> forward(p);
      case "deconv2.backwardWeight" -> backwardWeight(p);
      case "deconv1.backward" -> backward(ConvolutionProblem.of("dae.deconv1"));
      default -> throw new IllegalArgumentException("kernel is \"" + kernel + "\"");
    };
  }

  private void normalize(Workspace workspace) {
    normalization.forwardTraining(
        input, weight, bias, normalized, savedMean, savedInvStd, null, null, 0, workspace);
  }

  private void fuse(Workspace workspace) {
    fused.forwardTraining(input, weight, bias, savedMean, savedInvStd, null, null, 0, workspace);
  }

  private Task forward(ConvolutionProblem p) {
    TransposedConvolution plan = LanewiseTransposedConvolution.plan(p);
    takes(plan.takesNormalization(), plan.describe());
    ConvolutionData data = new ConvolutionData(p);
    return of(
        (long) input.length + data.output.length,
        workspace -> {
          fuse(workspace);
          plan.forward(input, fused, data.weight, data.bias, data.output, workspace);
        },
        workspace -> {
          normalize(workspace);
          plan.forward(normalized, data.weight, data.bias, data.output, workspace);
        },
        data.output);
  }

  private Task backwardWeight(ConvolutionProblem p) {
    TransposedConvolution plan = LanewiseTransposedConvolution.plan(p);
    takes(plan.takesNormalization(), plan.describe());
    ConvolutionData data = new ConvolutionData(p);
    return of(
        input.length + data.output.length,
        workspace -> plan.backwardWeight(input, fused, data.gradOutput, data.gradWeight, workspace),
        workspace -> plan.backwardWeight(normalized, data.gradOutput, data.gradWeight, workspace),
        data.gradWeight);
  }

  /** All gradients behind an unpooling that the layer takes as values and indices. */
  private Task backward(ConvolutionProblem p) {
    MaxPooling pooling =
        MaxPooling.maxPool2d(p.batch(), p.inChannels(), p.height(), p.width(), 2).build();
    float[] values = new float[pooling.outputSize()];
    int[] indices = new int[values.length];
    UnpooledTransposedConvolution plan =
        LanewiseTransposedConvolution.plan(p).unpooled(values.length / p.batch() / p.inChannels());
    takes(plan.takesNormalization(), plan.describe());
    ConvolutionData data = new ConvolutionData(p);
    pooling.forward(data.input, values, indices, new Workspace());
    float[] gradInput = new float[input.length];
    float[] gradValues = new float[values.length];
    float[] gradNormWeight = new float[channels];
    float[] gradNormBias = new float[channels];
    return of(
        2L * input.length + 3L * values.length,
        workspace -> {
          fused.backwardTraining(
              input,
              data.gradOutput,
              weight,
              savedMean,
              savedInvStd,
              gradNormWeight,
              gradNormBias,
              workspace);
          plan.backward(
              values,
              indices,
              data.weight,
              data.gradOutput,
              fused,
              input,
              gradValues,
              data.gradWeight,
              data.gradBias,
              workspace);
        },
        workspace -> {
          normalization.backwardTraining(
              input,
              data.gradOutput,
              weight,
              savedMean,
              savedInvStd,
              gradInput,
              gradNormWeight,
              gradNormBias,
              workspace);
          plan.backward(
              values,
              indices,
              null,
              data.weight,
              gradInput,
              gradValues,
              null,
              data.gradWeight,
              data.gradBias,
              workspace);
        },
        gradValues,
        data.gradWeight,
        data.gradBias,
        gradNormWeight,
        gradNormBias);
  }

  private void takes(boolean normalization, String plan) {
    System.out.println("# " + kernel + ": " + plan);
    if (!normalization) {
      throw new IllegalStateException("no kernel of this plan takes a normalisation: " + plan);
    }
  }

  /** The kernel that the parameter names; its results must have the bits of the other one's. */
  private Task of(
      long values, Consumer<Workspace> within, Consumer<Workspace> apart, float[]... results) {
    boolean isApart = kernel.endsWith(".apart");
    Consumer<Workspace> other = isApart ? within : apart;
    return KernelTask.of(
        values,
        () -> Sample.clear(results),
        isApart ? apart : within,
        () -> {
          float[][] actual = Arrays.stream(results).map(float[]::clone).toArray(float[][]::new);
          Sample.clear(results);
          other.accept(new Workspace());
          for (int i = 0; i < results.length; i++) {
            if (!Arrays.equals(actual[i], results[i])) {
              throw new AssertionError("result " + i + " has other bits within than apart");
            }
          }
        });
  }
}
