package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;

/**
 * Layers one after the other, as {@code torch.nn.Sequential}; they are named {@code 0}, {@code 1},
 * and so on.
 *
 * <p>A {@link ReLU} right in front of a batch normalisation, or else right behind it, is computed
 * along with it, forward and backward, which spares passes over memory and gives the same bits.
 * Then it has no output of its own, overwrites nothing, and its own {@code backward} has nothing to
 * go by.
 *
 * <p>A convolution behind a batch normalisation may normalise the elements while it reads them, and
 * a transposed convolution in front may so compute their gradients, also with the same bits.
 */
public final class Sequential extends Layer {
  private final Layer[] layers;

  /** For a ReLU whose work a neighbour does: that neighbour. */
  private final BatchNormLayer[] doneBy;

  /**
   * A chain of layers.
   *
   * @param layers in the order of the forward pass; none make the identity
   * @throws IllegalArgumentException if one is null or part of a network already
   */
  public Sequential(Layer... layers) {
    this.layers = Checks.present("layers", layers).clone();
    for (int i = 0; i < layers.length; i++) {
      add(Integer.toString(i), layers[i]);
    }
    doneBy = new BatchNormLayer[layers.length];
    for (int i = 0; i < layers.length; i++) {
      if (!(layers[i] instanceof BatchNormLayer norm)) {
        continue;
      }
      if (isRelu(i - 1)) {
        doneBy[i - 1] = norm;
      } else if (isRelu(i + 1) && !isNorm(i + 2)) { // that one takes it in front, which costs less
        doneBy[i + 1] = norm;
      }
    }
  }

  private boolean isRelu(int i) {
    return i >= 0 && i < layers.length && layers[i] instanceof ReLU;
  }

  private boolean isNorm(int i) {
    return i < layers.length && layers[i] instanceof BatchNormLayer;
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensor x = input;
    for (int i = 0; i < layers.length; i++) {
      if (layers[i] instanceof BatchNormLayer norm) {
        x = norm.forward(x, relu(i), takesNormalization(i + 1));
      } else if (doneBy[i] == null) {
        x = layers[i].forward(x);
      } else {
        ((ReLU) layers[i]).forgetPlan(); // of an earlier call of its own
      }
    }
    return x;
  }

  /** Whether a layer may normalise what it reads. */
  private boolean takesNormalization(int i) {
    return i < layers.length
        && (layers[i] instanceof ConvLayer conv && conv.takesNormalization()
            || layers[i] instanceof ConvTransposeLayer transposed
                && transposed.takesNormalization());
  }

  /** The same for the layer in front of {@code i} and the gradient. */
  private boolean takesGradient(int i) {
    int front = i > 0 && doneBy[i - 1] == layers[i] ? i - 2 : i - 1;
    return front >= 0
        && layers[front] instanceof ConvTransposeLayer transposed
        && transposed.takesNormalizedGradient();
  }

  /** Whose work the batch normalisation at {@code i} does along with its own. */
  private BatchNormLayer.Relu relu(int i) {
    if (i > 0 && doneBy[i - 1] == layers[i]) {
      return BatchNormLayer.Relu.BEFORE;
    }
    return i + 1 < layers.length && doneBy[i + 1] == layers[i]
        ? BatchNormLayer.Relu.BEHIND
        : BatchNormLayer.Relu.NONE;
  }

  @Override
  public Tensor backward(Tensor gradOutput) {
    Tensor gradient = gradOutput;
    for (int i = layers.length - 1; i >= 0; i--) {
      if (doneBy[i] != null && doneBy[i].ranRelu()) {
        continue;
      }
      gradient =
          layers[i] instanceof BatchNormLayer norm
              ? norm.backward(gradient, takesGradient(i))
              : layers[i].backward(gradient);
      if (gradient == null) {
        return null; // what lies before has no parameters and its gradient is not wanted
      }
    }
    return gradient;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here, all layers up to the first one with parameters are told.
   */
  @Override
  public void inputGradient(boolean wanted) {
    super.inputGradient(wanted);
    for (Layer layer : layers) {
      layer.inputGradient(wanted);
      if (!layer.namedParameters().isEmpty()) {
        return;
      }
    }
  }

  /**
   * One of the layers.
   *
   * @param index 0 for the first
   * @return the layer
   * @throws IllegalArgumentException if there is no such layer
   */
  public Layer get(int index) {
    if (index < 0 || index >= layers.length) {
      throw new IllegalArgumentException(
          "index is " + index + " but must be between 0 and " + (layers.length - 1));
    }
    return layers[index];
  }

  /**
   * The number of layers.
   *
   * @return at least 0
   */
  public int size() {
    return layers.length;
  }
}
