package io.github.lanewise.mnist;

import io.github.lanewise.data.Mnist;
import io.github.lanewise.nn.Tensor;
import java.util.Arrays;

/**
 * Turns a batch of MNIST images into what a model is given and what it shall make of it: the image
 * itself, which {@link Model#AE1D} takes as a row of 784 pixels; for {@link Model#DAE} the input is
 * the image with a border of two pixels and three equal channels, and the target is that at twice
 * the size, each pixel a square of four. Gaussian noise may be added to the input.
 */
final class Task {
  private static final int SIDE = Mnist.SIDE;
  private static final int PIXELS = SIDE * SIDE;
  private static final int BORDER = 2;

  private final Model model;
  private final float noise;
  private final Gaussian gaussian;
  private final float[] images;
  private final float[] inputs;
  private final float[] targets;
  private Tensor input;
  private Tensor target;

  /**
   * Prepares for batches of up to {@code batchSize} images.
   *
   * @param noise standard deviation of the noise, 0 for none
   * @param seed of the noise
   */
  Task(Model model, int batchSize, double noise, long seed) {
    this.model = model;
    this.noise = (float) noise;
    gaussian = new Gaussian(seed);
    images = new float[batchSize * PIXELS];
    int inputPixels = model.channels() * model.inputSide() * model.inputSide();
    int outputPixels = model.channels() * model.outputSide() * model.outputSide();
    inputs = model == Model.DAE || noise > 0 ? new float[batchSize * inputPixels] : images;
    targets = model == Model.DAE ? new float[batchSize * outputPixels] : images;
  }

  /** Where the caller puts the images, (n, 28, 28), before {@link #prepare}. */
  float[] images() {
    return images;
  }

  /** Makes input and target of the first {@code n} images. */
  void prepare(int n) {
    if (model == Model.DAE) {
      enlarge(n);
    } else if (inputs != images) {
      System.arraycopy(images, 0, inputs, 0, n * PIXELS);
    }
    if (noise > 0) {
      gaussian.add(inputs, n * (inputs.length / (images.length / PIXELS)), noise);
    }
    if (input == null || input.size(0) != n) {
      input = Tensor.of(inputs, inputShape(n));
      target = Tensor.of(targets, targetShape(n));
    }
  }

  private int[] inputShape(int n) {
    return model == Model.AE1D
        ? new int[] {n, 1, PIXELS}
        : new int[] {n, model.channels(), model.inputSide(), model.inputSide()};
  }

  private int[] targetShape(int n) {
    return model == Model.DAE
        ? new int[] {n, model.channels(), model.outputSide(), model.outputSide()}
        : inputShape(n);
  }

  private void enlarge(int n) {
    int side = model.inputSide();
    int large = model.outputSide();
    for (int image = 0; image < n; image++) {
      for (int channel = 0; channel < model.channels(); channel++) {
        int plane = image * model.channels() + channel;
        if (noise > 0) { // the border holds that of the batch before
          Arrays.fill(inputs, plane * side * side, (plane + 1) * side * side, 0);
        }
        for (int y = 0; y < SIDE; y++) {
          int from = (image * SIDE + y) * SIDE;
          int to = (plane * side + y + BORDER) * side + BORDER;
          System.arraycopy(images, from, inputs, to, SIDE);
        }
        for (int y = 0; y < large; y++) {
          int from = (plane * side + y / 2) * side;
          int to = (plane * large + y) * large;
          for (int x = 0; x < large; x++) {
            targets[to + x] = inputs[from + x / 2];
          }
        }
      }
    }
  }

  /** What the model is given. */
  Tensor input() {
    return input;
  }

  /** What it shall make of it. */
  Tensor target() {
    return target;
  }
}
