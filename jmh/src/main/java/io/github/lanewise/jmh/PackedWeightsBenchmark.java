package io.github.lanewise.jmh;

import io.github.lanewise.kernel.PackedWeights;
import io.github.lanewise.kernel.Workspace;
import java.util.Arrays;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Param;

/** The forward pass of one image, with weights that it packs, or that were packed before. */
public class PackedWeightsBenchmark extends TaskBenchmark {
  /** The forward pass, and with {@code .packed} the one of packed weights. */
  @Param({"forward", "forward.packed"})
  public String kernel;

  /** A name in problems.txt, whose batch does not count. */
  @Param({"resnet.3x3_512", "resnet.1x1b", "dcgan.t2", "dcgan.t3"})
  public String problem;

  @Override
  Limit limit() {
    return Limit.MULTIPLY_ADDS;
  }

  @Override
  Task task() {
    ConvolutionProblem p = ConvolutionProblem.of(problem).withBatch(1);
    ConvolutionData data = new ConvolutionData(p);
    ConvolutionArm plain =
        p.transposed()
            ? new LanewiseTransposedConvolution(p, data)
            : new LanewiseConvolution(p, data);
    PackedWeights weights =
        p.transposed()
            ? LanewiseTransposedConvolution.plan(p).packWeights(data.weight, data.bias)
            : LanewiseConvolution.plan(p).packWeights(data.weight, data.bias);
    Consumer<Workspace> packed = workspace -> weights.forward(data.input, data.output, workspace);
    ConvolutionReference reference = new ConvolutionReference(p, data);
    return new KernelTask(
        p.flops(),
        p.bytes(),
        () -> Sample.clear(data.output),
        kernel.equals("forward") ? plain::forward : packed,
        () -> {
          reference.verifyOutput();
          float[] actual = data.output.clone();
          Arrays.fill(data.output, Float.NaN);
          plain.forward(new Workspace());
          if (!Arrays.equals(actual, data.output)) {
            throw new AssertionError("output has other bits than that of the plain forward pass");
          }
        });
  }
}
