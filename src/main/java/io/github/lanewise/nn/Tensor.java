package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import java.util.Arrays;
import java.util.StringJoiner;
import java.util.function.Consumer;

/**
 * Floats with a shape: element (i, j, k) of shape (I, J, K) lies at {@code (i · J + j) · K + k} of
 * the array, as in a contiguous PyTorch tensor.
 *
 * <p>A tensor does not own its array: views, layers and callers share it.
 *
 * <p>What unpooling makes is mostly zeros, and layers after it may skip them; what batch
 * normalisation makes in a {@link Sequential}, a convolution next to it may compute itself. So the
 * elements of such a tensor, and of a gradient of one, are computed when {@link #data} is first
 * called: before the next call of the layer it came from, and before the parameters change.
 */
public final class Tensor {
  /** {@code null} until someone asks for it. */
  private float[] data;

  private final int[] shape;
  private final int elements;

  /** What the elements are, while {@code data} does not hold them. */
  private Consumer<float[]> pending;

  /** The elements in short, or {@code null}. */
  private Unpooled unpooled;

  /** What the pending elements follow from if batch normalisation makes them, or {@code null}. */
  private Normalized normalized;

  private Tensor(float[] data, int[] shape, int elements) {
    this.data = data;
    this.shape = shape;
    this.elements = elements;
  }

  /**
   * Gives an array a shape; nothing is copied.
   *
   * @param data the elements, row-major from index 0 on; may be longer than needed
   * @param shape the size of each axis; none for a single value
   * @return a tensor on {@code data}
   * @throws IllegalArgumentException if one is null, a size negative or {@code data} too short
   */
  public static Tensor of(float[] data, int... shape) {
    int elements = Checks.size("shape", Checks.present("shape", shape));
    Checks.array("data", data, 0, elements);
    return new Tensor(data, shape.clone(), elements);
  }

  /**
   * A tensor of zeros.
   *
   * @param shape the size of each axis; none for a single value
   * @return a tensor on an array of its own
   * @throws IllegalArgumentException if {@code shape} is null, a size negative, or the array would
   *     be too long
   */
  public static Tensor zeros(int... shape) {
    int elements = Checks.size("shape", Checks.present("shape", shape));
    return new Tensor(new float[elements], shape.clone(), elements);
  }

  /**
   * The elements.
   *
   * @return the array itself, not a copy; only the first {@link #elements} belong to the tensor
   */
  public float[] data() {
    unpooled = null; // the caller may change elements
    return dense();
  }

  /** The elements, for one who only reads them. */
  float[] dense() {
    if (data == null) {
      data = new float[elements];
    }
    if (pending != null) {
      Consumer<float[]> fill = pending;
      pending = null;
      normalized = null;
      fill.accept(data);
    }
    return data;
  }

  /** Gives the tensor new elements in short, and a way to compute them all. */
  void defer(Unpooled unpooled, Consumer<float[]> fill) {
    this.unpooled = unpooled;
    normalized = null;
    pending = fill;
  }

  /** Gives the tensor new elements by what they follow from, and a way to compute them all. */
  void defer(Normalized normalized, Consumer<float[]> fill) {
    unpooled = null;
    this.normalized = normalized;
    pending = fill;
  }

  /** Says that the elements are about to be written to {@link #data}. */
  void discard() {
    unpooled = null;
    normalized = null;
    pending = null;
  }

  /** What computes the elements if they are not there yet, or {@code null}. */
  Consumer<float[]> pending() {
    return pending;
  }

  /** What the elements follow from if nobody has computed them yet, or {@code null}. */
  Normalized normalized() {
    return normalized;
  }

  /** The elements in short if they are known so, or {@code null}. */
  Unpooled unpooled() {
    return unpooled;
  }

  /**
   * The number of elements.
   *
   * @return the product of the shape, 1 if it is empty
   */
  public int elements() {
    return elements;
  }

  /**
   * The number of axes.
   *
   * @return 0 for a single value
   */
  public int rank() {
    return shape.length;
  }

  /**
   * The size of one axis.
   *
   * @param axis 0 to {@code rank() - 1}
   * @return its size
   * @throws IllegalArgumentException if there is no such axis
   */
  public int size(int axis) {
    Checks.range("axis", axis, 0, shape.length - 1);
    return shape[axis];
  }

  /**
   * The size of each axis.
   *
   * @return a copy
   */
  public int[] shape() {
    return shape.clone();
  }

  /**
   * Whether this is the shape.
   *
   * @param shape the size of each axis
   * @return true if all sizes and their number are the same
   */
  public boolean hasShape(int... shape) {
    return Arrays.equals(this.shape, shape);
  }

  boolean sameShape(Tensor other) {
    return Arrays.equals(shape, other.shape);
  }

  /**
   * The same elements in another shape, as {@code Tensor.view} of PyTorch.
   *
   * @param shape the size of each axis; one of them may be -1: what is left
   * @return a tensor on the same array
   * @throws IllegalArgumentException if the shape is null or has another number of elements
   */
  public Tensor view(int... shape) {
    return new Tensor(data(), completed(shape, elements, this.shape), elements);
  }

  /** {@code shape} with its -1, if there is one, replaced so that it has {@code elements}. */
  static int[] completed(int[] shape, int elements, int[] from) {
    int[] result = Checks.present("shape", shape).clone();
    int open = -1;
    long known = 1;
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] == -1 && open < 0) {
        open = axis;
      } else if (shape[axis] < 0) {
        throw new IllegalArgumentException(
            "shape is " + text(shape) + " but sizes must be at least 0, one of them may be -1");
      } else {
        known = Math.min(known * shape[axis], 1L << 31); // saturated: such a product never fits
      }
    }
    if (open >= 0 && known > 0 && elements % known == 0) {
      result[open] = (int) (elements / known);
    } else if (open >= 0 || known != elements) {
      throw new IllegalArgumentException(
          "shape "
              + text(shape)
              + " does not hold the "
              + elements
              + " elements of shape "
              + text(from));
    }
    return result;
  }

  /** As PyTorch writes shapes: (100, 1, 28, 28). */
  static String text(int[] shape) {
    StringJoiner text = new StringJoiner(", ", "(", shape.length == 1 ? ",)" : ")");
    for (int size : shape) {
      text.add(Integer.toString(size));
    }
    return text.toString();
  }

  /** The shape as text, for messages. */
  String shapeText() {
    return text(shape);
  }

  /** {@code old} in a new shape if its array is long enough, else a tensor without one yet. */
  static Tensor reshaped(Tensor old, int[] shape) {
    int elements = Checks.size("shape", shape);
    boolean enough = old != null && old.data != null && old.data.length >= elements;
    return new Tensor(enough ? old.data : null, shape.clone(), elements);
  }

  @Override
  public String toString() {
    return "Tensor" + shapeText();
  }
}
