package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import java.util.Arrays;

/**
 * Where max pooling found its maxima: for each output element the flat position within the input
 * plane it came from, {@code h · W + w}, or {@code w} in one dimension. Unpooling needs them.
 *
 * <p>Beside the positions, the object knows the size of the plane they count in, so that unpooling
 * into a plane of another size, where they would point elsewhere, is noticed.
 */
public final class Indices {
  private final int[] data;
  private final int[] shape;
  private final int[] planeSize;

  /** Whether a pooling whose windows do not overlap writes them, and nobody else can. */
  private boolean unique;

  private Indices(int[] data, int[] shape, int[] planeSize, boolean unique) {
    this.data = data;
    this.shape = shape;
    this.planeSize = planeSize;
    this.unique = unique;
  }

  /**
   * Gives positions a shape and a plane; nothing is copied.
   *
   * @param data the positions, row-major from index 0 on; may be longer than needed
   * @param shape the shape of the pooled tensor: (N, C, H, W) or (N, C, L)
   * @param planeSize the size of the plane they count in: (H', W') or (L')
   * @return indices on {@code data}
   * @throws IllegalArgumentException if one is null, {@code data} too short, a size negative, or if
   *     {@code shape} has not two axes more than {@code planeSize}
   */
  public static Indices of(int[] data, int[] shape, int... planeSize) {
    Checks.array("data", data, 0, Checks.size("shape", Checks.present("shape", shape)));
    Checks.size("plane_size", Checks.present("plane_size", planeSize));
    if (shape.length != planeSize.length + 2) {
      throw new IllegalArgumentException(
          "plane_size is "
              + Tensor.text(planeSize)
              + " but must have two axes less than shape "
              + Tensor.text(shape));
    }
    return new Indices(data, shape.clone(), planeSize.clone(), false);
  }

  /**
   * {@code old} in a new shape if its array is long enough, else new indices.
   *
   * @param unique whether they will be those of a pooling whose windows do not overlap
   */
  static Indices reshaped(Indices old, int[] shape, boolean unique, int... planeSize) {
    int size = Checks.size("shape", shape);
    boolean enough = old != null && old.data.length >= size;
    boolean known = unique && (!enough || old.unique); // who has the old array may write to it
    return new Indices(enough ? old.data : new int[size], shape, planeSize, known);
  }

  /** The positions, for one who does not change them, or writes those of a pooling. */
  int[] raw() {
    return data;
  }

  /** Whether none occurs twice in a plane, as far as that is known without looking. */
  boolean areUnique() {
    return unique;
  }

  /**
   * The positions.
   *
   * @return the array itself, not a copy
   */
  public int[] data() {
    unique = false; // the caller may change them
    return data;
  }

  /**
   * The shape of the pooled tensor.
   *
   * @return a copy
   */
  public int[] shape() {
    return shape.clone();
  }

  /**
   * The size of the plane the positions count in: that of the input of the pooling.
   *
   * @return a copy: (H', W') or (L')
   */
  public int[] planeSize() {
    return planeSize.clone();
  }

  /** Whether the positions belong to a pooled tensor of the shape of {@code tensor}. */
  boolean match(Tensor tensor) {
    return tensor.hasShape(shape);
  }

  /** Whether the positions count in a plane of this size. */
  boolean countIn(int[] planeSize) {
    return Arrays.equals(this.planeSize, planeSize);
  }

  @Override
  public String toString() {
    return "Indices" + Tensor.text(shape) + " into planes of " + Tensor.text(planeSize);
  }
}
