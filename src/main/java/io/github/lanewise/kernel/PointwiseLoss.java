package io.github.lanewise.kernel;

import io.github.lanewise.internal.LossPass;
import io.github.lanewise.internal.LossProblem;
import io.github.lanewise.internal.Operands;

/** The passes that {@link RegressionLoss} and {@link BinaryCrossEntropyWithLogits} share. */
final class PointwiseLoss {
  private final int size;
  private final int columns;
  private final LossPasses passes;

  PointwiseLoss(LossProblem.Kind kind, int size, int columns, double beta, Reduction reduction) {
    this.size = size;
    this.columns = columns;
    boolean reduced = reduction != Reduction.NONE;
    passes =
        LossPasses.of(
            Backend.KERNELS.loss(),
            pass -> new LossProblem(kind, pass, reduced, size, columns, (float) beta),
            reduction,
            size);
  }

  int outputSize() {
    return passes.outputSize();
  }

  long workspaceSize(Parallelism parallelism) {
    return passes.workspaceSize(parallelism);
  }

  String describe() {
    return passes.name();
  }

  /** Runs a pass; {@code weight}, {@code posWeight} and {@code gradOutput} may be {@code null}. */
  void run(
      LossPass pass,
      float[] input,
      int inputOffset,
      float[] target,
      int targetOffset,
      float[] weight,
      int weightOffset,
      float[] posWeight,
      int posWeightOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] output,
      int outputOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    Arguments arguments =
        Workspace.begin(workspace)
            .reads("input", input, inputOffset, size)
            .reads("target", target, targetOffset, size)
            .mayRead("weight", weight, weightOffset, size)
            .mayRead("pos_weight", posWeight, posWeightOffset, columns);
    Operands a =
        passes.operands(
            pass,
            arguments,
            size,
            gradOutput,
            gradOutputOffset,
            output,
            outputOffset,
            gradInput,
            gradInputOffset,
            size);
    a.input = input;
    a.inputAt = inputOffset;
    a.target = target;
    a.targetAt = targetOffset;
    a.weight = weight;
    a.weightAt = weightOffset;
    a.posWeight = posWeight;
    a.posWeightAt = posWeightOffset;
    passes.run(pass, size, output, outputOffset, workspace);
  }
}
