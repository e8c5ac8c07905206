package io.github.lanewise.internal;

/**
 * {@code C = op(A) · op(B) + bias}, row-major: op(A) is m × k, op(B) is k × n, and a transposed
 * operand is stored the other way round.
 */
public record MatrixProblem(int m, int n, int k, boolean transposeA, boolean transposeB) {
  /** Multiply-adds of the product. */
  public long multiplyAdds() {
    return (long) m * n * k;
  }
}
