package io.github.lanewise.mnist;

import io.github.lanewise.data.Batches;
import io.github.lanewise.data.ImageDataset;
import io.github.lanewise.io.ImageGrid;
import io.github.lanewise.kernel.Workspace;
import io.github.lanewise.nn.Tensor;
import java.io.IOException;
import java.nio.file.Path;

/** What a network makes of the first 100 images of a set, as two grids of ten by ten. */
record Reconstruction(ImageGrid inputs, ImageGrid outputs) {
  private static final int COUNT = 100;
  private static final int PER_ROW = 10;

  /** Always the same noise, so that pictures of different models can be compared. */
  private static final long NOISE_SEED = 100;

  static Reconstruction of(SavedModel saved, ImageDataset data, double noise, Workspace workspace) {
    Model model = saved.model();
    int n = Math.min(COUNT, data.size());
    Task task = new Task(model, n, noise, NOISE_SEED);
    new Batches(data, n).next(task.images(), null);
    task.prepare(n);
    saved.network().workspace(workspace);
    Tensor output = saved.network().forward(task.input());
    return new Reconstruction(
        grid(model, task.input(), n, model.inputSide()),
        grid(model, output, n, model.outputSide()));
  }

  private static ImageGrid grid(Model model, Tensor images, int n, int side) {
    return ImageGrid.of(images.data(), n, model.channels(), side, side, PER_ROW);
  }

  /** Writes {@code inputs.png} and {@code reconstructions.png}, each whole or not at all. */
  void write(Path directory) throws IOException {
    inputs.writePng(directory.resolve("inputs.png"));
    outputs.writePng(directory.resolve("reconstructions.png"));
  }
}
