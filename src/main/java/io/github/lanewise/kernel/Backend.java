package io.github.lanewise.kernel;

import io.github.lanewise.internal.Kernels;
import io.github.lanewise.scalar.ScalarKernels;

/** Chooses, once, between the vector kernels and their scalar twins. */
final class Backend {
  /** The kernels in use. */
  static final Kernels KERNELS = choose();

  private Backend() {}

  private static Kernels choose() {
    String wanted = System.getProperty("lanewise.backend", "auto");
    if (!wanted.equals("scalar")
        && ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      return new io.github.lanewise.vector.VectorKernels();
    }
    return new ScalarKernels();
  }

  static String describe() {
    return KERNELS.getClass().getSimpleName();
  }
}
