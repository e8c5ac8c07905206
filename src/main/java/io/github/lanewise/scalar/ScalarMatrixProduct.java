package io.github.lanewise.scalar;

import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.MatrixProblem;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;

/** {@code C = op(A) · op(B) + bias}, a task a row. */
final class ScalarMatrixProduct extends ScalarTwin<MatrixProblem> {
  @Override
  public Kernel[] kernels(MatrixProblem p) {
    return new Kernel[] {
      new Kernel() {
        @Override
        public int tasks() {
          return p.m();
        }

        @Override
        public void run(int row, Operands a, float[] scratch, int shared, int own) {
          row(p, row, a);
        }
      }
    };
  }

  private static void row(MatrixProblem p, int row, Operands a) {
    int c = a.outputAt + row * p.n();
    if (a.bias == null) {
      Arrays.fill(a.output, c, c + p.n(), 0);
    } else {
      System.arraycopy(a.bias, a.biasAt, a.output, c, p.n());
    }
    int left = a.inputAt + (p.transposeA() ? row : row * p.k());
    int leftStep = p.transposeA() ? p.m() : 1;
    if (p.transposeB()) {
      for (int j = 0; j < p.n(); j++) {
        float sum = 0;
        int b = a.weightAt + j * p.k();
        for (int l = 0; l < p.k(); l++) {
          sum += a.input[left + l * leftStep] * a.weight[b + l];
        }
        a.output[c + j] += sum;
      }
    } else {
      for (int l = 0; l < p.k(); l++) {
        float factor = a.input[left + l * leftStep];
        int b = a.weightAt + l * p.n();
        for (int j = 0; j < p.n(); j++) {
          a.output[c + j] += factor * a.weight[b + j];
        }
      }
    }
  }
}
