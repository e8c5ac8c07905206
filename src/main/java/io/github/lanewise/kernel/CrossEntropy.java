package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.LossPass;

/**
 * Softmax and cross-entropy in one, as {@code torch.nn.functional.cross_entropy}, with its
 * gradient. Input (logits) is (batch, classes, plane), where plane is the product of all sizes
 * after the classes: 1 for (N, C). The target is a class index for each position, (batch, plane),
 * or a probability for each class, (batch, classes, plane).
 *
 * <pre>
 * loss = −Σ q[c] · log softmax(input)[c]
 * q[c] = weight[c] · ((1 − label_smoothing) · target[c] + label_smoothing / classes)
 * grad_input[c] = grad_output · (softmax(input)[c] · Σ q[k] − q[c])
 * </pre>
 *
 * where target[c] is 1 for the class of an index and 0 for the others. A position whose index is
 * ignore_index has loss and gradient 0.
 *
 * <p>The output is the sum over the positions, each of them, or the mean: the sum divided, with
 * indices, by the total weight of the classes of all positions that are not ignored (NaN if all
 * are), with probabilities by the number of positions.
 *
 * <p>A plan is immutable and may be shared between threads, each with a {@link Workspace} of its
 * own; passes allocate nothing once the workspace has grown, and give the same bits for every
 * {@link Parallelism}. {@code weight} {@code null} means ones.
 */
public final class CrossEntropy {
  private final CrossEntropyPasses passes;

  private CrossEntropy(Builder builder) {
    passes = new CrossEntropyPasses(builder);
  }

  /**
   * Begins a plan.
   *
   * @param batch size before the classes, N
   * @param classes classes, C
   * @param plane size after the classes: 1 for (N, C)
   * @return what the optional arguments are given to
   * @throws IllegalArgumentException if a size is below 1
   */
  public static Builder of(int batch, int classes, int plane) {
    return new Builder(batch, classes, plane);
  }

  /** The optional arguments of a plan, by PyTorch's names. */
  public static final class Builder {
    final int batch;
    final int classes;
    final int plane;
    int ignoreIndex = -100;
    double labelSmoothing;
    Reduction reduction = Reduction.MEAN;

    private Builder(int batch, int classes, int plane) {
      this.batch = Checks.range("batch", batch, 1, Integer.MAX_VALUE);
      this.classes = Checks.range("classes", classes, 1, Integer.MAX_VALUE);
      this.plane = Checks.range("plane", plane, 1, Integer.MAX_VALUE);
    }

    /**
     * The class index of positions that do not count, default −100.
     *
     * @param ignoreIndex any number, also that of a class
     * @return this
     */
    public Builder ignoreIndex(int ignoreIndex) {
      this.ignoreIndex = ignoreIndex;
      return this;
    }

    /**
     * Share of each target that is spread over all classes, default 0.
     *
     * @param labelSmoothing between 0 and 1
     * @return this
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder labelSmoothing(double labelSmoothing) {
      this.labelSmoothing = Checks.range("label_smoothing", labelSmoothing, 0.0, 1.0);
      return this;
    }

    /**
     * What is done with the losses of the positions, default {@link Reduction#MEAN}.
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
     * @throws IllegalArgumentException if the input would have more elements than Java allows
     */
    public CrossEntropy build() {
      return new CrossEntropy(this);
    }
  }

  /**
   * Elements of the input: batch · classes · plane.
   *
   * @return their number
   */
  public int inputSize() {
    return passes.size;
  }

  /**
   * Class indices in a target, one a position: batch · plane.
   *
   * @return their number
   */
  public int positions() {
    return passes.positions;
  }

  /**
   * Elements of the output and its gradient: 1, or one a position if the reduction is none.
   *
   * @return their number
   */
  public int outputSize() {
    return passes.outputSize();
  }

  /**
   * Floats of scratch memory that the largest of the passes needs.
   *
   * @param parallelism the threads that will work
   * @return their number
   */
  public long workspaceSize(Parallelism parallelism) {
    return passes.workspaceSize(parallelism);
  }

  /**
   * The implementations chosen, for logs and benchmarks.
   *
   * @return a line of text
   */
  public String describe() {
    return passes.describe();
  }

  /**
   * Computes the loss for class indices.
   *
   * @param input (batch, classes, plane)
   * @param target (batch, plane), each from 0 to classes − 1, or ignore_index
   * @param weight (classes), or {@code null}
   * @param output written: {@link #outputSize()} elements
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an index is out of range, or an array is too short or
   *     overlaps the output
   */
  public void forward(
      float[] input, int[] target, float[] weight, float[] output, Workspace workspace) {
    forward(input, 0, target, 0, weight, 0, output, 0, workspace);
  }

