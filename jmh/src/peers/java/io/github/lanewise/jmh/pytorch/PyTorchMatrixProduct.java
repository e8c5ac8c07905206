package io.github.lanewise.jmh.pytorch;

import static org.bytedeco.pytorch.global.torch.mm_out;

import io.github.lanewise.jmh.MatrixShape;
import io.github.lanewise.jmh.Task;
import io.github.lanewise.kernel.Workspace;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** PyTorch's matrix product, into memory that is there already. */
final class PyTorchMatrixProduct implements Task {
  private final MatrixShape shape;
  private final float[] hostA;
  private final float[] hostB;
  private final float[] hostC;
  private final Tensor a;
  private final Tensor b;
  private final Tensor c;

  PyTorchMatrixProduct(MatrixShape s, float[] a, float[] b, float[] c) {
    shape = s;
    hostA = a;
    hostB = b;
    hostC = c;
    this.a = s.transposeA() ? PyTorch.copy(a, s.k(), s.m()).t() : PyTorch.copy(a, s.m(), s.k());
    this.b = s.transposeB() ? PyTorch.copy(b, s.n(), s.k()).t() : PyTorch.copy(b, s.k(), s.n());
    this.c = PyTorch.copy(c, s.m(), s.n());
  }

  @Override
  public void run(Workspace workspace) {
    mm_out(c, a, b).close();
  }

  @Override
  public void verify(Workspace workspace) {
    c.fill_(new Scalar(Float.NaN)); // it returns c itself
    run(workspace);
    PyTorch.fetch(c, hostC);
    shape.verify(hostA, hostB, hostC);
  }

  @Override
  public double flops() {
    return shape.flops();
  }

  @Override
  public double bytes() {
    return shape.bytes();
  }
}
