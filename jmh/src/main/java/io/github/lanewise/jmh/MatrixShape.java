package io.github.lanewise.jmh;

import java.util.Arrays;
import java.util.List;

/**
 * C (m, n) = op(A) · op(B): square ones, and the three products of each linear layer of {@code
 * ae1d} at batch 100.
 *
 * @param transposeA whether A is stored (k, m)
 * @param transposeB whether B is stored (n, k)
 */
public record MatrixShape(
    String name, int m, int n, int k, boolean transposeA, boolean transposeB) {

  private static final int BATCH = 100;

  private static final List<MatrixShape> ALL =
      List.of(
          square(512),
          square(1024),
          square(2048),
          output("linear1", 5632, 1024),
          inputGradient("linear1", 5632, 1024),
          weightGradient("linear1", 5632, 1024),
          output("linear2", 1024, 30),
          inputGradient("linear2", 1024, 30),
          weightGradient("linear2", 1024, 30),
          output("linear3", 30, 1024),
          inputGradient("linear3", 30, 1024),
          weightGradient("linear3", 30, 1024),
          output("linear4", 1024, 5632),
          inputGradient("linear4", 1024, 5632),
          weightGradient("linear4", 1024, 5632));

  private static MatrixShape square(int n) {
    return new MatrixShape("square" + n, n, n, n, false, false);
  }

  private static MatrixShape output(String layer, int in, int out) {
    return new MatrixShape(layer + ".forward", BATCH, out, in, false, true);
  }

  private static MatrixShape inputGradient(String layer, int in, int out) {
    return new MatrixShape(layer + ".backwardInput", BATCH, in, out, false, false);
  }

  private static MatrixShape weightGradient(String layer, int in, int out) {
    return new MatrixShape(layer + ".backwardWeight", out, in, BATCH, true, false);
  }

  /** {@return the names of all shapes} */
  public static List<String> names() {
    return ALL.stream().map(MatrixShape::name).toList();
  }

  /** {@return both matrices as they are stored, with ᵀ where the product takes the transpose} */
  public String shape() {
    return (transposeA ? "(" + k + "×" + m + ")ᵀ" : m + "×" + k)
        + " · "
        + (transposeB ? "(" + n + "×" + k + ")ᵀ" : k + "×" + n);
  }

  /** The shape of that name. */
  public static MatrixShape of(String name) {
    return ALL.stream()
        .filter(s -> s.name.equals(name))
        .findAny()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "shape is \"" + name + "\" but must be one of " + names()));
  }

  /** {@return additions and multiplications} */
  public double flops() {
    return 2.0 * m * n * k;
  }

  /** {@return bytes of the three matrices} */
  public double bytes() {
    return 4.0 * ((double) m * k + (double) k * n + (double) m * n);
  }

  /** Checks a sample of C. */
  public void verify(float[] a, float[] b, float[] c) {
    Sample.verify(
        name,
        c,
        m * n,
        index -> {
          int i = index / n;
          int j = index % n;
          double sum = 0;
          for (int l = 0; l < k; l++) {
            double x = transposeA ? a[l * m + i] : a[i * k + l];
            sum += x * (transposeB ? b[j * k + l] : b[l * n + j]);
          }
          return sum;
        },
        1e-6 * Math.sqrt(k) * Math.log(k));
  }

  /** The naive product, in the order of loops that suits the caches: B is read as it is stored. */
  void naive(float[] a, float[] b, float[] c) {
    if (transposeB) {
      dots(a, b, c);
    } else {
      rows(a, b, c);
    }
  }

  private void dots(float[] a, float[] b, float[] c) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = 0;
        for (int l = 0; l < k; l++) {
          sum += (transposeA ? a[l * m + i] : a[i * k + l]) * b[j * k + l];
        }
        c[i * n + j] = sum;
      }
    }
  }

  private void rows(float[] a, float[] b, float[] c) {
    Arrays.fill(c, 0, m * n, 0);
    for (int i = 0; i < m; i++) {
      for (int l = 0; l < k; l++) {
        float x = transposeA ? a[l * m + i] : a[i * k + l];
        for (int j = 0; j < n; j++) {
          c[i * n + j] += x * b[l * n + j];
        }
      }
    }
  }
}