  /**
   * Computes the loss for probabilities.
   *
   * @param input (batch, classes, plane)
   * @param target (batch, classes, plane)
   * @param weight (classes), or {@code null}
   * @param output written: {@link #outputSize()} elements
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps the output
   */
  public void forward(
      float[] input, float[] target, float[] weight, float[] output, Workspace workspace) {
    forward(input, 0, target, 0, weight, 0, output, 0, workspace);
  }

  /**
   * Computes the loss for class indices, of arrays that begin at an offset.
   *
   * @param input (batch, classes, plane)
   * @param inputOffset index of the first element
   * @param target (batch, plane), each from 0 to classes − 1, or ignore_index
   * @param targetOffset index of the first element
   * @param weight (classes), or {@code null}
   * @param weightOffset index of the first element
   * @param output written: {@link #outputSize()} elements
   * @param outputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an index is out of range, or an array is too short or
   *     overlaps the output
   */
  public void forward(
      float[] input,
      int inputOffset,
      int[] target,
      int targetOffset,
      float[] weight,
      int weightOffset,
      float[] output,
      int outputOffset,
      Workspace workspace) {
    passes.run(
        LossPass.VALUE,
        input,
        inputOffset,
        target,
        targetOffset,
        weight,
        weightOffset,
        null,
        0,
        output,
        outputOffset,
        null,
        0,
        workspace);
  }

  /**
   * Computes the loss for probabilities, of arrays that begin at an offset.
   *
   * @param input (batch, classes, plane)
   * @param inputOffset index of the first element
   * @param target (batch, classes, plane)
   * @param targetOffset index of the first element
   * @param weight (classes), or {@code null}
   * @param weightOffset index of the first element
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
      float[] output,
      int outputOffset,
      Workspace workspace) {
    passes.run(
        LossPass.VALUE,
        input,
        inputOffset,
        target,
        targetOffset,
        weight,
        weightOffset,
        null,
        0,
        output,
        outputOffset,
        null,
        0,
        workspace);
  }

  /**
   * Computes the gradient with respect to the input, for class indices.
   *
   * @param input (batch, classes, plane)
   * @param target (batch, plane), each from 0 to classes − 1, or ignore_index
   * @param weight (classes), or {@code null}
   * @param gradOutput {@link #outputSize()} elements; {@code null} means 1, unless the reduction is
   *     none
   * @param gradInput written: (batch, classes, plane)
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an index is out of range, or an array is too short or
   *     overlaps gradInput
   */
  public void backward(
      float[] input,
      int[] target,
      float[] weight,
      float[] gradOutput,
      float[] gradInput,
      Workspace workspace) {
    backward(input, 0, target, 0, weight, 0, gradOutput, 0, gradInput, 0, workspace);
  }

  /**
   * Computes the gradient with respect to the input, for probabilities.
   *
   * @param input (batch, classes, plane)
   * @param target (batch, classes, plane)
   * @param weight (classes), or {@code null}
   * @param gradOutput {@link #outputSize()} elements; {@code null} means 1, unless the reduction is
   *     none
   * @param gradInput written: (batch, classes, plane)
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps gradInput
   */
  public void backward(
      float[] input,
      float[] target,
      float[] weight,
      float[] gradOutput,
      float[] gradInput,
      Workspace workspace) {
    backward(input, 0, target, 0, weight, 0, gradOutput, 0, gradInput, 0, workspace);
  }

  /**
   * Computes the gradient with respect to the input, for class indices, of arrays that begin at an
   * offset.
   *
   * @param input (batch, classes, plane)
   * @param inputOffset index of the first element
   * @param target (batch, plane), each from 0 to classes − 1, or ignore_index
   * @param targetOffset index of the first element
   * @param weight (classes), or {@code null}
   * @param weightOffset index of the first element
   * @param gradOutput {@link #outputSize()} elements; {@code null} means 1, unless the reduction is
   *     none
   * @param gradOutputOffset index of the first element
   * @param gradInput written: (batch, classes, plane)
   * @param gradInputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an index is out of range, or an array is too short or
   *     overlaps gradInput
   */
  public void backward(
      float[] input,
      int inputOffset,
      int[] target,
      int targetOffset,
      float[] weight,
      int weightOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    passes.run(
        LossPass.GRADIENT,
        input,
        inputOffset,
        target,
        targetOffset,
        weight,
        weightOffset,
        gradOutput,
        gradOutputOffset,
        null,
        0,
        gradInput,
        gradInputOffset,
        workspace);
  }

