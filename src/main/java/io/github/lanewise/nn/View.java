package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;

/**
 * Gives each item of a batch another shape, as {@code x.view(x.size(0), …)} of PyTorch: with {@code
 * View(64, 88)}, (N, 5632) becomes (N, 64, 88).
 */
public final class View extends ReshapeLayer {
  private final int[] shape;

  /**
   * A layer.
   *
   * @param shape the shape of an item, without the batch; one size may be -1: what is left
   * @throws IllegalArgumentException if it is null
   */
  public View(int... shape) {
    this.shape = Checks.present("shape", shape).clone();
  }

  @Override
  int[] outputShape(Tensor input) {
    Checks.range("the number of axes", input.rank(), 1, Integer.MAX_VALUE);
    int[] itemShape = new int[input.rank() - 1];
    System.arraycopy(input.shape(), 1, itemShape, 0, itemShape.length);
    int[] item = Tensor.completed(shape, Checks.size("input", itemShape), itemShape);
    int[] result = new int[1 + item.length];
    result[0] = input.size(0);
    System.arraycopy(item, 0, result, 1, item.length);
    return result;
  }

  @Override
  protected String arguments() {
    return Tensor.text(shape).replaceAll("^\\(|,?\\)$", "");
  }
}
