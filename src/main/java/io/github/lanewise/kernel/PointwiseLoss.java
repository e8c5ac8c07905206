package io.github.lanewise.kernel;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.LossPass;
import io.github.lanewise.internal.LossProblem;
import io.github.lanewise.internal.Operands;

/** The passes that {@link RegressionLoss} and {@link BinaryCrossEntropyWithLogits} share. */
final class PointwiseLoss {
  private final int size;
  private final int columns;
  private final Reduction reduction;
  private final String name;
  private final Kernel[] value;
  private final Kernel[] gradient;
  private final Kernel[] both;

  PointwiseLoss(LossProblem.Kind kind, int size, int columns, double beta, Reduction reduction) {
    this.size = size;
    this.columns = columns;
    this.reduction = reduction;
    boolean reduced = reduction != Reduction.NONE;
    LossProblem v = new LossProblem(kind, LossPass.VALUE, reduced, size, columns, (float) beta);
    LossProblem g = new LossProblem(kind, LossPass.GRADIENT, reduced, size, columns, (float) beta);
    LossProblem b = new LossProblem(kind, LossPass.BOTH, reduced, size, columns, (float) beta);
    Implementation<LossProblem> chosen = Implementation.first(Backend.KERNELS.loss(), v);
    name = chosen.name();
    value = chosen.kernels(v);
    gradient = Implementation.first(Backend.KERNELS.loss(), g).kernels(g);
    both = Implementation.first(Backend.KERNELS.loss(), b).kernels(b);
  }

  int outputSize() {
    return reduction == Reduction.NONE ? size : 1;
  }

  long workspaceSize(int width) {
    return Math.max(
        Workspace.need(value, width),
        Math.max(Workspace.need(gradient, width), Workspace.need(both, width)));
  }

  String describe() {
    return name;
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
    int outputs = outputSize();
    Arguments arguments =
        Workspace.begin(workspace)
            .reads("input", input, inputOffset, size)
            .reads("target", target, targetOffset, size)
            .mayRead("weight", weight, weightOffset, size)
            .mayRead("pos_weight", posWeight, posWeightOffset, columns);
    double scale = 1;
    if (pass.gradient()) {
      if (reduction == Reduction.NONE) {
        arguments.reads("grad_output", gradOutput, gradOutputOffset, outputs);
      } else {
        arguments.mayRead("grad_output", gradOutput, gradOutputOffset, outputs);
        scale = gradOutput == null ? 1 : gradOutput[gradOutputOffset];
      }
      arguments.writes("grad_input", gradInput, gradInputOffset, size);
    }
    if (pass.value()) {
      arguments.writes("output", output, outputOffset, outputs);
    }
    Operands a = arguments.operands();
    a.input = input;
    a.inputAt = inputOffset;
    a.target = target;
    a.targetAt = targetOffset;
    a.weight = weight;
    a.weightAt = weightOffset;
    a.posWeight = posWeight;
    a.posWeightAt = posWeightOffset;
    a.gradOutput = gradOutput;
    a.gradOutputAt = gradOutputOffset;
    a.output = output;
    a.outputAt = outputOffset;
    a.gradInput = gradInput;
    a.gradInputAt = gradInputOffset;
    a.scale = reduction == Reduction.MEAN ? scale / size : scale;
    double sum =
        workspace.run(
            switch (pass) {
              case VALUE -> value;
              case GRADIENT -> gradient;
              case BOTH -> both;
            });
    if (pass.value() && reduction != Reduction.NONE) {
      output[outputOffset] = (float) (reduction == Reduction.MEAN ? sum / size : sum);
    }
  }
}
