package io.github.lanewise.kernel;

import io.github.lanewise.internal.ActivationProblem;
import io.github.lanewise.internal.ActivationProblem.Kind;
import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;

/**
 * An activation function of each element, as in {@code torch.nn.functional}, with its gradient.
 *
 * <table>
 * <caption>x is an element of the input, y of the output, g of grad_output</caption>
 * <tr><th>function</th><th>y</th><th>grad_input</th></tr>
 * <tr><td>relu</td><td>max(x, 0)</td><td>0 where x ≤ 0, else g</td></tr>
 * <tr><td>leaky_relu</td><td>x where x &gt; 0, else x · negative_slope</td>
 *     <td>g where x &gt; 0, else g · negative_slope</td></tr>
 * <tr><td>sigmoid</td><td>1 / (1 + exp(−x))</td><td>g · (1 − y) · y</td></tr>
 * <tr><td>tanh</td><td>tanh(x)</td><td>g · (1 − y²)</td></tr>
 * </table>
 *
 * <p>NaN gives NaN. relu passes the gradient on at NaN; leaky_relu multiplies it by negative_slope
 * there, as PyTorch does.
 *
 * <p>Shapes do not matter, only the number of elements does. A plan is immutable and may be shared
 * between threads, each with a {@link Workspace} of its own; passes allocate nothing and give the
 * same bits for every {@link Parallelism}.
 */
public final class Activation {
  private final int size;
  private final Kind kind;
  private final Implementation<ActivationProblem> forward;
  private final Implementation<ActivationProblem> backward;
  private final Kernel[] forwardKernels;
  private final Kernel[] backwardKernels;

  private Activation(Kind kind, int size, double negativeSlope) {
    this.size = Checks.range("size", size, 0, Integer.MAX_VALUE - 16);
    this.kind = kind;
    float slope = (float) negativeSlope;
    ActivationProblem f = new ActivationProblem(kind, false, size, slope);
    ActivationProblem b = new ActivationProblem(kind, true, size, slope);
    forward = Implementation.first(Backend.KERNELS.activation(), f);
    backward = Implementation.first(Backend.KERNELS.activation(), b);
    forwardKernels = forward.kernels(f);
    backwardKernels = backward.kernels(b);
  }

  /**
   * Plans max(x, 0).
   *
   * @param size elements
   * @return the plan
   * @throws IllegalArgumentException if size is negative
   */
  public static Activation relu(int size) {
    return new Activation(Kind.RELU, size, 0);
  }

  /**
   * Plans relu with a slope below zero.
   *
   * @param size elements
   * @param negativeSlope PyTorch's default is 0.01
   * @return the plan
   * @throws IllegalArgumentException if size is negative or negativeSlope is not finite
   */
  public static Activation leakyRelu(int size, double negativeSlope) {
    Checks.range("negative_slope", negativeSlope, -Float.MAX_VALUE, Float.MAX_VALUE);
    return new Activation(Kind.LEAKY_RELU, size, negativeSlope);
  }

  /**
   * Plans 1 / (1 + exp(−x)).
   *
   * @param size elements
   * @return the plan
   * @throws IllegalArgumentException if size is negative
   */
  public static Activation sigmoid(int size) {
    return new Activation(Kind.SIGMOID, size, 0);
  }

  /**
   * Plans tanh(x).
   *
   * @param size elements
   * @return the plan
   * @throws IllegalArgumentException if size is negative
   */
  public static Activation tanh(int size) {
    return new Activation(Kind.TANH, size, 0);
  }

  /**
   * Elements of the input.
   *
   * @return their number
   */
  public int inputSize() {
    return size;
  }

  /**
   * Elements of the output: as many as the input has.
   *
   * @return their number
   */
  public int outputSize() {
    return size;
  }

  /**
   * Floats of scratch memory that the larger of the two passes needs.
   *
   * @param parallelism the threads that will work
   * @return their number
   */
  public long workspaceSize(Parallelism parallelism) {
    return Math.max(
        Workspace.need(forwardKernels, Parallelism.width(parallelism)),
        Workspace.need(backwardKernels, Parallelism.width(parallelism)));
  }

  /**
   * The implementations chosen for the two passes, for logs and benchmarks.
   *
   * @return a line of text
   */
  public String describe() {
    return "forward " + forward.name() + ", backward " + backward.name();
  }

  /**
   * Computes the output.
   *
   * @param input the elements
   * @param output written; may be the input itself
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, or the arrays overlap without being
   *     the same elements
   */
  public void forward(float[] input, float[] output, Workspace workspace) {
    forward(input, 0, output, 0, workspace);
  }

  /**
   * Computes the output of arrays that begin at an offset.
   *
   * @param input the elements
   * @param inputOffset index of the first element
   * @param output written; may be the input itself
   * @param outputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, or the arrays overlap without being
   *     the same elements
   */
  public void forward(
      float[] input, int inputOffset, float[] output, int outputOffset, Workspace workspace) {
    Operands a =
        Workspace.begin(workspace)
            .reads("input", input, inputOffset, size)
            .writesInPlace("output", output, outputOffset, size, "input")
            .operands();
    a.input = input;
    a.inputAt = inputOffset;
    a.output = output;
    a.outputAt = outputOffset;
    workspace.run(forwardKernels);
  }

  /**
   * Computes the gradient with respect to the input. relu and leaky_relu read the input only,
   * sigmoid and tanh the output only; the other one may be {@code null}. After a forward pass in
   * place, the output serves as relu's input, and as leaky_relu's if negative_slope is not
   * negative, since the signs are the same.
   *
   * @param input the elements, or {@code null} for sigmoid and tanh
   * @param output what the forward pass wrote, or {@code null} for relu and leaky_relu
   * @param gradOutput gradient with respect to the output
   * @param gradInput written; may be gradOutput itself
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array that is read is missing, an array is too short, or
   *     gradInput overlaps another array without being the same elements as gradOutput
   */
  public void backward(
      float[] input, float[] output, float[] gradOutput, float[] gradInput, Workspace workspace) {
    backward(input, 0, output, 0, gradOutput, 0, gradInput, 0, workspace);
  }

  /**
   * Computes the gradient with respect to the input, of arrays that begin at an offset.
   *
   * @param input the elements, or {@code null} for sigmoid and tanh
   * @param inputOffset index of the first element
   * @param output what the forward pass wrote, or {@code null} for relu and leaky_relu
   * @param outputOffset index of the first element
   * @param gradOutput gradient with respect to the output
   * @param gradOutputOffset index of the first element
   * @param gradInput written; may be gradOutput itself
   * @param gradInputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array that is read is missing, an array is too short, or
   *     gradInput overlaps another array without being the same elements as gradOutput
   */
  public void backward(
      float[] input,
      int inputOffset,
      float[] output,
      int outputOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    boolean readsInput = kind == Kind.RELU || kind == Kind.LEAKY_RELU;
    Arguments arguments = Workspace.begin(workspace);
    if (readsInput) {
      arguments.reads("input", input, inputOffset, size);
    } else {
      arguments.reads("output", output, outputOffset, size);
    }
    arguments
        .reads("grad_output", gradOutput, gradOutputOffset, size)
        .writesInPlace("grad_input", gradInput, gradInputOffset, size, "grad_output");
    Operands a = arguments.operands();
    a.input = input;
    a.inputAt = inputOffset;
    a.output = output;
    a.outputAt = outputOffset;
    a.gradOutput = gradOutput;
    a.gradOutputAt = gradOutputOffset;
    a.gradInput = gradInput;
    a.gradInputAt = gradInputOffset;
    workspace.run(backwardKernels);
  }
}
