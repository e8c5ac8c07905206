package io.github.lanewise.kernel;

/**
 * What this library found and chose on this machine. It looks once, when the first plan is made or
 * a method here is called; the system property {@code lanewise.backend} ({@code auto}, {@code
 * vector} or {@code scalar}) must be set before.
 *
 * <p>Each method, and each builder's {@code build()}, throws {@link IllegalArgumentException} if
 * {@code lanewise.backend} or {@code lanewise.vector.bits} has a value that is not legal, and
 * {@link IllegalStateException} if vectors were demanded and cannot be used.
 */
public final class Lanewise {
  private Lanewise() {}

  /**
   * {@return the backend in one line: the vector width and the JDK, or why there are no vectors and
   * what to do about it}
   */
  public static String describe() {
    return Backend.describe();
  }

  /** {@return {@code "vector"} or {@code "scalar"}} */
  public static String backend() {
    return Backend.vectorBits() > 0 ? "vector" : "scalar";
  }

  /** {@return the width of the vectors in bits, 0 for the scalar backend} */
  public static int vectorBits() {
    return Backend.vectorBits();
  }
}
