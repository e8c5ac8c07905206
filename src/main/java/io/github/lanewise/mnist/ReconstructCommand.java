package io.github.lanewise.mnist;

import io.github.lanewise.data.DataSource;
import io.github.lanewise.data.ImageDataset;
import io.github.lanewise.data.Split;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Loads a model and shows what it makes of 100 images. */
@Command(
    name = "reconstruct",
    description =
        "Loads a trained model and writes 100 test images with their reconstructions, inputs.png"
            + " and reconstructions.png, into the directory of --out.")
final class ReconstructCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "The model. Default: model.safetensors in the directory of --out.")
  private Path file;

  @Override
  public Integer call() throws IOException {
    common.check();
    Path model = file == null ? common.out().resolve(SavedModel.FILE_NAME) : file;
    common.check(Files.isRegularFile(model), "FILE is " + model + " but there is no such file");
    common.prepare(common.out());
    PrintWriter out = spec.commandLine().getOut();
    DataSource source = common.source();
    out.println("Data: " + source.description());
    ImageDataset data;
    try {
      data = source.load(Split.TEST);
    } catch (NoSuchFileException e) {
      data = source.load(Split.TRAIN);
    }
    Reconstruction pictures =
        Reconstruction.of(SavedModel.load(model), data, common.noise(), common.workspace());
    pictures.write(common.out());
    out.println("Wrote inputs.png and reconstructions.png in " + common.out());
    return 0;
  }
}
