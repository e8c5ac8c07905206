package io.github.lanewise.vector;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.MatrixProblem;

/** A matrix product with both sides packed: the one that accepts what others do not. */
final class PackedMatrixProduct implements Implementation<MatrixProblem> {
  /** With more rows or columns, of a few terms each, the tables would be out of proportion. */
  private static final int MOST = 1 << 28;

  @Override
  public String name() {
    return "packed";
  }

  @Override
  public boolean accepts(MatrixProblem p) {
    return Math.max(p.m(), p.n()) <= MOST;
  }

  @Override
  public Kernel[] kernels(MatrixProblem p) {
    PackedRows rows = new PackedRows(p.m(), p.k(), p.transposeA(), false);
    return PackedProduct.kernels(rows, new MatrixColumns(p));
  }
}
