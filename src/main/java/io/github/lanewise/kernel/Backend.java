package io.github.lanewise.kernel;

import io.github.lanewise.internal.Kernels;
import io.github.lanewise.scalar.ScalarKernels;
import io.github.lanewise.vector.VectorKernels;
import io.github.lanewise.vector.VectorWidth;
import java.lang.reflect.Proxy;
import java.util.function.Supplier;

/**
 * Chooses, once, between the vector kernels and their scalar twins.
 *
 * <p>The vector package may be touched only after {@link VectorSupport} found nothing missing:
 * without the module jdk.incubator.vector its classes do not link.
 */
final class Backend {
  private static final String PROPERTY = "lanewise.backend";

  private static final Choice CHOICE = choose();

  /** The kernels in use; where the property was refused, every use of them throws why. */
  static final Kernels KERNELS = CHOICE.kernels;

  /**
   * What was chosen.
   *
   * @param kernels the kernels in use
   * @param bits width of the vectors, 0 for the scalar twins
   * @param description as {@link Lanewise#describe} returns it
   * @param refusal makes the exception that every use throws, or null if the choice succeeded
   */
  private record Choice(
      Kernels kernels, int bits, String description, Supplier<RuntimeException> refusal) {}

  private Backend() {}

  static int vectorBits() {
    return choice().bits;
  }

  static String describe() {
    return choice().description;
  }

  private static Choice choice() {
    if (CHOICE.refusal != null) {
      throw CHOICE.refusal.get();
    }
    return CHOICE;
  }

  private static Choice choose() {
    String wanted = System.getProperty(PROPERTY, "auto").strip();
    switch (wanted) {
      case "scalar":
        return scalar("asked for by -D" + PROPERTY + "=scalar");
      case "auto", "vector":
        String missing = VectorSupport.missing();
        if (missing == null) {
          return vector();
        }
        if (wanted.equals("vector")) {
          String message = "-D" + PROPERTY + "=vector, but it cannot be used: " + missing;
          return refused(() -> new IllegalStateException(message));
        }
        System.getLogger("io.github.lanewise")
            .log(
                System.Logger.Level.WARNING,
                "Lanewise computes without vectors, several times slower: {0}"
                    + " (or accept it silently with -D{1}=scalar)",
                missing,
                PROPERTY);
        return scalar(missing);
      default:
        String message = PROPERTY + " must be auto, vector or scalar, but is \"" + wanted + "\"";
        return refused(() -> new IllegalArgumentException(message));
    }
  }

  private static Choice scalar(String reason) {
    return new Choice(new ScalarKernels(), 0, "scalar backend: " + reason, null);
  }

  private static Choice vector() {
    int bits;
    try {
      bits = VectorWidth.BITS;
    } catch (ExceptionInInitializerError e) {
      if (e.getCause() instanceof IllegalArgumentException width) {
        return refused(() -> new IllegalArgumentException(width.getMessage()));
      }
      throw e;
    }
    String description =
        "vector backend, "
            + bits
            + " bits ("
            + VectorWidth.LANES
            + " floats), JDK "
            + System.getProperty("java.version");
    return new Choice(new VectorKernels(), bits, description, null);
  }

  /**
   * Kernels that throw when they are asked for. Thrown from this class's initialiser, an exception
   * would reach the caller as an error without its message, and from the second time on as
   * NoClassDefFoundError.
   */
  private static Choice refused(Supplier<RuntimeException> refusal) {
    Object kernels =
        Proxy.newProxyInstance(
            Kernels.class.getClassLoader(),
            new Class<?>[] {Kernels.class},
            (proxy, method, arguments) -> {
              throw refusal.get();
            });
    return new Choice((Kernels) kernels, 0, null, refusal);
  }
}
