package io.github.lanewise.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.lanewise.kernel.UnpooledTransposedConvolution;
import io.github.lanewise.kernel.Workspace;
import io.github.lanewise.testing.NaiveUnpooled.Given;
import java.util.Random;

/**
 * What the two passes of a plan computed, both of them run between guard bands.
 *
 * @param gradValues {@code null} if not wanted
 * @param gradFillValue {@code null} if not wanted
 * @param gradBias {@code null} if not wanted
 */
public record UnpooledResults(
    float[] output,
    float[] gradValues,
    float[] gradFillValue,
    float[] gradWeight,
    float[] gradBias) {

  /** Which gradients are wanted beside that of the weight. */
  public enum Wanted {
    ALL,
    VALUES,
    NONE
  }

  /** Runs both passes in a workspace of its own, that begins with NaN in its memory. */
  public static UnpooledResults of(UnpooledCase c, Given data, Random offsets) {
    UnpooledTransposedConvolution plan = c.plan();
    Workspace workspace =
        Workspaces.filled(
            plan.workspaceSize(Workspaces.threads(1)), Float.NaN, Workspaces.threads(1));
    return of(plan, data, Wanted.ALL, workspace, offsets);
  }

  /**
   * Runs both passes; {@code offsets} draws where in their arrays the data lies, if it is given.
   */
  public static UnpooledResults of(
      UnpooledTransposedConvolution plan,
      Given data,
      Wanted wanted,
      Workspace workspace,
      Random offsets) {
    Guarded values = Guarded.of(data.values(), offsets);
    GuardedInts indices = GuardedInts.of(data.indices(), offsets);
    Guarded fill = data.fillValue() == null ? null : Guarded.of(data.fillValue(), offsets);
    Guarded weight = Guarded.of(data.weight(), offsets);
    Guarded bias = data.bias() == null ? null : Guarded.of(data.bias(), offsets);
    Guarded gradOutput = Guarded.of(data.gradOutput(), offsets);
    Guarded output = Guarded.forResult(plan.outputSize(), offsets);
    plan.forward(
        values.array,
        values.offset,
        indices.array,
        indices.offset,
        Guarded.arrayOf(fill),
        Guarded.offsetOf(fill),
        weight.array,
        weight.offset,
        Guarded.arrayOf(bias),
        Guarded.offsetOf(bias),
        output.array,
        output.offset,
        workspace);
    int channels = data.channels();
    Guarded gradValues =
        wanted == Wanted.NONE ? null : Guarded.forResult(plan.valuesSize(), offsets);
    Guarded gradFill = wanted == Wanted.ALL ? Guarded.forResult(channels, offsets) : null;
    Guarded gradWeight = Guarded.forResult(plan.weightSize(), offsets);
    Guarded gradBias =
        wanted == Wanted.NONE ? null : Guarded.forResult(data.outChannels(), offsets);
    plan.backward(
        values.array,
        values.offset,
        indices.array,
        indices.offset,
        Guarded.arrayOf(fill),
        Guarded.offsetOf(fill),
        weight.array,
        weight.offset,
        gradOutput.array,
        gradOutput.offset,
        Guarded.arrayOf(gradValues),
        Guarded.offsetOf(gradValues),
        Guarded.arrayOf(gradFill),
        Guarded.offsetOf(gradFill),
        gradWeight.array,
        gradWeight.offset,
        Guarded.arrayOf(gradBias),
        Guarded.offsetOf(gradBias),
        workspace);
    Compare.bits("values afterwards", data.values(), values.values("values"));
    assertArrayEquals(data.indices(), indices.values("indices"));
    Compare.bits("weight afterwards", data.weight(), weight.values("weight"));
    Compare.bits("grad_output afterwards", data.gradOutput(), gradOutput.values("grad_output"));
    return new UnpooledResults(
        output.values("output"),
        gradValues == null ? null : gradValues.values("grad_values"),
        gradFill == null ? null : gradFill.values("grad_fill_value"),
        gradWeight.values("grad_weight"),
        gradBias == null ? null : gradBias.values("grad_bias"));
  }

  /** Fails unless all bits of the results that this one has are the same. */
  public void assertSameBits(UnpooledResults expected) {
    Compare.bits("output", expected.output, output);
    Compare.bits("grad_weight", expected.gradWeight, gradWeight);
    if (gradBias != null) {
      Compare.bits("grad_bias", expected.gradBias, gradBias);
    }
    if (gradValues != null) {
      Compare.bits("grad_values", expected.gradValues, gradValues);
    }
    if (gradFillValue != null) {
      Compare.bits("grad_fill_value", expected.gradFillValue, gradFillValue);
    }
  }
}
