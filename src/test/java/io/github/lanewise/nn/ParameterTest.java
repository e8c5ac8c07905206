package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Gradients that add up, and initial values. */
class ParameterTest {
  private final Random random = new Random(11);

  @Test
  void gradientsAddUpUntilZeroGrad() {
    Conv1d conv = new Conv1d(2, 2, 3);
    Tensor input = Tensor.of(Data.integers(24, random), 2, 2, 6);
    Tensor gradient = Tensor.of(Data.integers(16, random), 2, 2, 4);
    assertNull(conv.weight().grad());
    conv.forward(input);
    conv.backward(gradient);
    float[] once = conv.weight().grad().data().clone();
    float[] bias = conv.bias().grad().data().clone();
    conv.backward(gradient);
    conv.backward(gradient);
    for (int i = 0; i < once.length; i++) {
      assertEquals(3 * once[i], conv.weight().grad().data()[i]);
    }
    assertEquals(3 * bias[0], conv.bias().grad().data()[0]);
    conv.zeroGrad();
    assertNull(conv.weight().grad());
    conv.backward(gradient);
    Compare.exact("grad", once, conv.weight().grad().data());
  }

  @Test
  void initialValuesFollowFromTheSeed() {
    Sequential a = new Sequential(new Conv2d(2, 3, 3), new Linear(4, 4), new Linear(4, 4));
    Sequential b = new Sequential(new Conv2d(2, 3, 3), new Linear(4, 4), new Linear(4, 4));
    float[] linear1 = a.parameters().get(2).data().data();
    float[] linear2 = a.parameters().get(4).data().data();
    assertFalse(Arrays.equals(linear1, linear2), "new layers differ");
    assertFalse(Arrays.equals(linear1, b.parameters().get(2).data().data()), "new networks differ");
    a.initialize(17);
    b.initialize(17);
    for (int i = 0; i < 6; i++) {
      Compare.bits(
          "parameter " + i,
          a.parameters().get(i).data().data(),
          b.parameters().get(i).data().data());
    }
    assertFalse(Arrays.equals(linear1, linear2), "parameters of a seed differ");
    float[] before = linear1.clone();
    a.initialize(17 + (1L << 40));
    assertFalse(Arrays.equals(before, linear1), "all bits of the seed count");
  }

  @Test
  void initialValuesAreTheDocumentedOnes() {
    Linear linear = new Linear(4, 1);
    linear.initialize(3);
    // u = (mix(mix(mix(3) ^ j) + (i + 1) · golden) >>> 40) / 2^24, j = 0 for the weight, 1 for bias
    for (int j = 0; j < 2; j++) {
      Parameter parameter = j == 0 ? linear.weight() : linear.bias();
      for (int i = 0; i < parameter.data().elements(); i++) {
        long z = mix(mix(mix(3) ^ j) + (i + 1) * 0x9E3779B97F4A7C15L);
        double u = (z >>> 40) / (double) (1 << 24);
        assertEquals((float) ((2 * u - 1) / Math.sqrt(4)), parameter.data().data()[i]);
      }
    }
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  @Test
  void initialValuesAreUniformWithinTheBound() {
    checkUniform(new Linear(100, 50).weight(), 0.1);
    checkUniform(Conv2d.of(8, 40, 5).groups(2).build().weight(), 1 / Math.sqrt(4 * 25));
    // the weight is (in, out / groups, k): fan_in counts the output channels here, as in PyTorch
    checkUniform(ConvTranspose1d.of(40, 8, 25).groups(2).build().weight(), 1 / Math.sqrt(4 * 25));
    checkUniform(new Linear(4, 4000).bias(), 0.5);
  }

  private static void checkUniform(Parameter parameter, double bound) {
    float[] values = parameter.data().data();
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      assertTrue(Math.abs(value) <= bound, value + " is beyond " + bound);
      sum += value;
      squares += (double) value * value;
    }
    int n = values.length;
    double deviation = bound / Math.sqrt(3);
    assertEquals(0, sum / n, 5 * deviation / Math.sqrt(n));
    assertEquals(deviation * deviation, squares / n, 0.05 * deviation * deviation);
  }

  @Test
  void initializeResetsBatchNorm() {
    BatchNorm1d norm = new BatchNorm1d(2);
    norm.forward(Tensor.of(Data.normals(20, random), 10, 2));
    norm.weight().data().data()[0] = 5;
    norm.initialize(0);
    Compare.exact("weight", new float[] {1, 1}, norm.weight().data().data());
    Compare.exact("bias", new float[] {0, 0}, norm.bias().data().data());
    Compare.exact("mean", new float[] {0, 0}, norm.namedBuffers().get("running_mean").data());
    Compare.exact("var", new float[] {1, 1}, norm.namedBuffers().get("running_var").data());
    assertEquals(0, norm.stateDict().tensor("num_batches_tracked").longs()[0]);
  }

  @Test
  void runningStatisticsMoveTowardsTheBatch() {
    BatchNorm1d norm = BatchNorm1d.of(1).momentum(0.5).build();
    norm.forward(Tensor.of(new float[] {1, 3}, 2, 1)); // mean 2, unbiased variance 2
    Compare.exact("mean", new float[] {1}, norm.namedBuffers().get("running_mean").data());
    Compare.exact("var", new float[] {1.5f}, norm.namedBuffers().get("running_var").data());
    BatchNorm1d average = BatchNorm1d.of(1).cumulativeAverage().build();
    average.forward(Tensor.of(new float[] {1, 3}, 2, 1));
    average.forward(Tensor.of(new float[] {5, 7}, 2, 1));
    Compare.exact("mean", new float[] {4}, average.namedBuffers().get("running_mean").data());
    assertEquals(2, average.stateDict().tensor("num_batches_tracked").longs()[0]);
  }
}
