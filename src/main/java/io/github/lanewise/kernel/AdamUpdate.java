package io.github.lanewise.kernel;

import io.github.lanewise.internal.AdamProblem;
import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;

/**
 * One step of Adam (Kingma and Ba, arXiv 1412.6980) or AdamW (Loshchilov and Hutter, arXiv
 * 1711.05101) on an array of parameters, as {@code torch.optim}, in one pass over memory.
 *
 * <pre>
 * AdamW: param ← param · (1 − lr · weight_decay)
 * Adam:  grad ← grad + weight_decay · param
 * exp_avg    ← beta1 · exp_avg + (1 − beta1) · grad
 * exp_avg_sq ← beta2 · exp_avg_sq + (1 − beta2) · grad²
 * v = exp_avg_sq, or with amsgrad max_exp_avg_sq ← max(max_exp_avg_sq, exp_avg_sq)
 * param ← param − lr / (1 − beta1ᵗ) · exp_avg / (√v / √(1 − beta2ᵗ) + eps)
 * </pre>
 *
 * <p>The caller keeps the state, zero before the first step, and counts the steps t from 1. A plan
 * is immutable and may be shared between threads, each with a {@link Workspace} of its own; updates
 * allocate nothing and give the same bits for every {@link Parallelism}.
 */
public final class AdamUpdate {
  private final int size;
  private final double lr;
  private final double beta1;
  private final double beta2;
  private final boolean amsgrad;
  private final Implementation<AdamProblem> implementation;
  private final Kernel[] kernels;

  private AdamUpdate(Builder b) {
    size = b.size;
    lr = b.lr;
    beta1 = b.beta1;
    beta2 = b.beta2;
    amsgrad = b.amsgrad;
    AdamProblem problem =
        new AdamProblem(
            size,
            (float) beta1,
            (float) (1 - beta1),
            (float) beta2,
            (float) (1 - beta2),
            (float) b.eps,
            b.decoupled ? (float) (1 - lr * b.weightDecay) : 1,
            b.decoupled ? 0 : (float) b.weightDecay,
            amsgrad);
    implementation = Implementation.first(Backend.KERNELS.adam(), problem);
    kernels = implementation.kernels(problem);
  }

  /**
   * Begins the plan of Adam: weight decay, default 0, is added to the gradient.
   *
   * @param size parameters
   * @return what the optional arguments are given to
   * @throws IllegalArgumentException if size is negative
   */
  public static Builder adam(int size) {
    return new Builder(size, false, 0);
  }

  /**
   * Begins the plan of AdamW: weight decay, default 0.01, shrinks the parameter.
   *
   * @param size parameters
   * @return what the optional arguments are given to
   * @throws IllegalArgumentException if size is negative
   */
  public static Builder adamw(int size) {
    return new Builder(size, true, 1e-2);
  }

  /** The optional arguments of a plan, by PyTorch's names. */
  public static final class Builder {
    private final int size;
    private final boolean decoupled;
    private double lr = 1e-3;
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double eps = 1e-8;
    private double weightDecay;
    private boolean amsgrad;

    private Builder(int size, boolean decoupled, double weightDecay) {
      this.size = Checks.range("size", size, 0, Integer.MAX_VALUE - 16);
      this.decoupled = decoupled;
      this.weightDecay = weightDecay;
    }

    /**
     * Learning rate, default 1e-3.
     *
     * @param lr at least 0
     * @return this
     * @throws IllegalArgumentException if it is negative or not finite as a float
     */
    public Builder lr(double lr) {
      this.lr = Checks.range("lr", lr, 0.0, Float.MAX_VALUE);
      return this;
    }

    /**
     * Decay of the two moments, default 0.9 and 0.999.
     *
     * @param beta1 of the first, at least 0 and below 1
     * @param beta2 of the second, at least 0 and below 1
     * @return this
     * @throws IllegalArgumentException if one is out of range
     */
    public Builder betas(double beta1, double beta2) {
      this.beta1 = beta("betas[0]", beta1);
      this.beta2 = beta("betas[1]", beta2);
      return this;
    }

    private static double beta(String name, double value) {
      if (!(value >= 0 && value < 1)) {
        throw new IllegalArgumentException(
            name + " is " + value + " but must be at least 0.0 and below 1.0");
      }
      return value;
    }

    /**
     * What is added to the denominator, default 1e-8.
     *
     * @param eps at least 0
     * @return this
     * @throws IllegalArgumentException if it is negative or not finite as a float
     */
    public Builder eps(double eps) {
      this.eps = Checks.range("eps", eps, 0.0, Float.MAX_VALUE);
      return this;
    }

