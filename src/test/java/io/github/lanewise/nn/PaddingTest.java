package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.Compare;
import org.junit.jupiter.api.Test;

/** Padding by name and by mode; a kernel of one element, 1, shows the padded input. */
class PaddingTest {
  private static float[] padded(PaddingMode mode, int padding, float... row) {
    Conv1d conv = Conv1d.of(1, 1, 1).padding(padding).paddingMode(mode).bias(false).build();
    conv.weight().data().data()[0] = 1;
    Tensor output = conv.forward(Tensor.of(row, 1, 1, row.length));
    assertEquals(row.length + 2 * padding, output.size(2));
    return output.data();
  }

  @Test
  void modes() {
    Compare.exact(
        "zeros", new float[] {0, 0, 1, 2, 3, 0, 0}, padded(PaddingMode.ZEROS, 2, 1, 2, 3));
    Compare.exact(
        "reflect", new float[] {3, 2, 1, 2, 3, 2, 1}, padded(PaddingMode.REFLECT, 2, 1, 2, 3));
    Compare.exact(
        "replicate", new float[] {1, 1, 1, 2, 3, 3, 3}, padded(PaddingMode.REPLICATE, 2, 1, 2, 3));
    Compare.exact(
        "circular", new float[] {2, 3, 1, 2, 3, 1, 2}, padded(PaddingMode.CIRCULAR, 2, 1, 2, 3));
    Compare.exact(
        "all of it", new float[] {1, 2, 1, 2, 1, 2}, padded(PaddingMode.CIRCULAR, 2, 1, 2));
  }

  @Test
  void planesArePaddedAlongBothAxes() {
    Conv2d conv =
        Conv2d.of(1, 1, 1).padding(1, 2).paddingMode(PaddingMode.REFLECT).bias(false).build();
    conv.weight().data().data()[0] = 1;
    Tensor output = conv.forward(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 1, 2, 3));
    assertArrayEquals(new int[] {1, 1, 4, 7}, output.shape());
    Compare.exact(
        "output",
        new float[] {
          6, 5, 4, 5, 6, 5, 4, //
          3, 2, 1, 2, 3, 2, 1, //
          6, 5, 4, 5, 6, 5, 4, //
          3, 2, 1, 2, 3, 2, 1
        },
        output.data());
  }

  @Test
  void modeReachesOnlyAsFarAsTheInput() {
    for (PaddingMode mode : new PaddingMode[] {PaddingMode.REFLECT, PaddingMode.CIRCULAR}) {
      int most = mode == PaddingMode.REFLECT ? 2 : 3;
      padded(mode, most, 1, 2, 3);
      String message =
          assertThrows(IllegalArgumentException.class, () -> padded(mode, most + 1, 1, 2, 3))
              .getMessage();
      assertTrue(message.contains("at most " + most) && message.contains(mode.toString()), message);
    }
  }

  @Test
  void sameAddsTheLargerHalfAtTheEnd() {
    Conv1d conv = Conv1d.of(1, 1, 4).padding("same").bias(false).build();
    System.arraycopy(new float[] {1, 10, 100, 1000}, 0, conv.weight().data().data(), 0, 4);
    Tensor output = conv.forward(Tensor.of(new float[] {1, 2, 3}, 1, 1, 3));
    Compare.exact("output", new float[] {3210, 321, 32}, output.data());
    assertEquals(
        "Conv1d(1, 1, kernel_size=(4,), stride=(1,), padding=same, bias=False)", conv.toString());
    Conv2d even = Conv2d.of(1, 2, 3, 2).dilation(2, 3).padding("same").build();
    assertArrayEquals(new int[] {2, 2, 5, 7}, even.forward(Tensor.zeros(2, 1, 5, 7)).shape());
    Conv2d valid = Conv2d.of(1, 1, 3).padding(1).padding("valid").build();
    assertArrayEquals(new int[] {1, 1, 3, 5}, valid.forward(Tensor.zeros(1, 1, 5, 7)).shape());
  }

  @Test
  void refusesWhatPyTorchDoes() {
    assertThrows(IllegalArgumentException.class, () -> Conv1d.of(1, 1, 3).padding("full"));
    assertThrows(IllegalArgumentException.class, () -> Conv1d.of(1, 1, 3).paddingMode(null));
    assertThrows(
        IllegalArgumentException.class, () -> Conv1d.of(1, 1, 3).padding("same").stride(2).build());
  }
}
