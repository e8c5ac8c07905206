package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.CrossEntropyProblem;
import io.github.lanewise.internal.LossPass;
import io.github.lanewise.internal.Operands;

/** The passes of {@link CrossEntropy} for both sorts of target, with the checks of their arrays. */
final class CrossEntropyPasses {
  final int size;
  final int positions;
  private final int classes;
  private final int ignoreIndex;
  private final LossPasses indices;
  private final LossPasses probabilities;

  CrossEntropyPasses(CrossEntropy.Builder b) {
    size = Checks.size("input", b.batch, b.classes, b.plane);
    positions = b.batch * b.plane;
    classes = b.classes;
    ignoreIndex = b.ignoreIndex;
    indices = passes(b, false);
    probabilities = passes(b, true);
  }

  private LossPasses passes(CrossEntropy.Builder b, boolean probabilities) {
    boolean reduced = b.reduction != Reduction.NONE;
    return LossPasses.of(
        Backend.KERNELS.crossEntropy(),
        pass ->
            new CrossEntropyProblem(
                pass,
                probabilities,
                reduced,
                b.batch,
                b.classes,
                b.plane,
                b.ignoreIndex,
                b.labelSmoothing),
        b.reduction,
        positions);
  }

  int outputSize() {
    return indices.outputSize();
  }

  long workspaceSize(Parallelism parallelism) {
    return Math.max(indices.workspaceSize(parallelism), probabilities.workspaceSize(parallelism));
  }

  String describe() {
    return "indices " + indices.name() + ", probabilities " + probabilities.name();
  }

  /** Runs a pass for class indices. */
  void run(
      LossPass pass,
      float[] input,
      int inputOffset,
      int[] target,
      int targetOffset,
      float[] weight,
      int weightOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] output,
      int outputOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    Arguments arguments =
        begin(input, inputOffset, weight, weightOffset, workspace)
            .reads("target", target, targetOffset, positions);
    double count = weightOfTargets(target, targetOffset, weight, weightOffset, arguments);
    Operands a =
        indices.operands(
            pass,
            arguments,
            count,
            gradOutput,
            gradOutputOffset,
            output,
            outputOffset,
            gradInput,
            gradInputOffset,
            size);
    fill(a, input, inputOffset, weight, weightOffset);
    a.indices = target;
    a.indicesAt = targetOffset;
    indices.run(pass, count, output, outputOffset, workspace);
  }

  /** Runs a pass for probabilities. */
  void run(
      LossPass pass,
      float[] input,
      int inputOffset,
      float[] target,
      int targetOffset,
      float[] weight,
      int weightOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] output,
      int outputOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    Arguments arguments =
        begin(input, inputOffset, weight, weightOffset, workspace)
            .reads("target", target, targetOffset, size);
    Operands a =
        probabilities.operands(
            pass,
            arguments,
            positions,
            gradOutput,
            gradOutputOffset,
            output,
            outputOffset,
            gradInput,
            gradInputOffset,
            size);
    fill(a, input, inputOffset, weight, weightOffset);
    a.target = target;
    a.targetAt = targetOffset;
    probabilities.run(pass, positions, output, outputOffset, workspace);
  }

  private Arguments begin(
      float[] input, int inputOffset, float[] weight, int weightOffset, Workspace workspace) {
    return Workspace.begin(workspace)
        .reads("input", input, inputOffset, size)
        .mayRead("weight", weight, weightOffset, classes);
  }

  private static void fill(
      Operands a, float[] input, int inputOffset, float[] weight, int weightOffset) {
    a.input = input;
    a.inputAt = inputOffset;
    a.weight = weight;
    a.weightAt = weightOffset;
  }

  /** Checks the class indices; returns the total weight of those that are not ignored. */
  private double weightOfTargets(
      int[] target, int offset, float[] weight, int weightOffset, Arguments arguments) {
    double total = 0;
    for (int i = 0; i < positions; i++) {
      int index = target[offset + i];
      if (index == ignoreIndex) {
        continue;
      }
      if (index < 0 || index >= classes) {
        throw arguments.refusal(
            "target is "
                + index
                + " at position "
                + i
                + " but must be between 0 and "
                + (classes - 1)
                + ", or ignore_index "
                + ignoreIndex);
      }
      total += weight == null ? 1 : weight[weightOffset + index];
    }
    return total;
  }
}
