package io.github.lanewise.nn;

/**
 * A tensor that is trained, and its gradient.
 *
 * <p>Gradients add up until {@link #zeroGrad}, as in PyTorch. There is none before the first
 * backward pass and after {@code zeroGrad}; the next backward pass then writes it instead of
 * clearing and adding.
 */
public final class Parameter {
  private final Tensor data;
  private final Initializer initializer;
  private Tensor grad;
  private boolean hasGrad;

  /** What a backward pass writes when there is a gradient already; made when first needed. */
  private float[] addend;

  private Parameter(Initializer initializer, int... shape) {
    this.data = Tensor.zeros(shape);
    this.initializer = initializer;
    initializer.fill(data);
  }

  /**
   * A parameter that starts uniform in [-bound, bound), different from every other one.
   *
   * @param bound PyTorch's is {@code 1 / √fan_in}, above 0
   * @param shape the size of each axis
   * @return a new parameter
   * @throws IllegalArgumentException if {@code bound} is not above 0, or not finite
   */
  public static Parameter uniform(double bound, int... shape) {
    if (!(bound > 0 && bound <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException("bound is " + bound + " but must be above 0 and finite");
    }
    return new Parameter(Initializer.uniform(bound), shape);
  }

  /**
   * A parameter that starts with one value everywhere.
   *
   * @param value the value
   * @param shape the size of each axis
   * @return a new parameter
   */
  public static Parameter constant(float value, int... shape) {
    return new Parameter(Initializer.constant(value), shape);
  }

  /**
   * The values.
   *
   * @return the tensor itself: writing to its array sets the parameter
   */
  public Tensor data() {
    return data;
  }

  /**
   * The gradient, of the shape of {@link #data}.
   *
   * @return the sum over the backward passes since {@link #zeroGrad}, or {@code null} if there was
   *     none
   */
  public Tensor grad() {
    return hasGrad ? grad : null;
  }

  /** Forgets the gradient. */
  public void zeroGrad() {
    hasGrad = false;
  }

  /**
   * For a layer's backward pass: the array to write this pass's gradient to, whole, before {@link
   * #gradWritten}. It holds no particular values.
   *
   * @return an array of at least as many elements as the parameter has
   */
  public float[] gradTarget() {
    if (!hasGrad) {
      if (grad == null) {
        grad = Tensor.zeros(data.shape());
      }
      return grad.data();
    }
    if (addend == null) {
      addend = new float[data.elements()];
    }
    return addend;
  }

  /** For a layer's backward pass: what was written to {@link #gradTarget} counts from now on. */
  public void gradWritten() {
    if (hasGrad) {
      float[] sum = grad.data();
      for (int i = 0; i < addend.length; i++) {
        sum[i] += addend[i];
      }
    }
    hasGrad = true;
  }

  /** Draws the initial values anew and forgets the gradient. */
  void initialize(long seed, long stream) {
    initializer.fill(data, seed, stream);
    zeroGrad();
  }

  /** Takes other values of the same number. */
  void copyFrom(float[] values) {
    System.arraycopy(values, 0, data.data(), 0, data.elements());
  }

  @Override
  public String toString() {
    return "Parameter" + Tensor.text(data.shape());
  }
}
