package io.github.lanewise.kernel;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.LossPass;
import io.github.lanewise.internal.Operands;
import java.util.List;
import java.util.function.Function;

/** The kernels of a loss's passes, and what becomes of its terms and their gradients. */
final class LossPasses {
  private final Reduction reduction;
  private final int terms;
  private final String name;
  private final Kernel[] value;
  private final Kernel[] gradient;
  private final Kernel[] both;

  private LossPasses(
      Reduction reduction,
      int terms,
      String name,
      Kernel[] value,
      Kernel[] gradient,
      Kernel[] both) {
    this.reduction = reduction;
    this.terms = terms;
    this.name = name;
    this.value = value;
    this.gradient = gradient;
    this.both = both;
  }

  /** Of the problems that a loss of so many terms is in its passes. */
  static <P> LossPasses of(
      List<Implementation<P>> list, Function<LossPass, P> problem, Reduction reduction, int terms) {
    return new LossPasses(
        reduction,
        terms,
        Implementation.first(list, problem.apply(LossPass.VALUE)).name(),
        kernels(list, problem.apply(LossPass.VALUE)),
        kernels(list, problem.apply(LossPass.GRADIENT)),
        kernels(list, problem.apply(LossPass.BOTH)));
  }

  private static <P> Kernel[] kernels(List<Implementation<P>> list, P problem) {
    return Implementation.first(list, problem).kernels(problem);
  }

  String name() {
    return name;
  }

  int outputSize() {
    return reduction == Reduction.NONE ? terms : 1;
  }

  long workspaceSize(Parallelism parallelism) {
    int width = Parallelism.width(parallelism);
    return Math.max(
        Workspace.need(value, width),
        Math.max(Workspace.need(gradient, width), Workspace.need(both, width)));
  }

  /**
   * Ends the list of a pass's arrays with those of all losses, and fills them in.
   *
   * @param count what a mean divides by
   * @param size elements of gradInput
   */
  Operands operands(
      LossPass pass,
      Arguments arguments,
      double count,
      float[] gradOutput,
      int gradOutputOffset,
      float[] output,
      int outputOffset,
      float[] gradInput,
      int gradInputOffset,
      int size) {
    double scale = 1;
    if (pass.gradient()) {
      if (reduction == Reduction.NONE) {
        arguments.reads("grad_output", gradOutput, gradOutputOffset, terms);
      } else {
        arguments.mayRead("grad_output", gradOutput, gradOutputOffset, 1);
        scale = gradOutput == null ? 1 : gradOutput[gradOutputOffset];
      }
      arguments.writes("grad_input", gradInput, gradInputOffset, size);
    }
    if (pass.value()) {
      arguments.writes("output", output, outputOffset, outputSize());
    }
    Operands a = arguments.operands();
    a.gradOutput = gradOutput;
    a.gradOutputAt = gradOutputOffset;
    a.output = output;
    a.outputAt = outputOffset;
    a.gradInput = gradInput;
    a.gradInputAt = gradInputOffset;
    a.scale = reduction == Reduction.MEAN ? scale / count : scale;
    return a;
  }

  /** Runs a pass whose operands are filled in. */
  void run(LossPass pass, double count, float[] output, int outputOffset, Workspace workspace) {
    double sum =
        workspace.run(
            switch (pass) {
              case VALUE -> value;
              case GRADIENT -> gradient;
              case BOTH -> both;
            });
    if (pass.value() && reduction != Reduction.NONE) {
      output[outputOffset] = (float) (reduction == Reduction.MEAN ? sum / count : sum);
    }
  }
}
