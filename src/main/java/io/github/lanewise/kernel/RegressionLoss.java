package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.LossPass;
import io.github.lanewise.internal.LossProblem.Kind;

/**
 * A loss between an input and a target of the same shape, as {@code mse_loss}, {@code l1_loss} and
 * {@code smooth_l1_loss} of {@code torch.nn.functional}, with its gradient.
 *
 * <table>
 * <caption>d = input − target</caption>
 * <tr><th>loss</th><th>term</th><th>its derivative</th></tr>
 * <tr><td>mse</td><td>d²</td><td>2 · d</td></tr>
 * <tr><td>l1</td><td>|d|</td><td>−1, 0 or 1: the sign of d</td></tr>
 * <tr><td>smooth_l1</td><td>d² / (2 · beta) if |d| &lt; beta, else |d| − beta / 2</td>
 *     <td>d / beta if |d| &lt; beta, else the sign of d</td></tr>
 * </table>
 *
 * <p>The output is the mean of the terms, their sum, or each of them, as the reduction says; sums
 * are taken in double (or in short runs of floats added up in double). grad_input is the derivative
 * times grad_output, in a mean divided by the number of elements.
 *
 * <p>A plan is immutable and may be shared between threads, each with a {@link Workspace} of its
 * own; passes allocate nothing once the workspace has grown, and give the same bits for every
 * {@link Parallelism}.
 */
public final class RegressionLoss {
  private final int size;
  private final PointwiseLoss loss;

  private RegressionLoss(Builder builder) {
    size = builder.size;
    loss = new PointwiseLoss(builder.kind, size, 1, builder.beta, builder.reduction);
  }

  /**
   * Begins the plan of a mean squared error.
   *
   * @param size elements
   * @return what the optional arguments are given to
   * @throws IllegalArgumentException if size is below 1
   */
  public static Builder mseLoss(int size) {
    return new Builder(Kind.MSE, size, 1);
  }

  /**
   * Begins the plan of a mean absolute error.
   *
   * @param size elements
   * @return what the optional arguments are given to
   * @throws IllegalArgumentException if size is below 1
   */
  public static Builder l1Loss(int size) {
    return new Builder(Kind.L1, size, 1);
  }

  /**
   * Begins the plan of a loss that is a parabola near zero and the absolute error further out.
   *
   * @param size elements
   * @param beta where one becomes the other, PyTorch's default is 1; 0 makes it {@code l1}
   * @return what the optional arguments are given to
   * @throws IllegalArgumentException if size is below 1, or beta is negative or not finite
   */
  public static Builder smoothL1Loss(int size, double beta) {
    Checks.range("beta", beta, 0.0, Float.MAX_VALUE);
    return new Builder((float) beta == 0 ? Kind.L1 : Kind.SMOOTH_L1, size, beta);
  }

  /** The optional arguments of a plan, by PyTorch's names. */
  public static final class Builder {
    private final Kind kind;
    private final int size;
    private final double beta;
    private Reduction reduction = Reduction.MEAN;

    private Builder(Kind kind, int size, double beta) {
      this.kind = kind;
      this.size = Checks.range("size", size, 1, Integer.MAX_VALUE - 16);
      this.beta = beta;
    }

    /**
     * What is done with the terms, default {@link Reduction#MEAN}.
     *
     * @param reduction not {@code null}
     * @return this
     * @throws IllegalArgumentException if it is {@code null}
     */
    public Builder reduction(Reduction reduction) {
      this.reduction = Checks.present("reduction", reduction);
      return this;
    }

    /**
     * Plans the loss and its gradient.
     *
     * @return the plan
     */
    public RegressionLoss build() {
      return new RegressionLoss(this);
    }
  }

  /**
   * Elements of the input, the target and the input's gradient.
   *
   * @return their number
   */
  public int inputSize() {
    return size;
  }

  /**
   * Elements of the output and its gradient: 1, or as many as the input has if the reduction is
   * none.
   *
   * @return their number
   */
  public int outputSize() {
    return loss.outputSize();
  }

