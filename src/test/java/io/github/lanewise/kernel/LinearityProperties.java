package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Sizes;
import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Linear operations other than the convolutions, on integers, where all is exact: {@code f(2·x −
 * 3·y) = 2·f(x) − 3·f(y)}, and the backward pass is the adjoint, {@code ⟨f(x), y⟩ = ⟨x, f*(y)⟩}.
 */
class LinearityProperties {
  private static final Workspace WORKSPACE = new Workspace();

  private enum Operation {
    AVERAGE_POOLING {
      @Override
      Linear of(int n, Random random) {
        int kernel = 1 + random.nextInt(4);
        AveragePooling plan =
            AveragePooling.avgPool2d(2, 1, kernel + random.nextInt(4), kernel + n, kernel)
                .stride(1 + random.nextInt(3))
                .padding(random.nextInt(kernel / 2 + 1))
                .ceilMode(random.nextBoolean())
                .divisorOverride(1 << random.nextInt(3)) // a division that rounds nothing
                .build();
        return new Linear(
            plan.inputSize(),
            plan.outputSize(),
            1,
            x -> write(plan.outputSize(), y -> plan.forward(x, y, WORKSPACE)),
            y -> write(plan.inputSize(), x -> plan.backward(y, x, WORKSPACE)));
      }
    },
    ADAPTIVE_AVERAGE_POOLING {
      @Override
      Linear of(int n, Random random) {
        int height = 1 + random.nextInt(6);
        AdaptiveAveragePooling plan =
            AdaptiveAveragePooling.adaptiveAvgPool2d(
                    1,
                    2,
                    height,
                    n,
                    Math.ceilDiv(height, 1 + random.nextInt(2)),
                    Math.ceilDiv(n, 1 + random.nextInt(2)))
                .build();
        return new Linear(
            plan.inputSize(),
            plan.outputSize(),
            36, // windows of up to 3 × 3
            x -> write(plan.outputSize(), y -> plan.forward(x, y, WORKSPACE)),
            y -> write(plan.inputSize(), x -> plan.backward(y, x, WORKSPACE)));
      }
    },
    MAX_POOLING_GRADIENT {
      @Override
      Linear of(int n, Random random) {
        MaxPooling plan =
            MaxPooling.maxPool2d(1, 2, 3, n + 2, 3).stride(1 + random.nextInt(3)).build();
        int[] indices = new int[plan.outputSize()];
        float[] input = Data.normals(plan.inputSize(), random);
        float[] maxima = new float[indices.length];
        plan.forward(input, maxima, indices, WORKSPACE);
        int plane = plan.inputSize() / 2;
        return new Linear(
            plan.outputSize(),
            plan.inputSize(),
            1,
            y -> write(plan.inputSize(), x -> plan.backward(y, indices, x, WORKSPACE)),
            x -> gathered(x, indices, plane));
      }
    },
    MAX_UNPOOLING {
      @Override
      Linear of(int n, Random random) {
        MaxUnpooling plan =
            MaxUnpooling.maxUnpool1d(1, 2, n, 3)
                .duplicateGradient(MaxUnpooling.DuplicateGradient.WINNER_ONLY)
                .build();
        int[] indices = random.ints(plan.inputSize(), 0, plan.outputSize() / 2).toArray();
        return new Linear(
            plan.inputSize(),
            plan.outputSize(),
            1,
            x -> write(plan.outputSize(), y -> plan.forward(x, indices, y, WORKSPACE)),
            y -> write(plan.inputSize(), x -> plan.backward(y, indices, x, WORKSPACE)));
      }
    },
    MATRIX_PRODUCT_LEFT {
      @Override
      Linear of(int n, Random random) {
        int m = 1 + random.nextInt(70);
        int k = 1 + random.nextInt(70);
        float[] b = Data.integers(k * n, random);
        MatrixProduct product = MatrixProduct.of(m, n, k).build();
        MatrixProduct back = MatrixProduct.of(m, k, n).transposeB(true).build();
        return new Linear(
            m * k,
            m * n,
            1,
            x -> write(m * n, y -> product.run(x, b, null, y, WORKSPACE)),
            y -> write(m * k, x -> back.run(y, b, null, x, WORKSPACE)));
      }
    },
    MATRIX_PRODUCT_RIGHT {
      @Override
      Linear of(int n, Random random) {
        int m = 1 + random.nextInt(70);
        int k = 1 + random.nextInt(70);
        float[] a = Data.integers(m * k, random);
        MatrixProduct product = MatrixProduct.of(m, n, k).build();
        MatrixProduct back = MatrixProduct.of(k, n, m).transposeA(true).build();
        return new Linear(
            k * n,
            m * n,
            1,
            x -> write(m * n, y -> product.run(a, x, null, y, WORKSPACE)),
            y -> write(k * n, x -> back.run(a, y, null, x, WORKSPACE)));
      }
    },
    NORMALIZATION_IN_EVALUATION {
      @Override
      Linear of(int n, Random random) {
        int plane = random.nextBoolean() ? 1 : 1 + random.nextInt(40);
        int size = 3 * n * plane;
        BatchNormalization plan = BatchNormalization.of(3, n, plane).eps(0.25).build();
        float[] weight = Data.integers(n, random);
        float[] mean = new float[n];
        float[] variance = new float[n];
        Arrays.fill(variance, 3.75f); // the root is 2
        return new Linear(
            size,
            size,
            2,
            x -> write(size, y -> plan.forwardEval(x, weight, null, mean, variance, y, WORKSPACE)),
            y ->
                write(
                    size,
                    dx ->
                        plan.backwardEval(
                            dx.clone(), y, weight, mean, variance, dx, null, null, WORKSPACE)));
      }
    },
    DROPOUT {
      @Override
      Linear of(int n, Random random) {
        Dropout plan = Dropout.of(n, 0.5); // scales by 2
        long seed = random.nextLong();
        return new Linear(
            n,
            n,
            1,
            x -> write(n, y -> plan.forward(x, y, seed, WORKSPACE)),
            y -> write(n, x -> plan.backward(y, x, seed, WORKSPACE)));
      }
    };

