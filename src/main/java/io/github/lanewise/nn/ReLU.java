package io.github.lanewise.nn;

import io.github.lanewise.kernel.Activation;

/** max(x, 0) of each element, as {@code torch.nn.ReLU}; the gradient at 0 is 0. */
public final class ReLU extends ActivationLayer {
  /** A layer with an output of its own. */
  public ReLU() {
    this(false);
  }

  /**
   * A layer that may save memory and time.
   *
   * @param inPlace true to overwrite the input with the output, and grad_output with the gradient:
   *     the layer before must not need its output, nor the layer behind its gradient, afterwards
   */
  public ReLU(boolean inPlace) {
    super(inPlace);
  }

  @Override
  Activation activation(int size) {
    return Activation.relu(size);
  }

  @Override
  boolean keepsZero() {
    return true;
  }

  @Override
  protected String arguments() {
    return inPlace() ? "inplace=True" : "";
  }
}
