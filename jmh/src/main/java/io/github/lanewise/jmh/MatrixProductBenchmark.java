package io.github.lanewise.jmh;

import io.github.lanewise.kernel.MatrixProduct;
import io.github.lanewise.kernel.Workspace;
import org.openjdk.jmh.annotations.Param;

/** Matrix product. */
public class MatrixProductBenchmark extends TaskBenchmark {
  /** A name of {@link MatrixShape}. */
  @Param("square512")
  public String shape;

  @Override
  Limit limit() {
    return Limit.MULTIPLY_ADDS;
  }

  @Override
  Task task() {
    MatrixShape s = MatrixShape.of(shape);
    float[] a = Sample.uniform(s.m() * s.k(), 1);
    float[] b = Sample.uniform(s.k() * s.n(), 2);
    float[] c = new float[s.m() * s.n()];
    return switch (arm()) {
      case PYTORCH -> Peer.instance().matrixProduct(s, a, b, c);
      case NAIVE -> new Product(s, a, b, c, null);
      default ->
          new Product(
              s,
              a,
              b,
              c,
              MatrixProduct.of(s.m(), s.n(), s.k())
                  .transposeA(s.transposeA())
                  .transposeB(s.transposeB())
                  .build());
    };
  }

  private record Product(MatrixShape shape, float[] a, float[] b, float[] c, MatrixProduct plan)
      implements Task {
    @Override
    public void run(Workspace workspace) {
      if (plan == null) {
        shape.naive(a, b, c);
      } else {
        plan.run(a, b, null, c, workspace);
      }
    }

    @Override
    public void verify(Workspace workspace) {
      Sample.clear(c);
      run(workspace);
      shape.verify(a, b, c);
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
}
