package io.github.lanewise.nn;

import io.github.lanewise.kernel.AdamUpdate;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * The optional arguments of {@link Adam} and {@link AdamW}, by PyTorch's names.
 *
 * @param <O> the optimiser
 */
public final class AdamBuilder<O> {
  final List<Parameter> parameters;
  private final IntFunction<AdamUpdate.Builder> kernel;
  private final Function<AdamBuilder<O>, O> constructor;
  double lr = 1e-3;
  private double beta1 = 0.9;
  private double beta2 = 0.999;
  private double eps = 1e-8;
  private double weightDecay;
  boolean amsgrad;

  AdamBuilder(
      List<Parameter> parameters,
      double weightDecay,
      IntFunction<AdamUpdate.Builder> kernel,
      Function<AdamBuilder<O>, O> constructor) {
    this.parameters = parameters;
    this.weightDecay = weightDecay;
    this.kernel = kernel;
    this.constructor = constructor;
  }

  /** The plan for a parameter of so many elements. */
  AdamUpdate plan(int size, double lr) {
    return kernel
        .apply(size)
        .lr(lr)
        .betas(beta1, beta2)
        .eps(eps)
        .weightDecay(weightDecay)
        .amsgrad(amsgrad)
        .build();
  }

  /**
   * Learning rate, default 1e-3.
   *
   * @param lr at least 0
   * @return this builder
   */
  public AdamBuilder<O> lr(double lr) {
    this.lr = lr;
    return this;
  }

  /**
   * Decay of the two moments, default 0.9 and 0.999.
   *
   * @param beta1 of the first, at least 0 and below 1
   * @param beta2 of the second, at least 0 and below 1
   * @return this builder
   */
  public AdamBuilder<O> betas(double beta1, double beta2) {
    this.beta1 = beta1;
    this.beta2 = beta2;
    return this;
  }

  /**
   * What is added to the denominator, default 1e-8.
   *
   * @param eps at least 0
   * @return this builder
   */
  public AdamBuilder<O> eps(double eps) {
    this.eps = eps;
    return this;
  }

  /**
   * Pull of the parameters towards zero; default 0 for Adam, where it is added to the gradient, and
   * 0.01 for AdamW, where it shrinks the parameter.
   *
   * @param weightDecay at least 0
   * @return this builder
   */
  public AdamBuilder<O> weightDecay(double weightDecay) {
    this.weightDecay = weightDecay;
    return this;
  }

  /**
   * Whether the largest second moment so far is used, default no.
   *
   * @param amsgrad yes or no
   * @return this builder
   */
  public AdamBuilder<O> amsgrad(boolean amsgrad) {
    this.amsgrad = amsgrad;
    return this;
  }

  /**
   * Makes the optimiser.
   *
   * @return a new optimiser, its moments zero
   * @throws IllegalArgumentException if an argument is out of range
   */
  public O build() {
    return constructor.apply(this);
  }
}
