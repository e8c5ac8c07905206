package io.github.lanewise.kernel;

/** What this library found and chose on this machine. */
public final class Lanewise {
  private Lanewise() {}

  /** {@return backend, vector width and the reason, in one line} */
  public static String describe() {
    return Backend.describe();
  }
}
