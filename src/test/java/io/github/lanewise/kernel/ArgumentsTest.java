package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ArgumentsTest {
  private final float[] five = new float[5];
  private final Workspace workspace = new Workspace();

  @Test
  void whatIsTooShortIsNamed() {
    assertRefused("input is null", () -> begin().reads("input", (float[]) null, 0, 5));
    assertRefused(
        "input has 5 elements, but 6 are needed from offset 0 on",
        () -> begin().reads("input", five, 0, 6));
    assertRefused(
        "output has 5 elements, but 5 are needed from offset 1 on",
        () -> begin().writes("output", five, 1, 5));
  }

  @Test
  void aNegativeOffsetIsNoMatterOfLength() {
    assertRefused(
        "the offset of input is -1 but must be between 0 and 3",
        () -> begin().reads("input", five, -1, 2));
    assertRefused(
        "the offset of indices is -2147483648 but must be between 0 and 0",
        () -> begin().reads("indices", new int[5], Integer.MIN_VALUE, 5));
    assertRefused(
        "the offset of input is -7 but must be at least 0",
        () -> begin().mayRead("input", five, -7, 6));
  }

  @Test
  void whatOverlapsIsNamed() {
    assertRefused(
        "input [0, 3) and output [2, 4) overlap in one array; they must be disjoint",
        () -> begin().reads("input", five, 0, 3).writes("output", five, 2, 2));
    assertRefused(
        "output [0, 3) and weight [2, 3) overlap in one array; they must be disjoint",
        () ->
            begin()
                .reads("input", five, 0, 3)
                .writesInPlace("output", five, 0, 3, "input")
                .reads("weight", five, 2, 1));
  }

  private Arguments begin() {
    return Workspace.begin(workspace);
  }

  private static void assertRefused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
