package io.github.lanewise.mnist;

import io.github.lanewise.nn.Layer;
import java.util.Locale;
import java.util.function.Supplier;

/** The networks that can be trained, and the images they take and give. */
enum Model {
  /** Convolution, pooling, unpooling, transposed convolution. */
  POOL(PoolNetwork::new, 1, 28, 28),
  /** Convolutions only. */
  CONV(ConvNetwork::new, 1, 28, 28),
  /** The one-dimensional autoencoder. */
  AE1D(Ae1dNetwork::new, 1, 28, 28),
  /** Denoising and doubling of the size. */
  DAE(DaeNetwork::new, 3, 32, 64);

  private final Supplier<Layer> constructor;
  private final int channels;
  private final int inputSide;
  private final int outputSide;

  Model(Supplier<Layer> constructor, int channels, int inputSide, int outputSide) {
    this.constructor = constructor;
    this.channels = channels;
    this.inputSide = inputSide;
    this.outputSide = outputSide;
  }

  /** A new network. */
  Layer network() {
    return constructor.get();
  }

  /** The name on the command line and in files. */
  String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The model of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Model of(String id) {
    for (Model model : values()) {
      if (model.id().equals(id)) {
        return model;
      }
    }
    throw new IllegalArgumentException(
        "model is \"" + id + "\" but must be one of pool, conv, ae1d, dae");
  }

  /** 1 for grey images, 3 for coloured ones. */
  int channels() {
    return channels;
  }

  /** Rows and columns of an input image. */
  int inputSide() {
    return inputSide;
  }

  /** Rows and columns of an output image. */
  int outputSide() {
    return outputSide;
  }
}
