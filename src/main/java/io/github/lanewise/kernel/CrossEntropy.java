package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.CrossEntropyProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.LossPass;
import io.github.lanewise.internal.Operands;

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
  private final int batch;
  private final int classes;
  private final int plane;
  private final int size;
  private final int ignoreIndex;
  private final Reduction reduction;
  private final Passes indices;
  private final Passes probabilities;

  /** The passes for one sort of target. */
  private record Passes(String name, Kernel[] value, Kernel[] gradient, Kernel[] both) {
    static Passes of(Builder b, boolean probabilities) {
      CrossEntropyProblem value = problem(b, probabilities, LossPass.VALUE);
      CrossEntropyProblem gradient = problem(b, probabilities, LossPass.GRADIENT);
      CrossEntropyProblem both = problem(b, probabilities, LossPass.BOTH);
      return new Passes(
          Implementation.first(Backend.KERNELS.crossEntropy(), value).name(),
          Implementation.first(Backend.KERNELS.crossEntropy(), value).kernels(value),
          Implementation.first(Backend.KERNELS.crossEntropy(), gradient).kernels(gradient),
          Implementation.first(Backend.KERNELS.crossEntropy(), both).kernels(both));
    }

    private static CrossEntropyProblem problem(Builder b, boolean probabilities, LossPass pass) {
      return new CrossEntropyProblem(
          pass,
          probabilities,
          b.reduction != Reduction.NONE,
          b.batch,
          b.classes,
          b.plane,
          b.ignoreIndex,
          b.labelSmoothing);
    }

    Kernel[] kernels(LossPass pass) {
      return switch (pass) {
        case VALUE -> value;
        case GRADIENT -> gradient;
        case BOTH -> both;
      };
    }

    long need(int width) {
      return Math.max(
          Workspace.need(value, width),
          Math.max(Workspace.need(gradient, width), Workspace.need(both, width)));
    }
  }

  private CrossEntropy(Builder builder) {
    batch = builder.batch;
    classes = builder.classes;
    plane = builder.plane;
    size = Checks.size("input", batch, classes, plane);
    ignoreIndex = builder.ignoreIndex;
    reduction = builder.reduction;
    indices = Passes.of(builder, false);
    probabilities = Passes.of(builder, true);
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
    private final int batch;
    private final int classes;
    private final int plane;
    private int ignoreIndex = -100;
    private double labelSmoothing;
    private Reduction reduction = Reduction.MEAN;

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
    return size;
  }

  /**
   * Class indices in a target, one a position: batch · plane.
   *
   * @return their number
   */
  public int positions() {
    return batch * plane;
  }

  /**
   * Elements of the output and its gradient: 1, or one a position if the reduction is none.
   *
   * @return their number
   */
  public int outputSize() {
    return reduction == Reduction.NONE ? positions() : 1;
  }

  /**
   * Floats of scratch memory that the largest of the passes needs.
   *
   * @param parallelism the threads that will work
   * @return their number
   */
  public long workspaceSize(Parallelism parallelism) {
    return Math.max(
        indices.need(Parallelism.width(parallelism)),
        probabilities.need(Parallelism.width(parallelism)));
  }

  /**
   * The implementations chosen, for logs and benchmarks.
   *
   * @return a line of text
   */
  public String describe() {
    return "indices " + indices.name + ", probabilities " + probabilities.name;
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
    run(LossPass.VALUE, input, target, null, weight, null, output, null, workspace);
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
    run(LossPass.VALUE, input, null, target, weight, null, output, null, workspace);
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
    run(LossPass.GRADIENT, input, target, null, weight, gradOutput, null, gradInput, workspace);
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
    run(LossPass.GRADIENT, input, null, target, weight, gradOutput, null, gradInput, workspace);
  }

  /**
   * Computes the loss and its gradient together, for class indices, in arrays that begin at an
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
    run(
        LossPass.BOTH,
        input,
        inputOffset,
        target,
        targetOffset,
        null,
        0,
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
   * Computes the loss and its gradient together, for probabilities, in arrays that begin at an
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
    run(
        LossPass.BOTH,
        input,
        inputOffset,
        null,
        0,
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

  /** The same of arrays that begin at their index 0. */
  private void run(
      LossPass pass,
      float[] input,
      int[] index,
      float[] target,
      float[] weight,
      float[] gradOutput,
      float[] output,
      float[] gradInput,
      Workspace workspace) {
    run(
        pass,
        input,
        0,
        index,
        0,
        target,
        0,
        weight,
        0,
        gradOutput,
        0,
        output,
        0,
        gradInput,
        0,
        workspace);
  }

  /** Runs a pass for one sort of target, indices or probabilities; the other is {@code null}. */
  private void run(
      LossPass pass,
      float[] input,
      int inputOffset,
      int[] index,
      int indexOffset,
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
    int outputs = outputSize();
    Arguments arguments =
        Workspace.begin(workspace)
            .reads("input", input, inputOffset, size)
            .mayRead("weight", weight, weightOffset, classes);
    double count;
    if (index != null) {
      arguments.reads("target", index, indexOffset, positions());
      count = weightOfTargets(index, indexOffset, weight, weightOffset, arguments);
    } else {
      arguments.reads("target", target, targetOffset, size);
      count = positions();
    }
    double scale = 1;
    if (pass.gradient()) {
      if (reduction == Reduction.NONE) {
        arguments.reads("grad_output", gradOutput, gradOutputOffset, outputs);
      } else {
        arguments.mayRead("grad_output", gradOutput, gradOutputOffset, outputs);
        scale = gradOutput == null ? 1 : gradOutput[gradOutputOffset];
      }
      arguments.writes("grad_input", gradInput, gradInputOffset, size);
    }
    if (pass.value()) {
      arguments.writes("output", output, outputOffset, outputs);
    }
    Operands a = arguments.operands();
    a.input = input;
    a.inputAt = inputOffset;
    a.indices = index;
    a.indicesAt = indexOffset;
    a.target = target;
    a.targetAt = targetOffset;
    a.weight = weight;
    a.weightAt = weightOffset;
    a.gradOutput = gradOutput;
    a.gradOutputAt = gradOutputOffset;
    a.output = output;
    a.outputAt = outputOffset;
    a.gradInput = gradInput;
    a.gradInputAt = gradInputOffset;
    a.scale = reduction == Reduction.MEAN ? scale / count : scale;
    double sum = workspace.run((index != null ? indices : probabilities).kernels(pass));
    if (pass.value() && reduction != Reduction.NONE) {
      output[outputOffset] = (float) (reduction == Reduction.MEAN ? sum / count : sum);
    }
  }

  /** Checks the class indices; returns the total weight of those that are not ignored. */
  private double weightOfTargets(
      int[] target, int offset, float[] weight, int weightOffset, Arguments arguments) {
    double total = 0;
    for (int i = 0; i < positions(); i++) {
      int index = target[offset + i];
      if (index == ignoreIndex) {
        continue;
      }
      if (index < 0 || index >= classes) {
        throw arguments.refusal(
            "target is "
                + index
                + " at position "
                + i
                + " but must be between 0 and "
                + (classes - 1)
                + ", or ignore_index "
                + ignoreIndex);
      }
      total += weight == null ? 1 : weight[weightOffset + index];
    }
    return total;
  }
}
