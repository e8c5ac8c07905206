package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.LossPass;
import io.github.lanewise.internal.LossProblem.Kind;

/**
 * Sigmoid and binary cross-entropy in one, as {@code
 * torch.nn.functional.binary_cross_entropy_with_logits}, with its gradient. Input and target are
 * (batch, columns), where columns is the last axis and batch the product of all others.
 *
 * <pre>
 * term = weight · ((1 − target) · x + (1 + (pos_weight − 1) · target) · (log(1 + exp(−|x|)) + max(−x, 0)))
 * its derivative = weight · ((pos_weight · target + 1 − target) · sigmoid(x) − pos_weight · target)
 * </pre>
 *
 * <p>The form with |x| does not overflow however large the logit. {@code weight} has one value an
 * element, {@code pos_weight} one a column; {@code null} means ones.
 *
 * <p>The output is the mean of the terms, their sum, or each of them, as the reduction says; sums
 * are taken in double (or in short runs of floats added up in double). grad_input is the derivative
 * times grad_output, in a mean divided by the number of elements.
 *
 * <p>A plan is immutable and may be shared between threads, each with a {@link Workspace} of its
 * own; passes allocate nothing once the workspace has grown, and give the same bits for every
 * {@link Parallelism}.
 */
public final class BinaryCrossEntropyWithLogits {
  private final int size;
  private final PointwiseLoss loss;

  private BinaryCrossEntropyWithLogits(Builder builder) {
    size = builder.size;
    loss = new PointwiseLoss(Kind.BCE_WITH_LOGITS, size, builder.columns, 1, builder.reduction);
  }

  /**
   * Begins a plan.
   *
   * @param batch product of all sizes but the last
   * @param columns size of the last axis, along which pos_weight is spread
   * @return what the optional arguments are given to
   * @throws IllegalArgumentException if a size is below 1 or the array would have more elements
   *     than Java allows
   */
  public static Builder of(int batch, int columns) {
    return new Builder(batch, columns);
  }

  /** The optional arguments of a plan, by PyTorch's names. */
  public static final class Builder {
    private final int size;
    private final int columns;
    private Reduction reduction = Reduction.MEAN;

    private Builder(int batch, int columns) {
      Checks.range("batch", batch, 1, Integer.MAX_VALUE);
      this.columns = Checks.range("columns", columns, 1, Integer.MAX_VALUE);
      size = Checks.size("input", batch, columns);
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
    public BinaryCrossEntropyWithLogits build() {
      return new BinaryCrossEntropyWithLogits(this);
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
   * @param weight as many, or {@code null}
   * @param posWeight (columns), or {@code null}
   * @param output written: {@link #outputSize()} elements
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps the output
   */
  public void forward(
      float[] input,
      float[] target,
      float[] weight,
      float[] posWeight,
      float[] output,
      Workspace workspace) {
    forward(input, 0, target, 0, weight, 0, posWeight, 0, output, 0, workspace);
  }

  /**
   * Computes the loss of arrays that begin at an offset.
   *
   * @param input the elements
   * @param inputOffset index of the first element
   * @param target as many
   * @param targetOffset index of the first element
   * @param weight as many, or {@code null}
   * @param weightOffset index of the first element
   * @param posWeight (columns), or {@code null}
   * @param posWeightOffset index of the first element
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
      float[] weight,
      int weightOffset,
      float[] posWeight,
      int posWeightOffset,
      float[] output,
      int outputOffset,
      Workspace workspace) {
    loss.run(
        LossPass.VALUE,
        input,
        inputOffset,
        target,
        targetOffset,
        weight,
        weightOffset,
        posWeight,
        posWeightOffset,
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
   * @param weight as many, or {@code null}
   * @param posWeight (columns), or {@code null}
   * @param gradOutput {@link #outputSize()} elements; {@code null} means 1, unless the reduction is
   *     none
   * @param gradInput written
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps gradInput
   */
  public void backward(
      float[] input,
      float[] target,
      float[] weight,
      float[] posWeight,
      float[] gradOutput,
      float[] gradInput,
      Workspace workspace) {
    backward(input, 0, target, 0, weight, 0, posWeight, 0, gradOutput, 0, gradInput, 0, workspace);
  }

  /**
   * Computes the gradient with respect to the input, of arrays that begin at an offset.
   *
   * @param input the elements
   * @param inputOffset index of the first element
   * @param target as many
   * @param targetOffset index of the first element
   * @param weight as many, or {@code null}
   * @param weightOffset index of the first element
   * @param posWeight (columns), or {@code null}
   * @param posWeightOffset index of the first element
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
      float[] weight,
      int weightOffset,
      float[] posWeight,
      int posWeightOffset,
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
        weight,
        weightOffset,
        posWeight,
        posWeightOffset,
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
   * @param weight as many, or {@code null}
   * @param posWeight (columns), or {@code null}
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
      float[] weight,
      float[] posWeight,
      float[] gradOutput,
      float[] output,
      float[] gradInput,
      Workspace workspace) {
    forwardBackward(
        input,
        0,
        target,
        0,
        weight,
        0,
        posWeight,
        0,
        gradOutput,
        0,
        output,
        0,
        gradInput,
        0,
        workspace);
  }

  /**
   * Computes the loss and its gradient in one pass over memory, of arrays that begin at an offset.
   *
   * @param input the elements
   * @param inputOffset index of the first element
   * @param target as many
   * @param targetOffset index of the first element
   * @param weight as many, or {@code null}
   * @param weightOffset index of the first element
   * @param posWeight (columns), or {@code null}
   * @param posWeightOffset index of the first element
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
      float[] weight,
      int weightOffset,
      float[] posWeight,
      int posWeightOffset,
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
        weight,
        weightOffset,
        posWeight,
        posWeightOffset,
        gradOutput,
        gradOutputOffset,
        output,
        outputOffset,
        gradInput,
        gradInputOffset,
        workspace);
  }
}
