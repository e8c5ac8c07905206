package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.kernel.Activation;

/** An activation function of each element of an input of any shape. */
abstract class ActivationLayer extends PlannedLayer {
  private final boolean inPlace;
  private Activation plan;

  ActivationLayer(boolean inPlace) {
    this.inPlace = inPlace;
  }

  abstract Activation activation(int size);

  @Override
  final boolean inPlace() {
    return inPlace;
  }

  @Override
  final int[] plan(int[] inputShape) {
    plan = activation(Checks.size("input", inputShape));
    return inputShape;
  }

  @Override
  final void compute(Tensor input, Tensor output) {
    plan.forward(input.data(), output.data(), workspace());
  }

  @Override
  final void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput) {
    if (gradInput != null) {
      plan.backward(input.data(), output.data(), gradOutput.data(), gradInput.data(), workspace());
    }
  }
}
