package io.github.lanewise.mnist;

import io.github.lanewise.data.DataSource;
import io.github.lanewise.data.ImageDataset;
import io.github.lanewise.data.Split;
import io.github.lanewise.kernel.Lanewise;
import io.github.lanewise.kernel.Workspace;
import io.github.lanewise.nn.Parameter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains one network or all, and leaves the model, pictures and the curve of the loss. */
@Command(
    name = "train",
    description = {
      "Trains a network and writes, into the directory of --out, model.safetensors, loss.png,"
          + " and 100 test images with their reconstructions, inputs.png and"
          + " reconstructions.png.",
      "",
      "Models: pool (convolution, max pooling, unpooling, transposed convolution), conv"
          + " (convolutions only), ae1d (one-dimensional autoencoder with a code of 30 numbers),"
          + " dae (removes noise and doubles the size)."
    })
final class TrainCommand implements Callable<Integer> {
  private static final int LINE_EVERY = 100;

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "MODEL",
      defaultValue = "pool",
      description =
          "pool, conv, ae1d, dae, or all, each into a directory of its own. Default: pool.")
  private String model;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "5",
      description = "Passes over the training images. Default: 5.")
  private int epochs;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "100",
      description = "Images a step. Default: 100.")
  private int batchSize;

  @Option(
      names = "--lr",
      paramLabel = "X",
      defaultValue = "1e-3",
      description = "Learning rate of Adam. Default: 1e-3.")
  private double lr;

  @Option(
      names = "--max-steps",
      paramLabel = "N",
      description = "Stop after so many steps. Default: none.")
  private Long maxSteps;

  @Option(
      names = "--metrics",
      paramLabel = "FILE",
      description =
          "Write a JSON object a step: step, epoch, loss, and the milliseconds of forward pass,"
              + " loss, backward pass and update. With --model all, the model's name is added to"
              + " the name of the file.")
  private Path metrics;

  @Override
  public Integer call() throws IOException {
    common.check();
    common.check(epochs >= 1, "--epochs is " + epochs + " but must be at least 1");
    common.check(
        batchSize >= 1 && batchSize <= 10_000,
        "--batch-size is " + batchSize + " but must be between 1 and 10000");
    common.check(lr > 0 && lr <= 1e6, "--lr is " + lr + " but must be above 0, at most 1e6");
    common.check(
        maxSteps == null || maxSteps >= 1,
        "--max-steps is " + maxSteps + " but must be at least 1");
    List<Model> models = models();
    common.check(
        metrics == null || isFileInADirectory(metrics),
        "--metrics is " + metrics + " but must be a file in a directory that exists");
    for (Model one : models) {
      common.prepare(directory(one)); // a model that cannot be saved need not be trained
    }

    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, "%s; %d threads%n", Lanewise.describe(), common.threads());
    DataSource source = common.source();
    out.println("Data: " + source.description());
    if (source.isBuiltIn()) {
      out.println("For real MNIST: --data DIR, or --download");
    }
    FutureTask<ImageDataset> loading = new FutureTask<>(() -> load(source));
    Thread.ofPlatform().daemon().name("mnist-loader").start(loading);
    Workspace workspace = common.workspace();
    Trainer.warmUp(models.getFirst(), workspace, loading::isDone);
    ImageDataset data = result(loading);
    for (Model one : models) {
      Path directory = directory(one);
      LossCurve curve = new LossCurve(one.id(), steps(data));
      Path lines = metricsFile(all() ? "-" + one.id() : "");
      // the network that was trained is gone before the one that is shown comes
      ImageDataset pictures = train(one, source, data, workspace, directory, lines, curve);
      show(one, pictures, workspace, directory, curve);
    }
    return 0;
  }

  /** The training images, after a look at the test images, for which there is no room yet. */
  private static ImageDataset load(DataSource source) throws IOException {
    if (!source.isBuiltIn()) {
      try {
        source.load(Split.TEST); // that a file is damaged shall not be found after a long training
      } catch (NoSuchFileException e) {
        // the pictures will be of training images
      }
    }
    return source.load(Split.TRAIN);
  }

  /** What was loaded; or throws what went wrong. */
  static <T> T result(FutureTask<T> loading) throws IOException {
    try {
      return loading.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptedIOException("interrupted while the images were loaded");
    }
  }

  private static boolean isFileInADirectory(Path file) {
    Path directory = file.toAbsolutePath().getParent(); // of a root there is none
    return directory != null && Files.isDirectory(directory) && !Files.isDirectory(file);
  }

  private boolean all() {
    return model.equals("all");
  }

  /** Where the results of a network go. */
  private Path directory(Model one) {
    return all() ? common.out().resolve(one.id()) : common.out();
  }

  private List<Model> models() {
    if (all()) {
      return List.of(Model.values());
    }
    for (Model one : Model.values()) {
      if (one.id().equals(model)) {
        return List.of(one);
      }
    }
    throw new ParameterException(
        spec.commandLine(),
        "--model is \"" + model + "\" but must be one of pool, conv, ae1d, dae, all");
  }

  private Path metricsFile(String suffix) {
    if (metrics == null) {
      return null;
    }
    String name = metrics.getFileName().toString();
    int dot = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length();
    return metrics.resolveSibling(name.substring(0, dot) + suffix + name.substring(dot));
  }

  private long steps(ImageDataset data) {
    long perEpoch = Math.ceilDiv(data.size(), batchSize);
    return Math.min(epochs * perEpoch, maxSteps == null ? Long.MAX_VALUE : (long) maxSteps);
  }

  /** Trains and saves a network; returns the images to show it with. */
  private ImageDataset train(
      Model model,
      DataSource source,
      ImageDataset data,
      Workspace workspace,
      Path directory,
      Path metricsFile,
      LossCurve curve)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    long perEpoch = Math.ceilDiv(data.size(), batchSize);
    long steps = steps(data);
    Trainer.Settings settings =
        new Trainer.Settings(model, epochs, batchSize, lr, common.seed(), steps, common.noise());
    Trainer trainer = new Trainer(settings, workspace);
    int parameters = 0;
    for (Parameter parameter : trainer.network().parameters()) {
      parameters += parameter.data().elements();
    }
    out.printf(
        Locale.ROOT,
        "Training %s: %,d parameters, %,d images, seed %d%n",
        model.id(),
        parameters,
        data.size(),
        common.seed());

    try (Metrics lines = Metrics.to(metricsFile);
        Progress progress = Progress.of(model.id(), steps * batchSize, out)) {
      trainer.train(
          data,
          (step, epoch, stepInEpoch, loss, millis) -> {
            curve.add(loss);
            lines.add(step, epoch, loss, millis);
            progress.advance(batchSize);
            if (stepInEpoch % LINE_EVERY == 0 || step == steps) {
              progress.println(
                  String.format(
                      Locale.ROOT,
                      "Epoch [%d/%d], Step [%d/%d], Loss: %.4f",
                      epoch,
                      epochs,
                      stepInEpoch,
                      perEpoch,
                      loss));
            }
          });
    }
    Path file = directory.resolve(SavedModel.FILE_NAME);
    SavedModel.save(trainer.network(), model, file);
    ImageDataset pictures = data;
    try {
      pictures = source.load(Split.TEST);
      out.printf(
          Locale.ROOT,
          "Test MSE: %.4f (%,d images)%n",
          trainer.evaluate(pictures),
          pictures.size());
    } catch (NoSuchFileException e) {
      out.println("No test set (" + e.getMessage() + "): the pictures are of training images");
    }
    return pictures;
  }

  /** Loads what was trained, and looks at it. */
  private void show(
      Model model, ImageDataset pictures, Workspace workspace, Path directory, LossCurve curve)
      throws IOException {
    Path file = directory.resolve(SavedModel.FILE_NAME);
    Reconstruction.of(SavedModel.load(file, model), pictures, common.noise(), workspace)
        .write(directory);
    curve.write(directory.resolve("loss.png"));
    spec.commandLine()
        .getOut()
        .println(
            "Wrote "
                + SavedModel.FILE_NAME
                + ", inputs.png, reconstructions.png and loss.png in "
                + directory);
  }
}
