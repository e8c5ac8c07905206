package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.SoftmaxProblem;

/**
 * Softmax or log-softmax over the channels (dimension 1) of an array (batch, channels, plane), as
 * {@code torch.nn.functional.softmax} and {@code log_softmax} with {@code dim=1}, and its gradient.
 * {@code plane} is the product of all sizes after the channels: 1 for (N, C). Any other dimension
 * is served by calling the sizes before it batch, and those after it plane.
 *
 * <pre>
 * softmax:     output[c] = exp(input[c] − m) / Σ exp(input[k] − m), m = max input[k]
 *              grad_input[c] = (grad_output[c] − Σ grad_output[k] · output[k]) · output[c]
 * log_softmax: output[c] = input[c] − m − log Σ exp(input[k] − m)
 *              grad_input[c] = grad_output[c] − exp(output[c]) · Σ grad_output[k]
 * </pre>
 *
 * <p>A NaN or +∞ among the channels, or −∞ in all of them, makes the whole position NaN.
 *
 * <p>A plan is immutable and may be shared between threads, each with a {@link Workspace} of its
 * own; passes allocate nothing once the workspace has grown, and give the same bits for every
 * {@link Parallelism}.
 */
public final class Softmax {
  private final int size;
  private final Implementation<SoftmaxProblem> forward;
  private final Implementation<SoftmaxProblem> backward;
  private final Kernel[] forwardKernels;
  private final Kernel[] backwardKernels;

  private Softmax(boolean log, int batch, int channels, int plane) {
    Checks.range("batch", batch, 1, Integer.MAX_VALUE);
    Checks.range("channels", channels, 1, Integer.MAX_VALUE);
    Checks.range("plane", plane, 1, Integer.MAX_VALUE);
    size = Checks.size("input", batch, channels, plane);
    SoftmaxProblem f = new SoftmaxProblem(log, false, batch, channels, plane);
    SoftmaxProblem b = new SoftmaxProblem(log, true, batch, channels, plane);
    forward = Implementation.first(Backend.KERNELS.softmax(), f);
    backward = Implementation.first(Backend.KERNELS.softmax(), b);
    forwardKernels = forward.kernels(f);
    backwardKernels = backward.kernels(b);
  }

  /**
   * Plans a softmax.
   *
   * @param batch size before the channels
   * @param channels values that add up to one
   * @param plane size after the channels
   * @return the plan
   * @throws IllegalArgumentException if a size is below 1 or the array has more elements than Java
   *     allows
   */
  public static Softmax softmax(int batch, int channels, int plane) {
    return new Softmax(false, batch, channels, plane);
  }

  /**
   * Plans the logarithm of a softmax.
   *
   * @param batch size before the channels
   * @param channels values whose exponentials add up to one
   * @param plane size after the channels
   * @return the plan
   * @throws IllegalArgumentException if a size is below 1 or the array has more elements than Java
   *     allows
   */
  public static Softmax logSoftmax(int batch, int channels, int plane) {
    return new Softmax(true, batch, channels, plane);
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
   * @param input (batch, channels, plane)
   * @param output written: (batch, channels, plane); may be the input itself
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
   * @param input (batch, channels, plane)
   * @param inputOffset index of the first element
   * @param output written: (batch, channels, plane); may be the input itself
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
   * Computes the gradient with respect to the input.
   *
   * @param output what the forward pass wrote
   * @param gradOutput gradient with respect to the output
   * @param gradInput written: (batch, channels, plane); may be gradOutput itself
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, or gradInput overlaps another array
   *     without being the same elements as gradOutput
   */
  public void backward(float[] output, float[] gradOutput, float[] gradInput, Workspace workspace) {
    backward(output, 0, gradOutput, 0, gradInput, 0, workspace);
  }

  /**
   * Computes the gradient with respect to the input, of arrays that begin at an offset.
   *
   * @param output what the forward pass wrote
   * @param outputOffset index of the first element
   * @param gradOutput gradient with respect to the output
   * @param gradOutputOffset index of the first element
   * @param gradInput written: (batch, channels, plane); may be gradOutput itself
   * @param gradInputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, or gradInput overlaps another array
   *     without being the same elements as gradOutput
   */
  public void backward(
      float[] output,
      int outputOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradInput,
      int gradInputOffset,
      Workspace workspace) {
    Operands a =
        Workspace.begin(workspace)
            .reads("output", output, outputOffset, size)
            .reads("grad_output", gradOutput, gradOutputOffset, size)
            .writesInPlace("grad_input", gradInput, gradInputOffset, size, "grad_output")
            .operands();
    a.output = output;
    a.outputAt = outputOffset;
    a.gradOutput = gradOutput;
    a.gradOutputAt = gradOutputOffset;
    a.gradInput = gradInput;
    a.gradInputAt = gradInputOffset;
    workspace.run(backwardKernels);
  }
}
