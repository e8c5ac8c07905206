package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.kernel.MaxUnpooling;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Shapes of tensors. */
class TensorTest {
  private static final MaxUnpooling PLAN = MaxUnpooling.maxUnpool1d(2, 1, 1, 4).build();

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

  /** Elements that are computed on demand. */
  @Test
  void deferredElementsAreComputedOnce() {
    Indices indices = Indices.of(new int[] {1}, new int[] {1, 1, 1}, 4);
    Unpooled unpooled = new Unpooled(Tensor.of(new float[] {5}, 1, 1, 1), indices, null, PLAN);
    AtomicInteger calls = new AtomicInteger();
    Consumer<float[]> fill =
        data -> {
          calls.incrementAndGet();
          Arrays.fill(data, 0);
          data[1] = 5;
        };
    Tensor tensor = Tensor.reshaped(null, new int[] {1, 1, 4});
    tensor.defer(unpooled, fill);
    assertSame(unpooled, tensor.unpooled());
    assertSame(fill, tensor.pending());
    assertEquals("Tensor(1, 1, 4)", tensor.toString());
    assertEquals(0, calls.get());
    float[] data = tensor.dense();
    assertArrayEquals(new float[] {0, 5, 0, 0}, data);
    assertSame(unpooled, tensor.unpooled(), "who only reads changes nothing");
    assertNull(tensor.pending());
    data[2] = 7;
    assertSame(data, tensor.data());
    assertEquals(7, data[2], "not computed again");
    assertNull(tensor.unpooled(), "the caller may change elements");
    assertEquals(1, calls.get());

    tensor.defer(unpooled, fill);
    assertSame(data, tensor.data());
    assertArrayEquals(new float[] {0, 5, 0, 0}, data, "computed for the new elements");
    tensor.defer(unpooled, fill);
    data[2] = 7;
    assertEquals(0, tensor.view(4).data()[2], "a view has them, too");
    assertNull(tensor.unpooled());
    tensor.defer(unpooled, fill);
    tensor.discard();
    assertNull(tensor.unpooled());
    assertNull(tensor.pending());
    data[2] = 7;
    assertEquals(7, tensor.data()[2]);
    assertEquals(3, calls.get());
  }

  @Test
  void siblingsHaveTheirValuesAtTheSamePlaces() {
    Indices indices = Indices.of(new int[2], new int[] {2, 1, 1}, 4);
    Indices equal = Indices.of(new int[2], new int[] {2, 1, 1}, 4);
    Unpooled zeros = new Unpooled(Tensor.zeros(2, 1, 1), indices, null, PLAN);
    Unpooled filled = new Unpooled(Tensor.zeros(2, 1, 1), indices, new float[1], PLAN);
    assertTrue(zeros.isSibling(filled));
    assertFalse(zeros.isSibling(null));
    assertFalse(zeros.isSibling(new Unpooled(Tensor.zeros(2, 1, 1), equal, null, PLAN)));
    MaxUnpooling other = MaxUnpooling.maxUnpool1d(2, 1, 1, 4).build();
    assertFalse(zeros.isSibling(new Unpooled(Tensor.zeros(2, 1, 1), indices, null, other)));
    Unpooled sibling = zeros.sibling(true);
    assertTrue(sibling.isSibling(zeros));
    assertEquals(1, sibling.fillValue().length);
    assertNull(filled.sibling(false).fillValue());
    assertEquals(6, new Unpooled(Tensor.zeros(5, 4, 2, 3), indices, null, PLAN).entries());
  }
}
