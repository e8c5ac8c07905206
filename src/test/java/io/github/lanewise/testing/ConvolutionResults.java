package io.github.lanewise.testing;

import io.github.lanewise.kernel.Workspace;
import java.util.Random;

/** What the four passes of a plan computed, all of them run between guard bands. */
public record ConvolutionResults(
    float[] output, float[] gradInput, float[] gradWeight, float[] gradBias) {

  /** Runs all passes in a workspace of its own, that begins with NaN in its memory. */
  public static ConvolutionResults of(ConvolutionCase c, ConvolutionData data, Random offsets) {
    ConvolutionPlan plan = ConvolutionPlan.of(c);
    Workspace workspace =
        Workspaces.filled(
            plan.workspaceSize(Workspaces.threads(1)), Float.NaN, Workspaces.threads(1));
    return of(plan, c, data, workspace, offsets);
  }

  /** Runs all passes; {@code offsets} draws where in their arrays the data lies, if it is given. */
  public static ConvolutionResults of(
      ConvolutionPlan plan,
      ConvolutionCase c,
      ConvolutionData data,
      Workspace workspace,
      Random offsets) {
    Guarded input = Guarded.of(data.input(), offsets);
    Guarded weight = Guarded.of(data.weight(), offsets);
    Guarded bias = data.bias() == null ? null : Guarded.of(data.bias(), offsets);
    Guarded gradOutput = Guarded.of(data.gradOutput(), offsets);
    Guarded output = Guarded.forResult(c.outputSize(), offsets);
    Guarded gradInput = Guarded.forResult(c.inputSize(), offsets);
    Guarded gradWeight = Guarded.forResult(c.weightSize(), offsets);
    Guarded gradBias = Guarded.forResult(c.outChannels(), offsets);
    plan.forward(input, weight, bias, output, workspace);
    plan.backwardInput(gradOutput, weight, gradInput, workspace);
    plan.backwardWeight(input, gradOutput, gradWeight, workspace);
    plan.backwardBias(gradOutput, gradBias, workspace);
    Compare.bits("input afterwards", data.input(), input.values("input"));
    Compare.bits("weight afterwards", data.weight(), weight.values("weight"));
    Compare.bits("grad_output afterwards", data.gradOutput(), gradOutput.values("grad_output"));
    return new ConvolutionResults(
        output.values("output"),
        gradInput.values("grad_input"),
        gradWeight.values("grad_weight"),
        gradBias.values("grad_bias"));
  }

  /** Fails unless every value equals the reference's. */
  public void assertExactly(NaiveConvolution expected) {
    Compare.exact("output", expected.output(), output);
    Compare.exact("grad_input", expected.gradInput(), gradInput);
    Compare.exact("grad_weight", expected.gradWeight(), gradWeight);
    Compare.exact("grad_bias", expected.gradBias(), gradBias);
  }

  /** Fails unless all bits are the same. */
  public void assertSameBits(ConvolutionResults expected) {
    Compare.bits("output", expected.output, output);
    Compare.bits("grad_input", expected.gradInput, gradInput);
    Compare.bits("grad_weight", expected.gradWeight, gradWeight);
    Compare.bits("grad_bias", expected.gradBias, gradBias);
  }
}
