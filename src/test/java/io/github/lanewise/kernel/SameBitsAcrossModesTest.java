package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.BitsProbe;
import io.github.lanewise.testing.Jvm;
import io.github.lanewise.testing.MissingWidthFilter;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What docs/accuracy.md says has the same bits across backends or widths, compared across JVMs of
 * its own: the same whatever the mode of this one.
 */
@Tag("once")
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
    return Jvm.run(BitsProbe.class, List.of(option));
  }
}
