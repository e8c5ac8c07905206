package io.github.lanewise.kernel;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import java.util.Random;

/** A batch normalisation of random data, whole and with its elements left to others. */
final class SplitNormalization {
  /** How it is done, and what of. */
  record Variant(boolean reluInput, boolean training, boolean special) {
    static final Variant[] ALL = new Variant[8];

    static {
      for (int i = 0; i < ALL.length; i++) {
        ALL[i] = new Variant((i & 1) > 0, (i & 2) > 0, (i & 4) > 0);
      }
    }
  }

  /** Arrays of a forward pass that are not elements; the last two may be {@code null}. */
  private record Statistics(Guarded mean, Guarded invStd, Guarded runningMean, Guarded runningVar) {
    Statistics copy() {
      return new Statistics(
          Guarded.behind(mean.values("saved_mean")),
          Guarded.behind(invStd.values("saved_inv_std")),
          runningMean == null ? null : Guarded.behind(runningMean.values("running_mean")),
          runningVar == null ? null : Guarded.behind(runningVar.values("running_var")));
    }

    void assertSame(Statistics actual) {
      same("saved_mean", mean, actual.mean);
      same("saved_inv_std", invStd, actual.invStd);
      same("running_mean", runningMean, actual.runningMean);
      same("running_var", runningVar, actual.runningVar);
    }
  }

  final BatchNormalization plan;
  final FusedNormalization fused;
  final float[] input;

  /** What the plan makes of the input. */
  final float[] output;

  private final boolean training;
  private final int channels;
  private final float[] weight;
  private final float[] bias;
  private final Statistics before;
  private final Statistics after;

  SplitNormalization(int batch, int channels, int plane, Variant v, Random random) {
    plan = BatchNormalization.of(batch, channels, plane).reluInput(v.reluInput).build();
    fused = plan.fused();
    training = v.training;
    this.channels = channels;
    input = Data.normals(batch * channels * plane, random);
    for (int i = 0; i < input.length; i++) {
      input[i] += i / plane % channels * 0.4f; // no two channels are alike
    }
    if (v.special) {
      input[random.nextInt(input.length)] = ConvolutionProperties.special(random);
      input[random.nextInt(input.length)] = -0.0f;
    }
    weight = random.nextBoolean() ? Data.normals(channels, random) : null;
    bias = random.nextBoolean() ? Data.normals(channels, random) : null;
    boolean tracks = !training || random.nextBoolean();
    before =
        new Statistics(
            Guarded.behind(channels),
            Guarded.behind(channels),
            tracks ? Guarded.behind(Data.normals(channels, random)) : null,
            tracks ? Guarded.behind(Data.magnitudes(Data.normals(channels, random))) : null);
    output = new float[input.length];
    after = before.copy();
    forwardWhole();
  }

  private void forwardWhole() {
    float[] runningMean = Guarded.arrayOf(after.runningMean);
    float[] runningVar = Guarded.arrayOf(after.runningVar);
    Workspace w = new Workspace();
    if (training) {
      float[] mean = after.mean.array;
      float[] invStd = after.invStd.array;
      plan.forwardTraining(
          input, weight, bias, output, mean, invStd, runningMean, runningVar, 0.3, w);
    } else {
      plan.forwardEval(input, weight, bias, runningMean, runningVar, output, w);
    }
  }

  /** The forward pass but for its elements, whose other results must be the whole one's. */
  void forward(Workspace w) {
    Guarded x = Guarded.behind(input);
    Guarded scale = Guarded.behind(weight);
    Guarded shift = Guarded.behind(bias);
    Statistics s = before.copy();
    float[] factor = Guarded.arrayOf(scale);
    float[] addend = Guarded.arrayOf(shift);
    float[] runningMean = Guarded.arrayOf(s.runningMean);
    float[] runningVar = Guarded.arrayOf(s.runningVar);
    if (training) {
      float[] mean = s.mean.array;
      float[] invStd = s.invStd.array;
      fused.forwardTraining(x.array, factor, addend, mean, invStd, runningMean, runningVar, 0.3, w);
    } else {
      fused.forwardEval(factor, addend, runningMean, runningVar, w);
    }
    after.assertSame(s);
    Compare.bits("input afterwards", input, x.values("input"));
  }

  /** Both backward passes, the one without elements in this workspace; the other's gradInput. */
  float[] backward(float[] gradOutput, Workspace workspace) {
    float[] mean = after.mean.array;
    float[] invStd = after.invStd.array;
    float[] gradInput = new float[input.length];
    Guarded gradWeight = Guarded.behind(channels);
    Guarded gradBias = Guarded.behind(channels);
    float[] dw = gradWeight.array;
    float[] db = gradBias.array;
    plan.backwardTraining(
        input, gradOutput, weight, mean, invStd, gradInput, dw, db, new Workspace());
    Guarded x = Guarded.behind(input);
    Guarded dy = Guarded.behind(gradOutput);
    Guarded dw2 = Guarded.behind(channels);
    Guarded db2 = Guarded.behind(channels);
    fused.backwardTraining(
        x.array, dy.array, weight, mean, invStd, dw2.array, db2.array, workspace);
    same("grad_weight", gradWeight, dw2);
    same("grad_bias", gradBias, db2);
    Compare.bits("input afterwards", input, x.values("input"));
    Compare.bits("grad_output afterwards", gradOutput, dy.values("grad_output"));
    return gradInput;
  }

  private static void same(String name, Guarded expected, Guarded actual) {
    if (expected != null) {
      Compare.bitsOrNan(name, expected.values(name), actual.values(name));
    }
  }
}
