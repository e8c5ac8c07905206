package io.github.lanewise.nn;

/**
 * Layers one after the other, as {@code torch.nn.Sequential}; they are named {@code 0}, {@code 1},
 * and so on.
 */
public final class Sequential extends Layer {
  private final Layer[] layers;

  /**
   * A chain of layers.
   *
   * @param layers in the order of the forward pass; none make the identity
   * @throws IllegalArgumentException if one is part of a network already
   */
  public Sequential(Layer... layers) {
    this.layers = layers.clone();
    for (int i = 0; i < layers.length; i++) {
      add(Integer.toString(i), layers[i]);
    }
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensor x = input;
    for (Layer layer : layers) {
      x = layer.forward(x);
    }
    return x;
  }

  @Override
  public Tensor backward(Tensor gradOutput) {
    Tensor gradient = gradOutput;
    for (int i = layers.length - 1; i >= 0; i--) {
      gradient = layers[i].backward(gradient);
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
