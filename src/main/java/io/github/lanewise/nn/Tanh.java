package io.github.lanewise.nn;

import io.github.lanewise.kernel.Activation;

/** tanh(x) of each element, as {@code torch.nn.Tanh}. */
public final class Tanh extends ActivationLayer {
  /** A layer. */
  public Tanh() {
    super(false);
  }

  @Override
  Activation activation(int size) {
    return Activation.tanh(size);
  }
}
