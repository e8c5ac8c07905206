package io.github.lanewise.nn;

import io.github.lanewise.kernel.Reduction;
import io.github.lanewise.kernel.Workspace;

/**
 * A loss: {@code forward} compares the output of a network with what it should be and gives a
 * number, {@link #backward} the gradient of that number with respect to the network's output.
 *
 * <p>Both are computed by {@code forward}, in one pass over the data. Not for several threads at
 * once; the kernels use the threads of the {@link #workspace(Workspace) workspace}.
 */
public abstract class Loss {
  private final Reduction reduction;
  private final float[] value = new float[1];
  private Workspace workspace = new Workspace();
  private int[] shape;
  private Tensor gradInput;

  /** Whether a gradient is there to be taken. */
  private boolean ready;

  Loss(Reduction reduction) {
    if (reduction == null || reduction == Reduction.NONE) {
      throw new IllegalArgumentException(
          "reduction is "
              + reduction
              + " but must be mean or sum; for the losses of single elements use the kernel");
    }
    this.reduction = reduction;
  }

  /**
   * Lends scratch memory and threads. Without this, the loss is computed in the calling thread.
   *
   * @param workspace what to use from now on; {@code null}: a new one of its own, without threads
   */
  public final void workspace(Workspace workspace) {
    this.workspace = workspace == null ? new Workspace() : workspace;
  }

  final Workspace workspace() {
    return workspace;
  }

  final Reduction reduction() {
    return reduction;
  }

  /** Plans for inputs of a shape. */
  abstract void plan(int[] shape);

  /**
   * Makes the plan and the gradient fit the input; the gradient is to be computed by the caller.
   */
  final void prepare(Tensor input) {
    if (input == null) {
      throw new IllegalArgumentException(this + ": input is null");
    }
    ready = false;
    if (shape == null || !input.hasShape(shape)) {
      int[] newShape = input.shape();
      shape = null;
      try {
        plan(newShape);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            this + ": input of shape " + input.shapeText() + ": " + e.getMessage(), e);
      }
      gradInput = Tensor.reshaped(gradInput, newShape);
      shape = newShape;
    }
  }

  /** Where the kernel writes the loss: one element. */
  final float[] value() {
    return value;
  }

  /** Where the kernel writes the gradient. */
  final float[] gradient() {
    return gradInput.data();
  }

  /** The end of a forward pass. */
  final float done() {
    ready = true;
    return value[0];
  }

  /**
   * The gradient of the latest loss with respect to the input.
   *
   * @return a tensor of the shape of the input; it belongs to the loss, and a layer that works in
   *     place overwrites it, so it can be taken once
   * @throws IllegalStateException if there was no forward pass since the last call
   */
  public final Tensor backward() {
    if (!ready) {
      throw new IllegalStateException(this + ": each backward needs a forward pass before it");
    }
    ready = false;
    return gradInput;
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "()";
  }
}
