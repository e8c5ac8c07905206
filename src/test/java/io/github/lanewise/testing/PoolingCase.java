package io.github.lanewise.testing;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** A pooling problem with sliding windows; one dimension is a height of one. */
public record PoolingCase(
    int dimensions, int batch, int channels, Axis height, Axis width, boolean ceilMode) {

  /** One axis. */
  public record Axis(int size, int kernel, int stride, int padding, int dilation) {
    static final Axis NONE = new Axis(1, 1, 1, 0, 1);

    int extent() {
      return dilation * (kernel - 1) + 1;
    }

    /** PyTorch's {@code pooling_output_shape}. */
    public int windows(boolean ceilMode) {
      int room = size + 2 * padding - extent();
      int windows = (ceilMode ? Math.ceilDiv(room, stride) : Math.floorDiv(room, stride)) + 1;
      return ceilMode && (windows - 1) * stride >= size + padding ? windows - 1 : windows;
    }

    /** Whether each window sees an element. */
    private boolean legal(boolean ceilMode) {
      int windows = windows(ceilMode);
      for (int w = 0; w < windows; w++) {
        boolean sees = false;
        for (int k = 0; k < kernel; k++) {
          int position = w * stride + k * dilation - padding;
          sees |= position >= 0 && position < size;
        }
        if (!sees) {
          return false;
        }
      }
      return windows > 0;
    }
  }

  public int planes() {
    return batch * channels;
  }

  public int outHeight() {
    return height.windows(ceilMode);
  }

  public int outWidth() {
    return width.windows(ceilMode);
  }

  public int inputPlane() {
    return height.size * width.size;
  }

  public int outputPlane() {
    return outHeight() * outWidth();
  }

  public int inputSize() {
    return planes() * inputPlane();
  }

  public int outputSize() {
    return planes() * outputPlane();
  }

  /** A per-axis argument as the plans take it. */
  public int[] axes(java.util.function.ToIntFunction<Axis> argument) {
    return dimensions == 1
        ? new int[] {argument.applyAsInt(width)}
        : new int[] {argument.applyAsInt(height), argument.applyAsInt(width)};
  }

  /** Any legal problem. */
  public static Arbitrary<PoolingCase> any() {
    return cases(3);
  }

  /** Any legal problem without dilation, which average pooling does not have. */
  public static Arbitrary<PoolingCase> undilated() {
    return cases(1);
  }

  private static Arbitrary<PoolingCase> cases(int mostDilation) {
    Arbitrary<Axis> height = axis(Arbitraries.integers().between(1, 5), mostDilation);
    Arbitrary<Axis> width = axis(Sizes.any(), mostDilation);
    Arbitrary<Integer> few = Arbitraries.integers().between(1, 3);
    Arbitrary<Boolean> ceilMode = Arbitraries.of(false, true);
    return Arbitraries.oneOf(
            Combinators.combine(few, few, width, ceilMode)
                .as((n, c, w, ceil) -> new PoolingCase(1, n, c, Axis.NONE, w, ceil)),
            Combinators.combine(few, few, height, width, ceilMode)
                .as((n, c, h, w, ceil) -> new PoolingCase(2, n, c, h, w, ceil)))
        .filter(c -> c.height.legal(c.ceilMode) && c.width.legal(c.ceilMode));
  }

  /** An axis with about as many windows as drawn, and with 0 to stride − 1 elements left over. */
  private static Arbitrary<Axis> axis(Arbitrary<Integer> windows, int mostDilation) {
    return Combinators.combine(
            windows,
            Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(4, Arbitraries.integers().between(1, 4)),
                net.jqwik.api.Tuple.of(1, Arbitraries.integers().between(5, 9))),
            Arbitraries.integers().between(1, 5),
            Arbitraries.integers().between(0, 4),
            Arbitraries.integers().between(1, mostDilation),
            Arbitraries.integers().between(0, 4))
        .as(
            (n, kernel, stride, pad, dilation, rest) -> {
              int padding = pad % (kernel / 2 + 1);
              int extent = dilation * (kernel - 1) + 1;
              int size = (n - 1) * stride + extent - 2 * padding + rest % stride;
              return new Axis(Math.max(size, 1), kernel, stride, padding, dilation);
            });
  }
}
