package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;

/** Joins neighbouring axes to one, as {@code torch.nn.Flatten}: (N, C, H, W) becomes (N, CHW). */
public final class Flatten extends ReshapeLayer {
  private final int startDim;
  private final int endDim;

  /** Joins all axes but the batch's. */
  public Flatten() {
    this(1, -1);
  }

  /**
   * Joins some axes.
   *
   * @param startDim the first one; a negative one counts from the last, which is -1
   * @param endDim the last one, likewise
   */
  public Flatten(int startDim, int endDim) {
    this.startDim = startDim;
    this.endDim = endDim;
  }

  @Override
  int[] outputShape(Tensor input) {
    int rank = input.rank();
    int start = startDim < 0 ? startDim + rank : startDim;
    int end = endDim < 0 ? endDim + rank : endDim;
    Checks.range("start_dim", start, 0, rank - 1);
    Checks.range("end_dim", end, start, rank - 1);
    int[] shape = new int[rank - (end - start)];
    int joined = 1;
    for (int axis = 0; axis < rank; axis++) {
      if (axis >= start && axis <= end) {
        joined *= input.size(axis);
        shape[start] = joined;
      } else {
        shape[axis < start ? axis : axis - (end - start)] = input.size(axis);
      }
    }
    return shape;
  }

  @Override
  protected String arguments() {
    return "start_dim=" + startDim + ", end_dim=" + endDim;
  }
}
