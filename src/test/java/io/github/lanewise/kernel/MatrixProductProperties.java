package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.Sizes;
import io.github.lanewise.testing.Workspaces;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The matrix product against three plain loops, in double. */
class MatrixProductProperties {
  /** Sizes around the lanes, and around the strips, blocks and depths of the vector kernels. */
  @Provide
  Arbitrary<Integer> sizes() {
    return Arbitraries.oneOf(
        Sizes.any(), Arbitraries.of(55, 56, 57, 113, 200, 255, 256, 257, 300, 513));
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void integersAreExact(
      @ForAll("sizes") int m,
      @ForAll("sizes") int n,
      @ForAll("sizes") int k,
      @ForAll boolean transposeA,
      @ForAll boolean transposeB,
      @ForAll boolean withBias,
      @ForAll long seed) {
    check(m, n, k, transposeA, transposeB, withBias, new Random(seed));
  }

  /** More rows than one task takes, more columns than one task takes, more than two depths. */
  @Example
  void largeOnesAreExact() {
    check(500, 37, 1540, false, false, true, new Random(1));
    check(300, 96, 780, false, false, true, new Random(9)); // blocks of columns by depth
    check(500, 300, 780, true, true, false, new Random(2));
    check(300, 1100, 1700, false, true, true, new Random(3));
    check(60, 1200, 800, true, false, true, new Random(4));
    check(20, 1050, 1030, false, false, true, new Random(7)); // in groups of blocks that come short
    check(2100, 260, 770, false, false, false, new Random(8)); // more strips than a task takes
  }

  /** Few terms, more columns than the second cache is to hold, rows that fill no strip. */
  @Example
  void fewTermsAreExact() {
    check(70, 1400, 100, true, false, false, new Random(5));
    check(300, 1100, 130, false, true, true, new Random(6));
  }

  private static void check(
      int m,
      int n,
      int k,
      boolean transposeA,
      boolean transposeB,
      boolean withBias,
      Random random) {
    float[] a = Data.integers(m * k, random);
    float[] b = Data.integers(k * n, random);
    float[] bias = withBias ? Data.integers(n, random) : null;
    MatrixProduct plan =
        MatrixProduct.of(m, n, k).transposeA(transposeA).transposeB(transposeB).build();
    Parallelism threads = Workspaces.threads(3);
    Workspace garbage = Workspaces.filled(plan.workspaceSize(threads), Float.NaN, threads);
    Guarded c = Guarded.forResult(m * n, random);
    Guarded left = Guarded.of(a, random);
    Guarded right = Guarded.of(b, random);
    Guarded added = withBias ? Guarded.of(bias, random) : null;
    plan.run(
        left.array,
        left.offset,
        right.array,
        right.offset,
        Guarded.arrayOf(added),
        Guarded.offsetOf(added),
        c.array,
        c.offset,
        garbage);
    Compare.exact("c", naive(m, n, k, transposeA, transposeB, a, b, bias), c.values("c"));
  }

  /** Rows of A that fill no block of columns, and terms that fill no vector. */
  @Example
  void fewRowsAreExact() {
    for (int m : new int[] {1, 2, 3, 5, 34, 35, 67}) {
      check(m, 21, 523, false, true, true, new Random(m));
      check(m, 134, 130, false, true, false, new Random(m));
      check(m, 9, 523, true, true, true, new Random(m));
    }
  }

  /** So many columns that a share of them would be more than a task takes. */
  @Example
  void manyColumnsOfFewRowsAreExact() {
    check(35, 1200, 523, false, true, true, new Random(10));
  }

  /** Few columns: one block and two, of every width; rows that fill no tile; several depths. */
  @Example
  void fewColumnsAreExact() {
    for (int n : new int[] {8, 15, 30, 32, 60, 64}) {
      check(100, n, 1100, false, n % 4 == 0, n % 8 == 0, new Random(n));
      check(67, n, 513, false, n % 4 != 0, n % 8 != 0, new Random(n));
      check(331, n, 519, true, n % 4 == 0, n % 8 != 0, new Random(n));
      check(64, n, 30, true, n % 4 != 0, n % 8 == 0, new Random(n));
    }
  }

  /** Arrays that end where the operands end: rows that fill no tile are not read beyond them. */
  @Example
  void nothingIsReadBeyondTheOperands() {
    for (int m : new int[] {33, 41, 321}) {
      for (int n : new int[] {8, 30, 64}) {
        Random random = new Random(m + n);
        float[] a = Data.integers(m * 70, random);
        float[] b = Data.integers(70 * n, random);
        float[] c = new float[m * n];
        MatrixProduct.of(m, n, 70).transposeA(true).build().run(a, b, null, c, new Workspace());
        Compare.exact("c", naive(m, n, 70, true, false, a, b, null), c);
      }
    }
  }

  /** Few rows, and so many columns that each task packs its own. */
  @Example
  void fewStripsAreExact() {
    for (int m : new int[] {3, 30, 100, 256}) {
      check(m, 1003, 100, true, false, false, new Random(m));
      check(m, 1024, 30, false, true, true, new Random(m));
      check(m, 300, 260, false, false, true, new Random(m));
    }
  }

  /** Threads and offsets change no bit of a rounded result, and it stays within its bound. */
  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  void roundedResultsAreReproducible(
      @ForAll("sizes") int m,
      @ForAll("sizes") int n,
      @ForAll("sizes") int k,
      @ForAll boolean transposeB,
      @ForAll long seed) {
    Random random = new Random(seed);
    float[] a = Data.normals(m * k, random);
    float[] b = Data.normals(k * n, random);
    MatrixProduct plan = MatrixProduct.of(m, n, k).transposeB(transposeB).build();
    float[] alone = new float[m * n];
    plan.run(a, b, null, alone, new Workspace());
    Guarded shifted = Guarded.forResult(m * n, random);
    Guarded left = Guarded.of(a, random);
    plan.run(
        left.array,
        left.offset,
        b,
        0,
        null,
        0,
        shifted.array,
        shifted.offset,
        new Workspace(Workspaces.threads(3)));
    Compare.bits("c", alone, shifted.values("c"));
    double[] magnitude =
        naive(m, n, k, false, transposeB, Data.magnitudes(a), Data.magnitudes(b), null);
    double[] exact = naive(m, n, k, false, transposeB, a, b, null);
    Compare.withinSummation("c", exact, magnitude, k, alone);
  }

  @Example
  void thereIsAPlanForTheLongestArrays() {
    int most = Integer.MAX_VALUE - 16;
    for (boolean transposed : new boolean[] {false, true}) {
      MatrixProduct.of(most, 1, 1).transposeA(transposed).transposeB(transposed).build();
      MatrixProduct.of(1, most, 1).transposeA(transposed).transposeB(transposed).build();
      MatrixProduct.of(1, 1, most).transposeA(transposed).transposeB(transposed).build();
    }
  }

  @Example
  void wrongArraysAreRefused() {
    MatrixProduct plan = MatrixProduct.of(2, 3, 4).build();
    assertEquals(List.of(8, 12, 6), List.of(plan.aSize(), plan.bSize(), plan.cSize()));
    Workspace workspace = new Workspace();
    float[] a = new float[8];
    float[] b = new float[12];
    float[] c = new float[6];
    assertThrows(
        IllegalArgumentException.class, () -> plan.run(new float[7], b, null, c, workspace));
    assertThrows(
        IllegalArgumentException.class, () -> plan.run(a, new float[11], null, c, workspace));
    assertThrows(IllegalArgumentException.class, () -> plan.run(a, b, new float[2], c, workspace));
    assertThrows(
        IllegalArgumentException.class, () -> plan.run(a, b, null, new float[5], workspace));
    assertThrows(IllegalArgumentException.class, () -> plan.run(a, b, null, b, workspace));
    assertThrows(IllegalArgumentException.class, () -> MatrixProduct.of(0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> MatrixProduct.of(1 << 16, 1, 1 << 16));
  }

  private static double[] naive(
      int m,
      int n,
      int k,
      boolean transposeA,
      boolean transposeB,
      float[] a,
      float[] b,
      float[] bias) {
    double[] c = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = bias == null ? 0 : bias[j];
        for (int l = 0; l < k; l++) {
          double x = a[transposeA ? l * m + i : i * k + l];
          sum += x * b[transposeB ? j * k + l : l * n + j];
        }
        c[i * n + j] = sum;
      }
    }
    return c;
  }
}
