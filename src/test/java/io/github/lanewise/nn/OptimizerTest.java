package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.kernel.Parallelism;
import io.github.lanewise.kernel.Workspace;
import io.github.lanewise.testing.Data;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** The optimisers over parameters; their arithmetic is tested with the kernels. */
class OptimizerTest {
  private final Parameter a = Parameter.constant(1, 3);
  private final Parameter b = Parameter.constant(1, 2);

  private static void gradient(Parameter parameter, float value) {
    java.util.Arrays.fill(parameter.gradTarget(), value);
    parameter.gradWritten();
  }

  @Test
  void sgdStep() {
    SGD sgd = SGD.of(List.of(a, b), 0.5).build();
    gradient(a, 2);
    sgd.step();
    assertEquals(0f, a.data().data()[2]);
    assertEquals(1f, b.data().data()[1], "no gradient, no change");
    sgd.zeroGrad();
    assertNull(a.grad());
    sgd.step();
    assertEquals(0f, a.data().data()[2]);
    sgd.lr(2);
    gradient(b, 1);
    sgd.step();
    assertEquals(-1f, b.data().data()[0]);
  }

  @Test
  void sgdMomentumBeginsWithTheGradient() {
    SGD sgd = SGD.of(List.of(a), 1).momentum(0.5).dampening(0.75).build();
    gradient(a, 4);
    sgd.step(); // buffer 4
    assertEquals(-3f, a.data().data()[0]);
    sgd.step(); // buffer 0.5 · 4 + 0.25 · 4 = 3
    assertEquals(-6f, a.data().data()[0]);
  }

  @Test
  void adamCountsTheStepsOfEachParameter() {
    Adam adam = Adam.of(List.of(a, b)).lr(0.25).eps(0).build();
    gradient(a, 3);
    adam.step();
    assertEquals(0.75f, a.data().data()[0], 1e-6f, "the first step has the size lr");
    gradient(b, -7);
    adam.step();
    assertEquals(1.25f, b.data().data()[0], 1e-6f, "and so has that of a parameter that is late");
    assertEquals(0.5f, a.data().data()[0], 1e-6f, "of the same gradient, the second one too");
  }

  @Test
  void adamwDecaysTheParameter() {
    AdamW adam = AdamW.of(List.of(a)).lr(0.5).weightDecay(0.5).eps(0).build();
    gradient(a, 1);
    adam.step();
    assertEquals(0.75f - 0.5f, a.data().data()[0], 1e-6f);
  }

  @Test
  void aStepThatThrewDoesNotCount() {
    SGD sgd = SGD.of(List.of(a), 1).momentum(0.5).dampening(0.75).build();
    Adam adam = Adam.of(List.of(b)).lr(0.25).eps(0).build();
    gradient(a, 4);
    gradient(b, 3);
    for (Optimizer optimizer : List.of(sgd, adam)) {
      throwOnce(optimizer);
      optimizer.step();
    }
    assertEquals(-3f, a.data().data()[0], "the first step has no dampening");
    assertEquals(0.75f, b.data().data()[0], 1e-6f, "the first step has the size lr");
  }

  /** Makes a step with a workspace that is in use: the one that hands out this very work. */
  private static void throwOnce(Optimizer optimizer) {
    boolean[] threw = {false};
    Workspace[] busy = {null};
    Executor executor =
        task -> {
          optimizer.workspace(busy[0]);
          assertThrows(IllegalStateException.class, optimizer::step);
          optimizer.workspace(new Workspace());
          threw[0] = true;
        };
    busy[0] = new Workspace(Parallelism.of(executor, 2));
    ReLU relu = new ReLU();
    relu.workspace(busy[0]);
    relu.forward(Tensor.zeros(1 << 20));
    assertTrue(threw[0], "the work had several tasks");
  }

  @Test
  void refusesWrongArguments() {
    assertThrows(IllegalArgumentException.class, () -> new Adam(List.of()));
    assertThrows(IllegalArgumentException.class, () -> Adam.of(List.of(a)).lr(-1).build());
    assertThrows(IllegalArgumentException.class, () -> Adam.of(List.of(a)).betas(1, 0).build());
    assertThrows(IllegalArgumentException.class, () -> SGD.of(List.of(a), -1).build());
    assertThrows(
        IllegalArgumentException.class, () -> SGD.of(List.of(a), 1).nesterov(true).build());
  }

  @Test
  void linearRegressionIsLearnt() {
    Random random = new Random(2);
    Linear truth = new Linear(5, 2);
    Linear model = new Linear(5, 2);
    truth.initialize(1);
    model.initialize(2);
    Adam adam = Adam.of(model.parameters()).lr(0.02).build();
    MSELoss loss = new MSELoss();
    float value = 0;
    for (int step = 0; step < 400; step++) {
      Tensor x = Tensor.of(Data.normals(100, random), 20, 5);
      adam.zeroGrad();
      value = loss.forward(model.forward(x), truth.forward(x));
      model.backward(loss.backward());
      adam.step();
    }
    assertTrue(value < 1e-6, "loss " + value);
  }
}
