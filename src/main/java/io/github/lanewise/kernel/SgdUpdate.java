package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.SgdProblem;

/**
 * One step of stochastic gradient descent on an array of parameters, as {@code torch.optim.SGD}, in
 * one pass over memory.
 *
 * <pre>
 * d = grad + weight_decay · param
 * with momentum: buffer ← d in the first step, then momentum · buffer + (1 − dampening) · d
 *                d = buffer, or with nesterov d + momentum · buffer
 * param ← param − lr · d
 * </pre>
 *
 * <p>A plan is immutable and may be shared between threads, each with a {@link Workspace} of its
 * own; updates allocate nothing and give the same bits for every {@link Parallelism}.
 */
public final class SgdUpdate {
  private final int size;
  private final boolean momentum;
  private final Implementation<SgdProblem> implementation;
  private final Kernel[] kernels;

  private SgdUpdate(Builder b) {
    size = b.size;
    momentum = (float) b.momentum != 0;
    SgdProblem problem =
        new SgdProblem(
            size,
            (float) b.lr,
            (float) b.momentum,
            (float) (1 - b.dampening),
            (float) b.weightDecay,
            b.nesterov);
    implementation = Implementation.first(Backend.KERNELS.sgd(), problem);
    kernels = implementation.kernels(problem);
  }

  /**
   * Begins a plan.
   *
   * @param size parameters
   * @return what the optional arguments are given to
   * @throws IllegalArgumentException if size is negative
   */
  public static Builder sgd(int size) {
    return new Builder(size);
  }

  /** The optional arguments of a plan, by PyTorch's names. */
  public static final class Builder {
    private final int size;
    private double lr = 1e-3;
    private double momentum;
    private double dampening;
    private double weightDecay;
    private boolean nesterov;

    private Builder(int size) {
      this.size = Checks.range("size", size, 0, Integer.MAX_VALUE - 16);
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
     * Share of the last step that is kept, default 0.
     *
     * @param momentum at least 0
     * @return this
     * @throws IllegalArgumentException if it is negative or not finite as a float
     */
    public Builder momentum(double momentum) {
      this.momentum = Checks.range("momentum", momentum, 0.0, Float.MAX_VALUE);
      return this;
    }

    /**
     * Share of the gradient that does not enter the momentum buffer, default 0.
     *
     * @param dampening a number
     * @return this
     * @throws IllegalArgumentException if it is not finite as a float
     */
    public Builder dampening(double dampening) {
      this.dampening = Checks.range("dampening", dampening, -Float.MAX_VALUE, Float.MAX_VALUE);
      return this;
    }

    /**
     * Pull of the parameters towards zero, default 0.
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
     * Whether the step looks ahead along the momentum, default no.
     *
     * @param nesterov yes or no
     * @return this
     */
    public Builder nesterov(boolean nesterov) {
      this.nesterov = nesterov;
      return this;
    }

    /**
     * Checks the arguments together and plans the update.
     *
     * @return the plan
     * @throws IllegalArgumentException if nesterov is asked for without momentum or with dampening
     */
    public SgdUpdate build() {
      if (nesterov && (momentum == 0 || dampening != 0)) {
        throw new IllegalArgumentException(
            "nesterov needs a momentum above 0 and a dampening of 0, but momentum is "
                + momentum
                + " and dampening "
                + dampening);
      }
      return new SgdUpdate(this);
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
   * @param momentumBuffer updated; {@code null} without momentum
   * @param step number of this step, from 1; the first one does not read the momentum buffer
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is missing, too short or overlaps another, or step
   *     is below 1
   */
  public void update(
      float[] param, float[] grad, float[] momentumBuffer, long step, Workspace workspace) {
    update(param, 0, grad, 0, momentumBuffer, 0, step, workspace);
  }

  /**
   * Takes a step in arrays that begin at an offset.
   *
   * @param param updated: the parameters
   * @param paramOffset index of the first element
   * @param grad their gradients
   * @param gradOffset index of the first element
   * @param momentumBuffer updated; {@code null} without momentum
   * @param momentumBufferOffset index of the first element
   * @param step number of this step, from 1; the first one does not read the momentum buffer
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is missing, too short or overlaps another, or step
   *     is below 1
   */
  public void update(
      float[] param,
      int paramOffset,
      float[] grad,
      int gradOffset,
      float[] momentumBuffer,
      int momentumBufferOffset,
      long step,
      Workspace workspace) {
    if (step < 1) {
      throw new IllegalArgumentException("step is " + step + " but must be at least 1");
    }
    Arguments arguments =
        Workspace.begin(workspace)
            .writes("param", param, paramOffset, size)
            .reads("grad", grad, gradOffset, size);
    if (momentum) {
      arguments.writes("momentum_buffer", momentumBuffer, momentumBufferOffset, size);
    }
    Operands a = arguments.operands();
    a.param = param;
    a.paramAt = paramOffset;
    a.grad = grad;
    a.gradAt = gradOffset;
    a.expAvg = momentumBuffer;
    a.expAvgAt = momentumBufferOffset;
    a.firstStep = step == 1;
    workspace.run(kernels);
  }
}
