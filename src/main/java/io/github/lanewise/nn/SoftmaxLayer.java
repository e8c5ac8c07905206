package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.kernel.Softmax;
import java.util.Arrays;

/** What the softmax layers share: one axis of an input of any shape. */
abstract class SoftmaxLayer extends PlannedLayer {
  private final boolean log;
  private final int dim;
  private Softmax plan;

  SoftmaxLayer(boolean log, int dim) {
    this.log = log;
    this.dim = dim;
  }

  @Override
  final int[] plan(int[] in) {
    int axis = dim < 0 ? dim + in.length : dim;
    Checks.range("dim", axis, 0, in.length - 1);
    int before = Checks.size("input", Arrays.copyOf(in, axis));
    int behind = Checks.size("input", Arrays.copyOfRange(in, axis + 1, in.length));
    plan =
        log
            ? Softmax.logSoftmax(before, in[axis], behind)
            : Softmax.softmax(before, in[axis], behind);
    return in;
  }

  @Override
  final void compute(Tensor input, Tensor output) {
    plan.forward(input.data(), output.data(), workspace());
  }

  @Override
  final void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput) {
    if (gradInput != null) {
      plan.backward(output.data(), gradOutput.data(), gradInput.data(), workspace());
    }
  }

  @Override
  protected final String arguments() {
    return "dim=" + dim;
  }
}
