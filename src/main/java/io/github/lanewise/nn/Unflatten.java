package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;

/** Splits one axis into several, as {@code torch.nn.Unflatten}. */
public final class Unflatten extends ReshapeLayer {
  private final int dim;
  private final int[] unflattenedSize;

  /**
   * A layer.
   *
   * @param dim the axis to split; a negative one counts from the last, which is -1
   * @param unflattenedSize the sizes of the new axes; one of them may be -1: what is left
   * @throws IllegalArgumentException if {@code unflattenedSize} is null
   */
  public Unflatten(int dim, int... unflattenedSize) {
    this.dim = dim;
    this.unflattenedSize = Checks.present("unflattened_size", unflattenedSize).clone();
  }

  @Override
  int[] outputShape(Tensor input) {
    int rank = input.rank();
    int axis = dim < 0 ? dim + rank : dim;
    Checks.range("dim", axis, 0, rank - 1);
    int[] split = Tensor.completed(unflattenedSize, input.size(axis), new int[] {input.size(axis)});
    int[] shape = new int[rank - 1 + split.length];
    for (int i = 0; i < axis; i++) {
      shape[i] = input.size(i);
    }
    System.arraycopy(split, 0, shape, axis, split.length);
    for (int i = axis + 1; i < rank; i++) {
      shape[i - 1 + split.length] = input.size(i);
    }
    return shape;
  }

  @Override
  protected String arguments() {
    return "dim=" + dim + ", unflattened_size=" + Tensor.text(unflattenedSize);
  }
}
