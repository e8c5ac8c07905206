package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.kernel.Reduction;
import io.github.lanewise.testing.Data;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The losses' gradients against central differences, and their values by hand. */
class LossGradientTest {
  private final Random random = new Random(5);
  private final Tensor input = Tensor.of(Data.normals(24, random), 4, 3, 2);
  private final Tensor target = Tensor.of(Data.normals(24, random), 4, 3, 2);

  private void check(Loss loss, ToDoubleFunction<Tensor> forward) {
    forward.applyAsDouble(input);
    float[] gradient = loss.backward().data().clone();
    float step = 0x1p-6f;
    for (int i = 0; i < input.elements(); i++) {
      float kept = input.data()[i];
      input.data()[i] = kept + step;
      double above = forward.applyAsDouble(input);
      input.data()[i] = kept - step;
      double below = forward.applyAsDouble(input);
      input.data()[i] = kept;
      double slope = (above - below) / (2 * step);
      assertEquals(slope, gradient[i], 2e-4 * Math.max(1, Math.abs(slope)), loss + " at " + i);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Reduction.class,
      names = {"MEAN", "SUM"})
  void meanSquaredError(Reduction reduction) {
    MSELoss loss = new MSELoss(reduction);
    check(loss, x -> loss.forward(x, target));
  }

  @Test
  void meanSquaredErrorByHand() {
    MSELoss loss = new MSELoss();
    Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor b = Tensor.of(new float[] {1, 4, 3, 0}, 2, 2);
    assertEquals(5f, loss.forward(a, b));
    assertEquals(2f, loss.backward().data()[3]); // 2 · (4 − 0) / 4
  }

  @Test
  void absoluteError() {
    Tensor far = Tensor.zeros(4, 3, 2);
    for (int i = 0; i < 24; i++) {
      far.data()[i] = input.data()[i] + (i % 2 == 0 ? 1 : -1);
    }
    L1Loss loss = new L1Loss();
    check(loss, x -> loss.forward(x, far));
  }

  @Test
  void smoothAbsoluteError() {
    SmoothL1Loss loss = new SmoothL1Loss(Reduction.SUM, 2);
    check(loss, x -> loss.forward(x, target));
  }

  @Test
  void binaryCrossEntropy() {
    Tensor probabilities = Tensor.zeros(4, 3, 2);
    for (int i = 0; i < 24; i++) {
      probabilities.data()[i] = random.nextFloat();
    }
    BCEWithLogitsLoss loss = new BCEWithLogitsLoss(Reduction.SUM);
    check(loss, x -> loss.forward(x, probabilities));
  }

  @Test
  void binaryCrossEntropyWithPosWeight() {
    BCEWithLogitsLoss loss = new BCEWithLogitsLoss(Reduction.MEAN, 3, 0.5f);
    Tensor ones = Tensor.of(new float[] {1, 1, 1, 1}, 2, 2);
    assertEquals(1.75 * Math.log(2), loss.forward(Tensor.zeros(2, 2), ones), 1e-6);
    assertEquals(-1.5f / 4, loss.backward().data()[0]); // 3 · (1/2 − 1) / 4
    assertThrows(
        IllegalArgumentException.class, () -> loss.forward(input.view(8, 3), target.view(8, 3)));
  }

  @Test
  void crossEntropyOfClasses() {
    CrossEntropyLoss loss =
        CrossEntropyLoss.of().weight(1, 2, 0.5f).labelSmoothing(0.1).ignoreIndex(2).build();
    int[] classes = {0, 1, 2, 1, 0, 0, 2, 1};
    check(loss, x -> loss.forward(x, classes));
  }

  @Test
  void crossEntropyOfProbabilities() {
    CrossEntropyLoss loss = CrossEntropyLoss.of().reduction(Reduction.SUM).build();
    Softmax softmax = new Softmax(1);
    Tensor probabilities = softmax.forward(target);
    check(loss, x -> loss.forward(x, probabilities));
  }

  @Test
  void crossEntropyByHand() {
    CrossEntropyLoss loss = new CrossEntropyLoss();
    Tensor even = Tensor.zeros(2, 4);
    assertEquals(Math.log(4), loss.forward(even, new int[] {3, 0}), 1e-6);
    float[] gradient = loss.backward().data();
    assertEquals(0.125f, gradient[0]); // 1/4 / 2
    assertEquals(-0.375f, gradient[3]); // (1/4 − 1) / 2
  }

  @Test
  void refusesWhatDoesNotFit() {
    MSELoss loss = new MSELoss();
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> loss.forward(input, Tensor.zeros(4, 6)));
    assertTrue(e.getMessage().contains("MSELoss"), e.getMessage());
    assertTrue(e.getMessage().contains("(4, 6)"), e.getMessage());
    assertTrue(e.getMessage().contains("(4, 3, 2)"), e.getMessage());
    assertThrows(IllegalStateException.class, loss::backward);
    assertThrows(IllegalArgumentException.class, () -> new L1Loss(Reduction.NONE));
    CrossEntropyLoss weighted = CrossEntropyLoss.of().weight(1, 2).build();
    assertThrows(IllegalArgumentException.class, () -> weighted.forward(input, new int[8]));
    assertThrows(
        IllegalArgumentException.class,
        () -> new CrossEntropyLoss().forward(input, new int[] {0, 1, 2, 3, 0, 0, 0, 0}));
  }
}
