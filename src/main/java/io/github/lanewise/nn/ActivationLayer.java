package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.kernel.Activation;
import java.util.function.Consumer;

/**
 * An activation function of each element of an input of any shape. Where the input is unpooled and
 * the function of 0 is 0, it works on the values alone.
 */
abstract class ActivationLayer extends PlannedLayer {
  private final boolean inPlace;
  private Activation plan;

  /** The same for the values of an unpooled input. */
  private Activation valuesPlan;

  // of the latest pass, while the tensors are known in short
  private Unpooled unpooledInput;
  private Unpooled unpooledOutput;
  private Unpooled unpooledGradient;
  private final Consumer<float[]> fill = data -> unpooledOutput.fill(data, workspace());

  // what the gradient is computed from if someone asks for all of it
  private Tensor latestInput;
  private Tensor latestOutput;
  private Tensor latestGradOutput;
  private Consumer<float[]> pendingGradOutput;
  private final Consumer<float[]> fillGradient = this::fillGradient;

  ActivationLayer(boolean inPlace) {
    this.inPlace = inPlace;
  }

  abstract Activation activation(int size);

  /** Whether the function of 0 is 0. */
  boolean keepsZero() {
    return false;
  }

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
    unpooledInput = keepsZero() ? input.unpooled() : null;
    if (unpooledInput == null || unpooledInput.fillValue() != null) {
      unpooledInput = null;
      plan.forward(input.data(), output.data(), workspace());
      return;
    }
    if (!unpooledInput.isSibling(unpooledOutput)) {
      unpooledOutput = unpooledInput.sibling(false);
      unpooledGradient = unpooledInput.sibling(false);
      valuesPlan = activation(unpooledOutput.values().elements());
    }
    valuesPlan.forward(unpooledInput.values().dense(), unpooledOutput.values().data(), workspace());
    latestInput = input;
    output.defer(unpooledOutput, fill);
  }

  @Override
  final void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput) {
    if (gradInput == null) {
      return;
    }
    Unpooled gradient = gradOutput.unpooled();
    if (unpooledInput == null || gradient == null || !gradient.isSibling(unpooledOutput)) {
      plan.backward(input.data(), output.data(), gradOutput.data(), gradInput.data(), workspace());
      return;
    }
    valuesPlan.backward(
        unpooledInput.values().dense(),
        unpooledOutput.values().dense(),
        gradient.values().dense(),
        unpooledGradient.values().data(),
        workspace());
    latestOutput = output;
    latestGradOutput = gradOutput;
    pendingGradOutput = gradOutput.pending();
    gradInput.defer(unpooledGradient, fillGradient);
  }

  private void fillGradient(float[] gradInput) {
    if (inPlace && pendingGradOutput != null) {
      pendingGradOutput.accept(gradInput);
    }
    float[] gradOutput = inPlace ? gradInput : latestGradOutput.dense();
    plan.backward(latestInput.dense(), latestOutput.dense(), gradOutput, gradInput, workspace());
  }
}
