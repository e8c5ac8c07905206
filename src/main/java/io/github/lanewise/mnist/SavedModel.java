package io.github.lanewise.mnist;

import io.github.lanewise.io.Safetensors;
import io.github.lanewise.nn.Layer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A trained network as it is loaded from its file, ready for evaluation. The file is a state dict
 * in the safetensors format; its metadata name the model.
 */
record SavedModel(Model model, Layer network) {
  static final String FILE_NAME = "model.safetensors";
  private static final String KEY = "model";

  /** Writes a network's state; the file is there whole or not at all. */
  static void save(Layer network, Model model, Path file) throws IOException {
    network.stateDict(Safetensors.builder().metadata(KEY, model.id())).build().write(file);
  }

  /**
   * Loads whatever model the file says it is.
   *
   * @throws IOException if the file cannot be read, or is not one of our models
   */
  static SavedModel load(Path file) throws IOException {
    Safetensors state = Safetensors.read(file);
    String id = state.metadata().get(KEY);
    if (id == null) {
      throw new IOException(file + ": its metadata do not name the model");
    }
    try {
      return load(file, state, Model.of(id));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** Loads a model that is known. */
  static SavedModel load(Path file, Model model) throws IOException {
    return load(file, Safetensors.read(file), model);
  }

  private static SavedModel load(Path file, Safetensors state, Model model) throws IOException {
    Layer network = model.network();
    try {
      network.loadStateDict(state);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
    network.eval();
    return new SavedModel(model, network);
  }
}
