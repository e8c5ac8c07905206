package io.github.lanewise.internal;

/**
 * A valid pooling of planes (batch, channels, H, W) to (batch, channels, H', W'); one dimension is
 * height one.
 *
 * @param divisorOverride what an average divides by instead of a count, or 0
 */
public record PoolingProblem(
    int batch, int channels, PoolingAxis rows, PoolingAxis columns, int divisorOverride) {

  /** Planes. */
  public int planes() {
    return batch * channels;
  }

  /** Elements of an input plane. */
  public int inputPlane() {
    return rows.size() * columns.size();
  }

  /** Elements of an output plane. */
  public int outputPlane() {
    return rows.windows() * columns.windows();
  }

  /** Elements of the input. */
  public int inputSize() {
    return planes() * inputPlane();
  }

  /** Elements of the output. */
  public int outputSize() {
    return planes() * outputPlane();
  }

  /** What the average of a window divides its sum by. */
  public float divisor(int row, int column) {
    // as long: a kernel that is mostly padding may count more positions than an int holds
    return divisorOverride != 0 ? divisorOverride : (long) rows.count(row) * columns.count(column);
  }

  /** The output's shape, without its height in one dimension. */
  public int[] outputShape(int dimensions) {
    return dimensions == 1
        ? new int[] {batch, channels, columns.windows()}
        : new int[] {batch, channels, rows.windows(), columns.windows()};
  }
}
