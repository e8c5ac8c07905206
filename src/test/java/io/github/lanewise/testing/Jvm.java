package io.github.lanewise.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a class of the test tree in a JVM of its own. */
public final class Jvm {
  private Jvm() {}

  /** {@return options for the backend and the vector width that this JVM was given} */
  public static List<String> mode() {
    List<String> mode = new ArrayList<>();
    for (String name : List.of("lanewise.backend", "lanewise.vector.bits")) {
      if (System.getProperty(name) != null) {
        mode.add("-D" + name + "=" + System.getProperty(name));
      }
    }
    return mode;
  }

  /**
   * Runs a main class on this JVM's class path, with the Vector API.
   *
   * @param options such as {@code -Dlanewise.backend=scalar}
   * @return the lines that it printed
   */
  public static List<String> run(Class<?> main, List<String> options, String... arguments)
      throws Exception {
    return run(0, main, options, arguments);
  }

  /** The same for a program that ends with another exit code. */
  public static List<String> run(
      int exitCode, Class<?> main, List<String> options, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectErrorStream(true); // to see why it failed
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    Process process = builder.start();
    List<String> lines =
        process.inputReader().lines().filter(line -> !line.startsWith("WARNING: ")).toList();
    assertEquals(exitCode, process.waitFor(), () -> command + " printed " + lines);
    return lines;
  }
}
