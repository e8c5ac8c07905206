package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.BitsProbe;
import io.github.lanewise.testing.MissingWidthFilter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What docs/accuracy.md says has the same bits across backends or widths, compared across JVMs. */
class SameBitsAcrossModesTest {
  @Test
  void backendsAndWidthsAgreeWhereTheyAreSaidTo() throws Exception {
    List<String> scalar = run("-Dlanewise.backend=scalar");
    List<String> narrow = run("-Dlanewise.vector.bits=128");
    assertEquals("mode scalar 0", scalar.get(0));
    assertTrue(scalar.size() > 60, scalar::toString);
    assertEquals(lines(scalar, "all "), lines(narrow, "all "));
    for (int bits = 128; bits <= Math.min(512, MissingWidthFilter.WIDEST); bits *= 2) {
      List<String> vector = run("-Dlanewise.vector.bits=" + bits);
      assertEquals("mode vector " + bits, vector.get(0));
      assertEquals(lines(narrow, ""), lines(vector, ""), bits + " bits");
    }
  }

  private static List<String> lines(List<String> all, String beginning) {
    return all.stream().skip(1).filter(line -> line.startsWith(beginning)).toList();
  }

  private static List<String> run(String option) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector", option));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(BitsProbe.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    Process process = builder.start();
    List<String> lines = process.inputReader().lines().toList();
    assertEquals(0, process.waitFor(), () -> command + " printed " + lines);
    return lines;
  }
}
