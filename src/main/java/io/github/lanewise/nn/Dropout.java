package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;

/**
 * While training, zeroes each element with probability p and divides the others by 1 − p, as {@code
 * torch.nn.Dropout}; in evaluation, the output is the input.
 *
 * <p>Which elements are zeroed follows from a seed and the number of passes since it was set: the
 * seed of {@link #initialize}, or one of the layer's own.
 */
public final class Dropout extends PlannedLayer {
  private final double p;
  private io.github.lanewise.kernel.Dropout plan;
  private int size;
  private long seed;
  private long passes;

  /** Whether the latest forward pass dropped anything. */
  private boolean dropped;

  /** A layer with p = 0.5. */
  public Dropout() {
    this(0.5);
  }

  /**
   * A layer.
   *
   * @param p probability of an element to be zeroed, from 0 to 1
   * @throws IllegalArgumentException if it is out of range
   */
  public Dropout(double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("p is " + p + " but must be between 0 and 1");
    }
    this.p = p;
    seed = Initializer.nextSeed();
  }

  @Override
  void reset(long seed) {
    this.seed = seed;
    passes = 0;
  }

  @Override
  int[] plan(int[] in) {
    size = Checks.size("input", in);
    plan = io.github.lanewise.kernel.Dropout.of(size, p);
    return in;
  }

  @Override
  void compute(Tensor input, Tensor output) {
    dropped = isTraining();
    if (dropped) {
      passes++;
      plan.forward(input.data(), output.data(), passSeed(), workspace());
    } else {
      System.arraycopy(input.data(), 0, output.data(), 0, size);
    }
  }

  @Override
  void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput) {
    if (gradInput == null) {
      return;
    }
    if (dropped) {
      plan.backward(gradOutput.data(), gradInput.data(), passSeed(), workspace());
    } else {
      System.arraycopy(gradOutput.data(), 0, gradInput.data(), 0, size);
    }
  }

  private long passSeed() {
    return Initializer.seed(seed, passes);
  }

  @Override
  protected String arguments() {
    return "p=" + Axes.python(p);
  }
}