  /**
   * Computes the gradient with respect to the input, for probabilities, of arrays that begin at an
   * offset.
   *
   * @param input (batch, classes, plane)
   * @param inputOffset index of the first element
   * @param target (batch, classes, plane)
   * @param targetOffset index of the first element
   * @param weight (classes), or {@code null}
   * @param weightOffset index of the first element
   * @param gradOutput {@link #outputSize()} elements; {@code null} means 1, unless the reduction is
   *     none
   * @param gradOutputOffset index of the first element
   * @param gradInput written: (batch, classes, plane)
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
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    passes.run(
        LossPass.GRADIENT,
        input,
        inputOffset,
        target,
        targetOffset,
        weight,
        weightOffset,
        gradOutput,
        gradOutputOffset,
        null,
        0,
        gradInput,
        gradInputOffset,
        workspace);
  }

  /**
   * Computes the loss and its gradient together, for class indices.
   *
   * @param input (batch, classes, plane)
   * @param target (batch, plane), each from 0 to classes − 1, or ignore_index
   * @param weight (classes), or {@code null}
   * @param gradOutput {@link #outputSize()} elements; {@code null} means 1, unless the reduction is
   *     none
   * @param output written: {@link #outputSize()} elements
   * @param gradInput written: (batch, classes, plane)
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an index is out of range, or an array is too short or
   *     overlaps one that is written
   */
  public void forwardBackward(
      float[] input,
      int[] target,
      float[] weight,
      float[] gradOutput,
      float[] output,
      float[] gradInput,
      Workspace workspace) {
    forwardBackward(
        input, 0, target, 0, weight, 0, gradOutput, 0, output, 0, gradInput, 0, workspace);
  }

  /**
   * Computes the loss and its gradient together, for probabilities.
   *
   * @param input (batch, classes, plane)
   * @param target (batch, classes, plane)
   * @param weight (classes), or {@code null}
   * @param gradOutput {@link #outputSize()} elements; {@code null} means 1, unless the reduction is
   *     none
   * @param output written: {@link #outputSize()} elements
   * @param gradInput written: (batch, classes, plane)
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps one that is written
   */
  public void forwardBackward(
      float[] input,
      float[] target,
      float[] weight,
      float[] gradOutput,
      float[] output,
      float[] gradInput,
      Workspace workspace) {
    forwardBackward(
        input, 0, target, 0, weight, 0, gradOutput, 0, output, 0, gradInput, 0, workspace);
  }

  /**
   * Computes the loss and its gradient together, for class indices, of arrays that begin at an
   * offset.
   *
   * @param input (batch, classes, plane)
   * @param inputOffset index of the first element
   * @param target (batch, plane), each from 0 to classes − 1, or ignore_index
   * @param targetOffset index of the first element
   * @param weight (classes), or {@code null}
   * @param weightOffset index of the first element
   * @param gradOutput {@link #outputSize()} elements; {@code null} means 1, unless the reduction is
   *     none
   * @param gradOutputOffset index of the first element
   * @param output written: {@link #outputSize()} elements
   * @param outputOffset index of the first element
   * @param gradInput written: (batch, classes, plane)
   * @param gradInputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an index is out of range, or an array is too short or
   *     overlaps one that is written
   */
  public void forwardBackward(
      float[] input,
      int inputOffset,
      int[] target,
      int targetOffset,
      float[] weight,
      int weightOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] output,
      int outputOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    passes.run(
        LossPass.BOTH,
        input,
        inputOffset,
        target,
        targetOffset,
        weight,
        weightOffset,
        gradOutput,
        gradOutputOffset,
        output,
        outputOffset,
        gradInput,
        gradInputOffset,
        workspace);
  }

  /**
   * Computes the loss and its gradient together, for probabilities, of arrays that begin at an
   * offset.
   *
   * @param input (batch, classes, plane)
   * @param inputOffset index of the first element
   * @param target (batch, classes, plane)
   * @param targetOffset index of the first element
   * @param weight (classes), or {@code null}
   * @param weightOffset index of the first element
   * @param gradOutput {@link #outputSize()} elements; {@code null} means 1, unless the reduction is
   *     none
   * @param gradOutputOffset index of the first element
   * @param output written: {@link #outputSize()} elements
   * @param outputOffset index of the first element
   * @param gradInput written: (batch, classes, plane)
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
      float[] gradOutput,
      int gradOutputOffset,
      float[] output,
      int outputOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    passes.run(
        LossPass.BOTH,
        input,
        inputOffset,
        target,
        targetOffset,
        weight,
        weightOffset,
        gradOutput,
        gradOutputOffset,
        output,
        outputOffset,
        gradInput,
        gradInputOffset,
        workspace);
  }
}