    /**
     * Pull of the parameters towards zero.
     *
     * @param weightDecay at least 0
     * @return this
     * @throws IllegalArgumentException if it is negative or not finite as a float
     */
    public Builder weightDecay(double weightDecay) {
      this.weightDecay = Checks.range("weight_decay", weightDecay, 0.0, Float.MAX_VALUE);
      return this;
    }

    /**
     * Whether the largest second moment so far is used (arXiv 1904.09237), default no.
     *
     * @param amsgrad yes or no
     * @return this
     */
    public Builder amsgrad(boolean amsgrad) {
      this.amsgrad = amsgrad;
      return this;
    }

    /**
     * Plans the update.
     *
     * @return the plan
     */
    public AdamUpdate build() {
      return new AdamUpdate(this);
    }
  }

  /**
   * Parameters.
   *
   * @return their number
   */
  public int size() {
    return size;
  }

  /**
   * Floats of scratch memory that an update needs.
   *
   * @param parallelism the threads that will work
   * @return their number
   */
  public long workspaceSize(Parallelism parallelism) {
    return Workspace.need(kernels, Parallelism.width(parallelism));
  }

  /**
   * The implementation chosen, for logs and benchmarks.
   *
   * @return a line of text
   */
  public String describe() {
    return implementation.name();
  }

  /**
   * Takes a step.
   *
   * @param param updated: the parameters
   * @param grad their gradients
   * @param expAvg updated: first moments
   * @param expAvgSq updated: second moments
   * @param maxExpAvgSq updated: largest second moments; {@code null} unless amsgrad
   * @param step number of this step, from 1
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is missing, too short or overlaps another, or step
   *     is below 1
   */
  public void update(
      float[] param,
      float[] grad,
      float[] expAvg,
      float[] expAvgSq,
      float[] maxExpAvgSq,
      long step,
      Workspace workspace) {
    update(param, 0, grad, 0, expAvg, 0, expAvgSq, 0, maxExpAvgSq, 0, step, workspace);
  }

  /**
   * Takes a step in arrays that begin at an offset.
   *
   * @param param updated: the parameters
   * @param paramOffset index of the first element
   * @param grad their gradients
   * @param gradOffset index of the first element
   * @param expAvg updated: first moments
   * @param expAvgOffset index of the first element
   * @param expAvgSq updated: second moments
   * @param expAvgSqOffset index of the first element
   * @param maxExpAvgSq updated: largest second moments; {@code null} unless amsgrad
   * @param maxExpAvgSqOffset index of the first element
   * @param step number of this step, from 1
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is missing, too short or overlaps another, or step
   *     is below 1
   */
  public void update(
      float[] param,
      int paramOffset,
      float[] grad,
      int gradOffset,
      float[] expAvg,
      int expAvgOffset,
      float[] expAvgSq,
      int expAvgSqOffset,
      float[] maxExpAvgSq,
      int maxExpAvgSqOffset,
      long step,
      Workspace workspace) {
    if (step < 1) {
      throw new IllegalArgumentException("step is " + step + " but must be at least 1");
    }
    Arguments arguments =
        Workspace.begin(workspace)
            .writes("param", param, paramOffset, size)
            .reads("grad", grad, gradOffset, size)
            .writes("exp_avg", expAvg, expAvgOffset, size)
            .writes("exp_avg_sq", expAvgSq, expAvgSqOffset, size);
    if (amsgrad) {
      arguments.writes("max_exp_avg_sq", maxExpAvgSq, maxExpAvgSqOffset, size);
    }
    Operands a = arguments.operands();
    a.param = param;
    a.paramAt = paramOffset;
    a.grad = grad;
    a.gradAt = gradOffset;
    a.expAvg = expAvg;
    a.expAvgAt = expAvgOffset;
    a.expAvgSq = expAvgSq;
    a.expAvgSqAt = expAvgSqOffset;
    a.maxExpAvgSq = maxExpAvgSq;
    a.maxExpAvgSqAt = maxExpAvgSqOffset;
    a.stepSize = (float) (lr / (1 - power(beta1, step)));
    a.rootScale = (float) (1 / Math.sqrt(1 - power(beta2, step)));
    workspace.run(kernels);
  }

  /** {@code base} to the power of {@code exponent}; StrictMath.pow allocates arrays. */
  private static double power(double base, long exponent) {
    double power = 1;
    for (long rest = exponent; rest > 0; rest >>= 1) {
      if ((rest & 1) == 1) {
        power *= base;
      }
      base *= base;
    }
    return power;
  }
}
