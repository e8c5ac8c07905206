package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.MatrixProblem;
import io.github.lanewise.internal.Operands;

/**
 * A matrix product with an optional bias, planned once for one shape: what {@code
 * torch.nn.functional.linear} and its gradients need.
 *
 * <pre>C[i][j] = bias[j] + Σ(l) op(A)[i][l] · op(B)[l][j]</pre>
 *
 * <p>All matrices are row-major. op(A) is m × k; with {@code transposeA} the array holds k × m.
 * op(B) is k × n; with {@code transposeB} the array holds n × k. The three products of a linear
 * layer with input x (N, in), weight W (out, in) and output gradient dy (N, out):
 *
 * <pre>
 * y  = x · Wᵀ + b    of(N, out, in).transposeB(true)
 * dx = dy · W        of(N, in, out)
 * dW = dyᵀ · x       of(out, in, N).transposeA(true)
 * </pre>
 *
 * <p>A plan is immutable and may be shared between threads, each with a {@link Workspace} of its
 * own; the result has the same bits for every {@link Parallelism}.
 */
public final class MatrixProduct {
  private final MatrixProblem problem;
  private final Implementation<MatrixProblem> implementation;
  private final Kernel[] kernels;

  private MatrixProduct(MatrixProblem problem) {
    this.problem = problem;
    implementation = Implementation.first(Backend.KERNELS.matrixProduct(), problem);
    kernels = implementation.kernels(problem);
  }

  /**
   * Begins the plan of a product of an m × k and a k × n matrix.
   *
   * @param m rows of the result
   * @param n columns of the result
   * @param k terms of each sum
   * @return the builder of a plan
   * @throws IllegalArgumentException if a size is below 1, or a matrix would have more elements
   *     than a Java array
   */
  public static Builder of(int m, int n, int k) {
    return new Builder(m, n, k);
  }

  /** The optional arguments of a plan. */
  public static final class Builder {
    private final int m;
    private final int n;
    private final int k;
    private boolean transposeA;
    private boolean transposeB;

    private Builder(int m, int n, int k) {
      this.m = Checks.range("m", m, 1, Integer.MAX_VALUE);
      this.n = Checks.range("n", n, 1, Integer.MAX_VALUE);
      this.k = Checks.range("k", k, 1, Integer.MAX_VALUE);
      Checks.size("a", m, k);
      Checks.size("b", k, n);
      Checks.size("c", m, n);
    }

    /**
     * Whether A is stored k × m.
     *
     * @param transpose default false
     * @return this builder
     */
    public Builder transposeA(boolean transpose) {
      transposeA = transpose;
      return this;
    }

    /**
     * Whether B is stored n × k.
     *
     * @param transpose default false
     * @return this builder
     */
    public Builder transposeB(boolean transpose) {
      transposeB = transpose;
      return this;
    }

    /**
     * Plans the product.
     *
     * @return the plan
     */
    public MatrixProduct build() {
      return new MatrixProduct(new MatrixProblem(m, n, k, transposeA, transposeB));
    }
  }

  /** {@return elements of A: m · k} */
  public int aSize() {
    return problem.m() * problem.k();
  }

  /** {@return elements of B: k · n} */
  public int bSize() {
    return problem.k() * problem.n();
  }

  /** {@return elements of C: m · n} */
  public int cSize() {
    return problem.m() * problem.n();
  }

  /**
   * Floats of scratch memory that the product needs.
   *
   * @param parallelism the threads that will work
   * @return floats
   */
  public long workspaceSize(Parallelism parallelism) {
    return Workspace.need(kernels, Parallelism.width(parallelism));
  }

  /** {@return the implementation chosen, for logs and benchmarks} */
  public String describe() {
    return implementation.name();
  }

  /**
   * Computes C.
   *
   * @param a m × k, or k × m if transposed
   * @param b k × n, or n × k if transposed
   * @param bias n values added to every row, or {@code null} for none
   * @param c written: m × n
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or {@code c} overlaps another array
   */
  public void run(float[] a, float[] b, float[] bias, float[] c, Workspace workspace) {
    run(a, 0, b, 0, bias, 0, c, 0, workspace);
  }

  /**
   * Computes C from arrays that begin at an offset.
   *
   * @param a m × k, or k × m if transposed
   * @param aOffset index of the first element
   * @param b k × n, or n × k if transposed
   * @param bOffset index of the first element
   * @param bias n values added to every row, or {@code null} for none
   * @param biasOffset index of the first element
   * @param c written: m × n
   * @param cOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or {@code c} overlaps another array
   */
  public void run(
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] bias,
      int biasOffset,
      float[] c,
      int cOffset,
      Workspace workspace) {
    Operands operands =
        Workspace.begin(workspace)
            .reads("a", a, aOffset, aSize())
            .reads("b", b, bOffset, bSize())
            .mayRead("bias", bias, biasOffset, problem.n())
            .writes("c", c, cOffset, cSize())
            .operands();
    operands.input = a;
    operands.inputAt = aOffset;
    operands.weight = b;
    operands.weightAt = bOffset;
    operands.bias = bias;
    operands.biasAt = biasOffset;
    operands.output = c;
    operands.outputAt = cOffset;
    workspace.run(kernels);
  }
}
