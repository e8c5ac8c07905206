package io.github.lanewise.vector;

import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.MatrixProblem;

/** A matrix product with both sides packed: the one that accepts everything. */
final class PackedMatrixProduct implements Implementation<MatrixProblem> {
  @Override
  public String name() {
    return "packed";
  }

  @Override
  public boolean accepts(MatrixProblem problem) {
    return true;
  }

  @Override
  public Kernel[] kernels(MatrixProblem p) {
    PackedRows rows = new PackedRows(p.m(), p.k(), p.transposeA(), false);
    return PackedProduct.kernels(rows, new MatrixColumns(p));
  }
}
