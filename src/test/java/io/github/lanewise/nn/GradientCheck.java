package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.lanewise.testing.Data;
import java.util.Map;
import java.util.Random;

/**
 * Compares a backward pass with central differences: the slope of {@code L = Σ c · output}, summed
 * in double, is {@code (L(x + h) − L(x − h)) / 2h} for each element x of the input and of each
 * parameter; c is the gradient given to {@code backward}.
 */
final class GradientCheck {
  private final Layer layer;
  private final Tensor input;
  private final float step;
  private final double tolerance;
  private float[] c;

  private GradientCheck(Layer layer, Tensor input, float step, double tolerance) {
    this.layer = layer;
    this.input = input;
    this.step = step;
    this.tolerance = tolerance;
  }

  /** For functions that are linear within a step, on integers: the gradients must be equal. */
  static void exact(Layer layer, Tensor input) {
    new GradientCheck(layer, input, 1, 0).run();
  }

  /** For smooth functions; the tolerance is relative to the largest slope of the same array. */
  static void close(Layer layer, Tensor input, double tolerance) {
    new GradientCheck(layer, input, 0x1p-8f, tolerance).run();
  }

  private void run() {
    Tensor output = layer.forward(input);
    c = Data.integers(output.elements(), new Random(7));
    layer.zeroGrad();
    Tensor gradInput = layer.backward(Tensor.of(c, output.shape()));
    assertNotNull(gradInput, "gradient of the input");
    assertEquals(input.shapeText(), gradInput.shapeText(), "shape of the gradient of the input");
    float[] analytic = gradInput.data().clone();
    Map<String, Parameter> parameters = layer.namedParameters();
    Map<String, float[]> gradients = new java.util.LinkedHashMap<>();
    parameters.forEach(
        (name, p) -> {
          assertNotNull(p.grad(), "gradient of " + name);
          gradients.put(name, p.grad().data().clone());
        });
    compare("input", input, analytic);
    parameters.forEach((name, p) -> compare(name, p.data(), gradients.get(name)));
  }

  private void compare(String name, Tensor at, float[] analytic) {
    double[] numeric = new double[at.elements()];
    double largest = 0;
    for (int i = 0; i < numeric.length; i++) {
      numeric[i] = slope(at.data(), i);
      largest = Math.max(largest, Math.abs(numeric[i]));
    }
    for (int i = 0; i < numeric.length; i++) {
      if (!(Math.abs(analytic[i] - numeric[i]) <= tolerance * largest)) {
        fail(
            "%s: gradient of %s[%d] is %s, central differences give %s ± %s"
                .formatted(layer, name, i, analytic[i], numeric[i], tolerance * largest));
      }
    }
  }

  private double slope(float[] values, int i) {
    float kept = values[i];
    values[i] = kept + step;
    double above = loss();
    float upper = values[i];
    values[i] = kept - step;
    double below = loss();
    double distance = (double) upper - values[i]; // 2h but for rounding
    values[i] = kept;
    return (above - below) / distance;
  }

  private double loss() {
    return Data.dot(c, layer.forward(input).data());
  }
}
