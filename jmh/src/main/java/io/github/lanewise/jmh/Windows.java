package io.github.lanewise.jmh;

import java.util.function.IntConsumer;
import java.util.function.IntUnaryOperator;

/** Which inputs the windows of a pooling hold. */
record Windows(Axis rows, Axis columns) {
  /**
   * One axis.
   *
   * @param start the first index in the window of an output
   * @param end one past the last
   */
  record Axis(int in, int out, IntUnaryOperator start, IntUnaryOperator end) {
    /** An axis of length 1 that windows do not divide. */
    static final Axis NONE = adaptive(1, 1);

    /** Stride = kernel. */
    static Axis of(int in, int size, int padding) {
      return new Axis(
          in,
          (in + 2 * padding - size) / size + 1,
          i -> Math.max(i * size - padding, 0),
          i -> Math.min(i * size - padding + size, in));
    }

    /** Windows of sizes that differ by one at most, so that there are so many outputs. */
    static Axis adaptive(int in, int out) {
      return new Axis(in, out, i -> i * in / out, i -> Math.ceilDiv((i + 1) * in, out));
    }
  }

  /** Visits the inputs in the window of an output. */
  void visit(int output, IntConsumer position) {
    int x = output % columns.out;
    int y = output / columns.out % rows.out;
    int plane = output / columns.out / rows.out * rows.in * columns.in;
    for (int row = rows.start.applyAsInt(y); row < rows.end.applyAsInt(y); row++) {
      for (int c = columns.start.applyAsInt(x); c < columns.end.applyAsInt(x); c++) {
        position.accept(plane + row * columns.in + c);
      }
    }
  }

  /** {@return the largest input in the window of an output} */
  double largest(float[] input, int output) {
    double[] most = {Double.NEGATIVE_INFINITY};
    visit(output, i -> most[0] = Math.max(most[0], input[i]));
    return most[0];
  }

  /** {@return the sum of the inputs in the window of an output} */
  double sum(float[] input, int output) {
    double[] sum = {0};
    visit(output, i -> sum[0] += input[i]);
    return sum[0];
  }

  /** {@return the inputs in the window of an output} */
  int elements(int output) {
    int[] count = {0};
    visit(output, i -> count[0]++);
    return count[0];
  }
}
