package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.DropoutProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;

/**
 * Dropout in training, as {@code torch.nn.functional.dropout}: each element is zeroed with
 * probability p, or else divided by 1 − p.
 *
 * <p>Which elements are zeroed follows from the seed and an element's index only: the same in every
 * backend, at every vector width and for every {@link Parallelism}. So no mask is kept: the
 * gradient is the same operation with the same seed. A zeroed element is multiplied by 0, so that
 * NaN and infinity become NaN, as in PyTorch.
 *
 * <p>A plan is immutable and may be shared between threads, each with a {@link Workspace} of its
 * own.
 */
public final class Dropout {
  private static final double LEVELS = 1 << 24;

  private final int size;
  private final Implementation<DropoutProblem> implementation;
  private final Kernel[] kernels;

  private Dropout(int size, double p) {
    this.size = Checks.range("size", size, 0, Integer.MAX_VALUE - 16);
    Checks.range("p", p, 0.0, 1.0);
    float scale = p == 1 ? 0 : (float) (1 / (1 - p));
    DropoutProblem problem = new DropoutProblem(size, (int) Math.round(p * LEVELS), scale);
    implementation = Implementation.first(Backend.KERNELS.dropout(), problem);
    kernels = implementation.kernels(problem);
  }

  /**
   * Plans a dropout.
   *
   * @param size elements
   * @param p probability of an element to be zeroed, between 0 and 1; PyTorch's default is 0.5. It
   *     is rounded to a multiple of 2⁻²⁴
   * @return the plan
   * @throws IllegalArgumentException if size is negative or p is not between 0 and 1
   */
  public static Dropout of(int size, double p) {
    return new Dropout(size, p);
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
   * Floats of scratch memory that a pass needs.
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
   * Computes the output.
   *
   * @param input the elements
   * @param output written; may be the input itself
   * @param seed decides which elements are zeroed; take another one for each call
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, or the arrays overlap without being
   *     the same elements
   */
  public void forward(float[] input, float[] output, long seed, Workspace workspace) {
    forward(input, 0, output, 0, seed, workspace);
  }

  /**
   * Computes the output of arrays that begin at an offset.
   *
   * @param input the elements
   * @param inputOffset index of the first element
   * @param output written; may be the input itself
   * @param outputOffset index of the first element
   * @param seed decides which elements are zeroed; take another one for each call
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, or the arrays overlap without being
   *     the same elements
   */
  public void forward(
      float[] input,
      int inputOffset,
      float[] output,
      int outputOffset,
      long seed,
      Workspace workspace) {
    Operands a =
        Workspace.begin(workspace)
            .reads("input", input, inputOffset, size)
            .writesInPlace("output", output, outputOffset, size, "input")
            .operands();
    run(a, input, inputOffset, output, outputOffset, seed, workspace);
  }

  /**
   * Computes the gradient with respect to the input.
   *
   * @param gradOutput gradient with respect to the output
   * @param gradInput written; may be gradOutput itself
   * @param seed that of the forward pass
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, or the arrays overlap without being
   *     the same elements
   */
  public void backward(float[] gradOutput, float[] gradInput, long seed, Workspace workspace) {
    backward(gradOutput, 0, gradInput, 0, seed, workspace);
  }

  /**
   * Computes the gradient with respect to the input, of arrays that begin at an offset.
   *
   * @param gradOutput gradient with respect to the output
   * @param gradOutputOffset index of the first element
   * @param gradInput written; may be gradOutput itself
   * @param gradInputOffset index of the first element
   * @param seed that of the forward pass
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short, or the arrays overlap without being
   *     the same elements
   */
  public void backward(
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradInput,
      int gradInputOffset,
      long seed,
      Workspace workspace) {
    Operands a =
        Workspace.begin(workspace)
            .reads("grad_output", gradOutput, gradOutputOffset, size)
            .writesInPlace("grad_input", gradInput, gradInputOffset, size, "grad_output")
            .operands();
    run(a, gradOutput, gradOutputOffset, gradInput, gradInputOffset, seed, workspace);
  }

  private void run(
      Operands a,
      float[] from,
      int fromOffset,
      float[] to,
      int toOffset,
      long seed,
      Workspace workspace) {
    a.input = from;
    a.inputAt = fromOffset;
    a.output = to;
    a.outputAt = toOffset;
    a.seed = seed;
    workspace.run(kernels);
  }
}