    abstract Linear of(int n, Random random);
  }

  private interface Writer {
    void into(float[] result);
  }

  /**
   * A map and its adjoint.
   *
   * @param multiple what elements must be multiples of for all results to be integers
   */
  private record Linear(
      int inputs,
      int outputs,
      int multiple,
      UnaryOperator<float[]> map,
      UnaryOperator<float[]> adjoint) {
    float[] draw(int size, Random random) {
      float[] values = Data.integers(size, random);
      for (int i = 0; i < size; i++) {
        values[i] *= multiple;
      }
      return values;
    }
  }

  private static float[] write(int size, Writer writer) {
    float[] result = new float[size];
    writer.into(result);
    return result;
  }

  private static float[] gathered(float[] x, int[] indices, int plane) {
    float[] result = new float[indices.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = x[i / (indices.length / 2) * plane + indices[i]];
    }
    return result;
  }

  @Provide
  Arbitrary<Integer> sizes() {
    return Sizes.any();
  }

  @Property(tries = 800, edgeCases = EdgeCasesMode.NONE)
  void isLinear(@ForAll Operation operation, @ForAll("sizes") int n, @ForAll long seed) {
    Random random = new Random(seed);
    Linear f = operation.of(n, random);
    float[] x = f.draw(f.inputs, random);
    float[] y = f.draw(f.inputs, random);
    Compare.exact("f", combined(f.map.apply(x), f.map.apply(y)), f.map.apply(combined(x, y)));
    float[] u = f.draw(f.outputs, random);
    float[] v = f.draw(f.outputs, random);
    Compare.exact(
        "f*", combined(f.adjoint.apply(u), f.adjoint.apply(v)), f.adjoint.apply(combined(u, v)));
  }

  @Property(tries = 800, edgeCases = EdgeCasesMode.NONE)
  void theBackwardPassIsTheAdjoint(
      @ForAll Operation operation, @ForAll("sizes") int n, @ForAll long seed) {
    Random random = new Random(seed);
    Linear f = operation.of(n, random);
    float[] x = f.draw(f.inputs, random);
    float[] y = f.draw(f.outputs, random);
    assertEquals(Data.dot(f.map.apply(x), y), Data.dot(x, f.adjoint.apply(y)));
  }

  /** {@code f(x · 2⁻¹⁴⁵) = f(x) · 2⁻¹⁴⁵}, all of it below the normal floats. */
  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  void subnormalsAreNumbersLikeOthers(
      @ForAll Operation operation, @ForAll("sizes") int n, @ForAll long seed) {
    Random random = new Random(seed);
    Linear f = operation.of(n, random);
    float[] x = f.draw(f.inputs, random);
    float[] y = f.draw(f.outputs, random);
    Compare.exact("f", tiny(f.map.apply(x)), f.map.apply(tiny(x)));
    Compare.exact("f*", tiny(f.adjoint.apply(y)), f.adjoint.apply(tiny(y)));
  }

  private static float[] tiny(float[] x) {
    float[] result = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      result[i] = x[i] * 0x1p-145f;
    }
    return result;
  }

  private static float[] combined(float[] x, float[] y) {
    float[] sum = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      sum[i] = 2 * x[i] - 3 * y[i];
    }
    return sum;
  }
}
