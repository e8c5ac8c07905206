package io.github.lanewise.nn;

import io.github.lanewise.kernel.Activation;

/** 1 / (1 + exp(−x)) of each element, as {@code torch.nn.Sigmoid}. */
public final class Sigmoid extends ActivationLayer {
  /** A layer. */
  public Sigmoid() {
    super(false);
  }

  @Override
  Activation activation(int size) {
    return Activation.sigmoid(size);
  }
}
