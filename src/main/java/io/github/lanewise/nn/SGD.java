package io.github.lanewise.nn;

import io.github.lanewise.kernel.SgdUpdate;
import io.github.lanewise.kernel.Workspace;
import java.util.List;

/**
 * Stochastic gradient descent, with momentum if wanted, as {@code torch.optim.SGD}. The formula is
 * in {@link SgdUpdate}.
 */
public final class SGD extends Optimizer {
  private final Builder arguments;
  private final int[] sizes;
  private final SgdUpdate[] plans;
  private final float[][] momentumBuffers;
  private final long[] steps;

  private SGD(Builder b) {
    super(b.parameters);
    arguments = b;
    int n = b.parameters.size();
    sizes = new int[n];
    plans = new SgdUpdate[n];
    momentumBuffers = new float[n][];
    steps = new long[n];
    for (int i = 0; i < n; i++) {
      sizes[i] = b.parameters.get(i).data().elements();
      plans[i] = b.plan(sizes[i], b.lr);
      momentumBuffers[i] = b.momentum == 0 ? null : new float[sizes[i]];
    }
  }

  /**
   * Begins an optimiser.
   *
   * @param parameters what it changes
   * @param lr learning rate, at least 0
   * @return a builder
   */
  public static Builder of(List<Parameter> parameters, double lr) {
    return new Builder(parameters, lr);
  }

  /** The optional arguments, by PyTorch's names. */
  public static final class Builder {
    private final List<Parameter> parameters;
    private final double lr;
    private double momentum;
    private double dampening;
    private double weightDecay;
    private boolean nesterov;

    private Builder(List<Parameter> parameters, double lr) {
      this.parameters = parameters;
      this.lr = lr;
    }

    private SgdUpdate plan(int size, double lr) {
      return SgdUpdate.sgd(size)
          .lr(lr)
          .momentum(momentum)
          .dampening(dampening)
          .weightDecay(weightDecay)
          .nesterov(nesterov)
          .build();
    }

    /**
     * Share of the last step that is kept, default 0.
     *
     * @param momentum at least 0
     * @return this builder
     */
    public Builder momentum(double momentum) {
      this.momentum = momentum;
      return this;
    }

    /**
     * Share of the gradient that does not enter the momentum, default 0.
     *
     * @param dampening a finite number
     * @return this builder
     */
    public Builder dampening(double dampening) {
      this.dampening = dampening;
      return this;
    }

    /**
     * Pull of the parameters towards zero, default 0.
     *
     * @param weightDecay at least 0
     * @return this builder
     */
    public Builder weightDecay(double weightDecay) {
      this.weightDecay = weightDecay;
      return this;
    }

    /**
     * Whether the step looks ahead along the momentum, default no.
     *
     * @param nesterov yes or no
     * @return this builder
     */
    public Builder nesterov(boolean nesterov) {
      this.nesterov = nesterov;
      return this;
    }

    /**
     * Makes the optimiser.
     *
     * @return a new optimiser
     * @throws IllegalArgumentException if an argument is out of range, or if nesterov is asked for
     *     without momentum or with dampening
     */
    public SGD build() {
      return new SGD(this);
    }
  }

  @Override
  public void lr(double lr) {
    for (int i = 0; i < plans.length; i++) {
      plans[i] = arguments.plan(sizes[i], lr);
    }
  }

  @Override
  void update(int i, float[] data, float[] grad, Workspace workspace) {
    long step = steps[i] + 1;
    plans[i].update(data, grad, momentumBuffers[i], step, workspace);
    steps[i] = step; // one that threw does not count
  }
}
