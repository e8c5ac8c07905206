package io.github.lanewise.nn;

import io.github.lanewise.kernel.Activation;

/**
 * x where x &gt; 0 and x · negative_slope elsewhere, as {@code torch.nn.LeakyReLU}; the gradient at
 * 0 is negative_slope.
 */
public final class LeakyReLU extends ActivationLayer {
  private final double negativeSlope;

  /** A layer with the slope 0.01. */
  public LeakyReLU() {
    this(0.01);
  }

  /**
   * A layer.
   *
   * @param negativeSlope the slope below zero, finite
   * @throws IllegalArgumentException if it is not finite as a float
   */
  public LeakyReLU(double negativeSlope) {
    super(false);
    Activation.leakyRelu(1, negativeSlope); // checks
    this.negativeSlope = negativeSlope;
  }

  @Override
  Activation activation(int size) {
    return Activation.leakyRelu(size, negativeSlope);
  }

  @Override
  protected String arguments() {
    return "negative_slope=" + Axes.python(negativeSlope);
  }
}