  /**
   * Floats of scratch memory that the largest of the passes needs.
   *
   * @param parallelism the threads that will work
   * @return their number
   */
  public long workspaceSize(Parallelism parallelism) {
    return loss.workspaceSize(parallelism);
  }

  /**
   * The implementation chosen, for logs and benchmarks.
   *
   * @return a line of text
   */
  public String describe() {
    return loss.describe();
  }

  /**
   * Computes the loss.
   *
   * @param input the elements
   * @param target as many
   * @param output written: {@link #outputSize()} elements
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps the output
   */
  public void forward(float[] input, float[] target, float[] output, Workspace workspace) {
    forward(input, 0, target, 0, output, 0, workspace);
  }

  /**
   * Computes the loss of arrays that begin at an offset.
   *
   * @param input the elements
   * @param inputOffset index of the first element
   * @param target as many
   * @param targetOffset index of the first element
   * @param output written: {@link #outputSize()} elements
   * @param outputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps the output
   */
  public void forward(
      float[] input,
      int inputOffset,
      float[] target,
      int targetOffset,
      float[] output,
      int outputOffset,
      Workspace workspace) {
    loss.run(
        LossPass.VALUE,
        input,
        inputOffset,
        target,
        targetOffset,
        null,
        0,
        null,
        0,
        null,
        0,
        output,
        outputOffset,
        null,
        0,
        workspace);
  }

  /**
   * Computes the gradient with respect to the input.
   *
   * @param input the elements
   * @param target as many
   * @param gradOutput {@link #outputSize()} elements; {@code null} means 1, unless the reduction is
   *     none
   * @param gradInput written
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps gradInput
   */
  public void backward(
      float[] input, float[] target, float[] gradOutput, float[] gradInput, Workspace workspace) {
    backward(input, 0, target, 0, gradOutput, 0, gradInput, 0, workspace);
  }

  /**
   * Computes the gradient with respect to the input, of arrays that begin at an offset.
   *
   * @param input the elements
   * @param inputOffset index of the first element
   * @param target as many
   * @param targetOffset index of the first element
   * @param gradOutput {@link #outputSize()} elements; {@code null} means 1, unless the reduction is
   *     none
   * @param gradOutputOffset index of the first element
   * @param gradInput written
   * @param gradInputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps gradInput
   */
  public void backward(
      float[] input,
      int inputOffset,
      float[] target,
      int targetOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    loss.run(
        LossPass.GRADIENT,
        input,
        inputOffset,
        target,
        targetOffset,
        null,
        0,
        null,
        0,
        gradOutput,
        gradOutputOffset,
        null,
        0,
        gradInput,
        gradInputOffset,
        workspace);
  }

  /**
   * Computes the loss and its gradient in one pass over memory.
   *
   * @param input the elements
   * @param target as many
   * @param gradOutput {@link #outputSize()} elements; {@code null} means 1, unless the reduction is
   *     none
   * @param output written: {@link #outputSize()} elements
   * @param gradInput written
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps one that is written
   */
  public void forwardBackward(
      float[] input,
      float[] target,
      float[] gradOutput,
      float[] output,
      float[] gradInput,
      Workspace workspace) {
    forwardBackward(input, 0, target, 0, gradOutput, 0, output, 0, gradInput, 0, workspace);
  }

  /**
   * Computes the loss and its gradient in one pass over memory, of arrays that begin at an offset.
   *
   * @param input the elements
   * @param inputOffset index of the first element
   * @param target as many
   * @param targetOffset index of the first element
   * @param gradOutput {@link #outputSize()} elements; {@code null} means 1, unless the reduction is
   *     none
   * @param gradOutputOffset index of the first element
   * @param output written: {@link #outputSize()} elements
   * @param outputOffset index of the first element
   * @param gradInput written
   * @param gradInputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps one that is written
   */
  public void forwardBackward(
      float[] input,
      int inputOffset,
      float[] target,
      int targetOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] output,
      int outputOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    loss.run(
        LossPass.BOTH,
        input,
        inputOffset,
        target,
        targetOffset,
        null,
        0,
        null,
        0,
        gradOutput,
        gradOutputOffset,
        output,
        outputOffset,
        gradInput,
        gradInputOffset,
        workspace);
  }
}
