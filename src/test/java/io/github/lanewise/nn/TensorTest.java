package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Shapes of tensors. */
class TensorTest {
  @Test
  void viewsShareTheArray() {
    Tensor tensor = Tensor.zeros(2, 3, 4);
    Tensor view = tensor.view(6, -1);
    assertSame(tensor.data(), view.data());
    assertArrayEquals(new int[] {6, 4}, view.shape());
    assertEquals(24, view.elements());
    assertEquals(4, view.size(1));
    assertTrue(view.hasShape(6, 4));
    assertFalse(view.hasShape(4, 6));
    assertEquals("Tensor(2, 3, 4)", tensor.toString());
    assertEquals(1, Tensor.zeros().elements());
    assertEquals("Tensor(5,)", Tensor.zeros(5).toString());
  }

  @Test
  void shapeIsACopy() {
    int[] shape = {2, 2};
    Tensor tensor = Tensor.of(new float[5], shape);
    shape[0] = 9;
    tensor.shape()[1] = 9;
    assertArrayEquals(new int[] {2, 2}, tensor.shape());
  }

  @Test
  void refusesShapesThatDoNotFit() {
    assertThrows(IllegalArgumentException.class, () -> Tensor.of(new float[3], 2, 2));
    assertThrows(IllegalArgumentException.class, () -> Tensor.of(null, 2));
    assertThrows(IllegalArgumentException.class, () -> Tensor.zeros(-1));
    assertThrows(IllegalArgumentException.class, () -> Tensor.zeros(1 << 16, 1 << 16)); // overflows
    Tensor tensor = Tensor.zeros(6);
    assertThrows(IllegalArgumentException.class, () -> tensor.view(4));
    assertThrows(IllegalArgumentException.class, () -> tensor.view(4, -1));
    assertThrows(IllegalArgumentException.class, () -> tensor.view(-1, -1));
    assertThrows(IllegalArgumentException.class, () -> tensor.view(-2, 3));
    assertThrows(IllegalArgumentException.class, () -> tensor.view(1 << 16, 1 << 16, -1));
    assertThrows(IllegalArgumentException.class, () -> tensor.view(0, -1));
    assertThrows(IllegalArgumentException.class, () -> tensor.size(1));
  }
}
