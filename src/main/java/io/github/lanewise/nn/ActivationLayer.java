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

  // what the elements are computed from if someone asks for all of them
  private Tensor latestInput;
  private Tensor latestOutput;
  private Tensor latestGradOutput;
  private Consumer<float[]> pendingInput;
  private Consumer<float[]> pendingGradOutput;
  private final Consumer<float[]> fill = this::fill;
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
    Tensor values = unpooledInput.values();
    if (!unpooledInput.isGradientOf(unpooledOutput)) { // of the same kind
      unpooledOutput = new Unpooled(Tensor.zeros(values.shape()), unpooledInput.indices(), null);
      valuesPlan = activation(values.elements());
    }
    valuesPlan.forward(values.dense(), unpooledOutput.values().data(), workspace());
    latestInput = input;
    pendingInput = input.pending();
    output.defer(unpooledOutput, fill);
  }

  /** The whole output; in place, the input's array is filled with the input first. */
  private void fill(float[] output) {
    if (inPlace && pendingInput != null) {
      pendingInput.accept(output);
    }
    plan.forward(inPlace ? output : latestInput.dense(), output, workspace());
  }

  @Override
  final void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput) {
    if (gradInput == null) {
      return;
    }
    Unpooled gradient = gradOutput.unpooled();
    if (unpooledInput == null || gradient == null || !gradient.isGradientOf(unpooledOutput)) {
      plan.backward(input.data(), output.data(), gradOutput.data(), gradInput.data(), workspace());
      return;
    }
    if (!gradient.isGradientOf(unpooledGradient)) {
      Tensor values = Tensor.zeros(gradient.values().shape());
      unpooledGradient = new Unpooled(values, gradient.indices(), null);
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
