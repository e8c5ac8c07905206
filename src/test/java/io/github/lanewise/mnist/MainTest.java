package io.github.lanewise.mnist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.data.BuiltInDigits;
import io.github.lanewise.data.ImageDataset;
import io.github.lanewise.io.Safetensors;
import io.github.lanewise.testing.Jvm;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line, run in this process on a small set of digits in MNIST's files. */
class MainTest {
  private static final int TRAIN = 210;
  private static final int TEST = 25;

  @TempDir private Path directory;
  private Path data;
  private Path out;
  private String output;
  private String errors;

  @BeforeEach
  void writeDigits() throws IOException {
    data = Files.createDirectory(directory.resolve("data"));
    out = directory.resolve("out");
    write("train", TRAIN);
    write("t10k", TEST);
  }

  private void write(String prefix, int n) throws IOException {
    ImageDataset digits = new BuiltInDigits(n, 0);
    byte[] pixels = new byte[784 * n];
    byte[] labels = new byte[n];
    for (int i = 0; i < n; i++) {
      digits.copyPixels(i, pixels, 784 * i);
      labels[i] = (byte) digits.label(i);
    }
    Files.write(data.resolve(prefix + "-images-idx3-ubyte"), idx(pixels, n, 28, 28));
    Files.write(data.resolve(prefix + "-labels-idx1-ubyte"), idx(labels, n));
  }

  private static byte[] idx(byte[] content, int... shape) {
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * shape.length + content.length);
    file.putInt(0x0800 + shape.length);
    for (int size : shape) {
      file.putInt(size);
    }
    return file.put(content).array();
  }

  private int run(String... arguments) {
    StringWriter standard = new StringWriter();
    StringWriter error = new StringWriter();
    int code = Main.run(arguments, new PrintWriter(standard), new PrintWriter(error));
    output = standard.toString().replace(System.lineSeparator(), "\n");
    errors = error.toString().replace(System.lineSeparator(), "\n");
    return code;
  }

  private int train(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("train", "--data", data.toString(), "--out", out.toString()));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new));
  }

  @Test
  void trainsAndLeavesModelAndPictures() throws IOException {
    Path metrics = directory.resolve("metrics.json");
    int code =
        train(
            "--model",
            "pool",
            "--epochs",
            "2",
            "--batch-size",
            "2",
            "--lr",
            "0.01",
            "--seed",
            "3",
            "--threads",
            "2",
            "--metrics",
            metrics.toString());
    assertEquals(0, code, errors);
    List<String> lines = output.lines().filter(line -> line.startsWith("Epoch")).toList();
    assertEquals(3, lines.size(), output);
    for (String start :
        List.of(
            "Epoch [1/2], Step [100/105], Loss: 0.",
            "Epoch [2/2], Step [100/105], Loss: 0.",
            "Epoch [2/2], Step [105/105], Loss: 0.")) {
      assertTrue(
          lines.stream().anyMatch(line -> line.startsWith(start) && line.matches(".*0\\.\\d{4}")),
          output);
    }
    assertTrue(output.contains("Data: MNIST from " + data), output);
    assertTrue(output.contains("Test MSE: 0."), output);
    checkMetrics(metrics, 210, 105, lines.get(0));

    Safetensors model = Safetensors.read(out.resolve("model.safetensors"));
    assertEquals("pool", model.metadata().get("model"));
    assertEquals(
        List.of("conv1.weight", "conv1.bias", "deconv1.weight", "deconv1.bias"),
        List.copyOf(model.tensors().keySet()));
    // 25 images in rows of ten: 10 · 30 + 2 wide, 3 · 30 + 2 high
    checkPicture("inputs.png", 302, 92);
    checkPicture("reconstructions.png", 302, 92);
    checkPicture("loss.png", 900, 560);
    try (Stream<Path> files = Files.list(out)) {
      assertEquals(4, files.count(), "no temporary files");
    }
  }

  private static void checkMetrics(Path file, int steps, int perEpoch, String printed)
      throws IOException {
    List<String> lines = Files.readAllLines(file);
    assertEquals(steps, lines.size());
    for (int i = 0; i < steps; i++) {
      String pattern =
          "\\{\"step\":%d,\"epoch\":%d,\"loss\":[-0-9.E]+,\"millis\":[0-9]+\\.[0-9]+}"
              .formatted(i + 1, i / perEpoch + 1);
      assertTrue(lines.get(i).matches(pattern), lines.get(i));
    }
    double loss = Double.parseDouble(lines.get(99).replaceAll(".*\"loss\":([^,]*),.*", "$1"));
    assertTrue(printed.endsWith(String.format(Locale.ROOT, "%.4f", loss)), printed);
  }

  private void checkPicture(String name, int width, int height) throws IOException {
    BufferedImage picture = ImageIO.read(out.resolve(name).toFile());
    assertEquals(width, picture.getWidth(), name);
    assertEquals(height, picture.getHeight(), name);
    boolean dark = false;
    boolean bright = false;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int green = picture.getRGB(x, y) >> 8 & 0xff;
        dark |= green < 100;
        bright |= green > 150;
      }
    }
    assertTrue(dark && bright, name + " shows something");
  }

  @Test
  void reconstructGivesTheSamePictures() throws IOException {
    assertEquals(0, train("--model", "conv", "--max-steps", "5", "--noise", "0.1"), errors);
    byte[] inputs = Files.readAllBytes(out.resolve("inputs.png"));
    byte[] outputs = Files.readAllBytes(out.resolve("reconstructions.png"));
    Path other = directory.resolve("other");
    int code =
        run(
            "reconstruct",
            out.resolve("model.safetensors").toString(),
            "--data",
            data.toString(),
            "--noise",
            "0.1",
            "--out",
            other.toString());
    assertEquals(0, code, errors);
    assertArrayEquals(inputs, Files.readAllBytes(other.resolve("inputs.png")));
    assertArrayEquals(outputs, Files.readAllBytes(other.resolve("reconstructions.png")));
    assertEquals(0, run("reconstruct", "--out", out.toString(), "--data", data.toString()), errors);
  }

  @Test
  void trainsAllModels() throws IOException {
    Path metrics = directory.resolve("m.jsonl");
    assertEquals(
        0,
        train(
            "--model",
            "all",
            "--max-steps",
            "1",
            "--batch-size",
            "5",
            "--metrics",
            metrics.toString()),
        errors);
    for (Model model : Model.values()) {
      assertTrue(Files.size(out.resolve(model.id()).resolve("reconstructions.png")) > 0);
      assertTrue(output.contains("Training " + model.id()), output);
      Path own = directory.resolve("m-" + model.id() + ".jsonl");
      assertEquals(1, Files.readAllLines(own).size());
      SavedModel saved = SavedModel.load(out.resolve(model.id()).resolve("model.safetensors"));
      assertEquals(model, saved.model());
    }
    assertEquals(4, output.lines().filter(line -> line.contains("Step [1/42]")).count(), output);
  }

  @Test
  void withoutATestSetThePicturesAreOfTrainingImages() throws IOException {
    Files.delete(data.resolve("t10k-images-idx3-ubyte"));
    assertEquals(0, train("--max-steps", "1"), errors);
    assertTrue(output.contains("No test set"), output);
    assertFalse(output.contains("Test MSE"), output);
    checkPicture("inputs.png", 302, 302);
    Path other = directory.resolve("other");
    assertEquals(
        0,
        run(
            "reconstruct",
            out.resolve("model.safetensors").toString(),
            "--data",
            data.toString(),
            "--out",
            other.toString()),
        errors);
  }

  /** Egypt has digits, separators and a sign of its own. */
  @Test
  void outputIsTheSameInEveryCountry() throws IOException {
    assertEquals(0, train("--model=dae", "--max-steps=110", "--batch-size=2"), errors);
    String expected = output;
    byte[] curve = Files.readAllBytes(out.resolve("loss.png"));
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    try {
      assertEquals(0, train("--model=dae", "--max-steps=110", "--batch-size=2"), errors);
      assertEquals(expected, output);
      assertTrue(output.contains("3,267 parameters"), output);
      assertArrayEquals(curve, Files.readAllBytes(out.resolve("loss.png")));
      assertEquals(0, run("info"), errors);
      assertTrue(output.matches("[\\x00-\\x7f]*"), output);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void info() {
    assertEquals(0, run("info"), errors);
    for (String part : List.of("backend", "vector width", "JDK", "threads")) {
      assertTrue(output.contains(part), output);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"train", "reconstruct", "info"})
  void help(String command) {
    assertEquals(0, run(command, "--help"));
    assertTrue(output.startsWith("Usage: mnist " + command), output);
  }

  @Test
  void helpOfTheProgram() {
    assertEquals(0, run("--help"));
    assertTrue(output.contains("train") && output.contains("reconstruct"), output);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--model=resnet",
        "--epochs=0",
        "--epochs=many",
        "--batch-size=0",
        "--batch-size=20000",
        "--lr=0",
        "--lr=-1",
        "--lr=NaN",
        "--max-steps=0",
        "--threads=0",
        "--threads=5000",
        "--noise=-1",
        "--noise=NaN",
        "--seed=x",
        "--data=/no/such/directory",
        "--metrics=/no/such/directory/file",
        "--metrics=/",
        "--metrics=src",
        "--what=ever",
      })
  void wrongArguments(String argument) {
    assertEquals(2, train("--max-steps=1", argument), output + errors);
    String option = argument.substring(0, argument.indexOf('='));
    assertTrue(errors.contains(option), errors);
    assertTrue(errors.contains("Try: mnist train --help"), errors);
    assertFalse(Files.exists(out), "nothing is written");
  }

  @Test
  void wrongCommands() throws IOException {
    assertEquals(2, run("walk"));
    assertEquals(2, run("--seed", "1"));
    assertEquals(2, run("reconstruct", "--out", out.toString()));
    assertTrue(errors.contains("model.safetensors"), errors);
    Files.writeString(out, "a file");
    assertEquals(2, train("--max-steps=1"));
    assertTrue(errors.contains("--out"), errors);
  }

  /** Also where the rights of the user do not matter: below a file there is no directory. */
  @Test
  void whereNothingCanBeWrittenNothingIsTrained() throws IOException {
    assertEquals(0, train("--max-steps=1"), errors);
    Path model = out.resolve("model.safetensors");
    out = model.resolve("below");
    assertEquals(2, train("--max-steps=1"), output);
    checkRefusal("");
    int code =
        run("reconstruct", model.toString(), "--data", data.toString(), "--out", out.toString());
    assertEquals(2, code, output);
    checkRefusal("");

    out = Files.createDirectory(directory.resolve("all"));
    Path taken = Files.createFile(out.resolve(Model.DAE.id()));
    assertEquals(2, train("--max-steps=1", "--model=all"), output);
    checkRefusal(taken + " ");
    try (Stream<Path> files = Files.list(out.resolve(Model.POOL.id()))) {
      assertEquals(0, files.count(), "the probe is deleted");
    }
  }

  /** A directory that is there, but takes no file from anybody. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void whatIsWrittenFirstIsAProbe() {
    out = Path.of("/proc");
    assertEquals(2, train("--max-steps=1"), output);
    checkRefusal("");
  }

  private void checkRefusal(String what) {
    String start = "--out is " + out + " but " + what + "cannot be written: ";
    assertTrue(errors.startsWith(start) && !errors.contains("null"), errors);
    assertEquals("", output, "refused before anything is loaded");
  }

  @Test
  void damagedFilesAreFailures() throws IOException {
    Path file = directory.resolve("model.safetensors");
    Files.writeString(file, "no model");
    assertEquals(
        1, run("reconstruct", file.toString(), "--data", data.toString(), "--out", out.toString()));
    assertTrue(errors.contains(file.toString()), errors);
    Safetensors.builder().build().write(file);
    assertEquals(
        1, run("reconstruct", file.toString(), "--data", data.toString(), "--out", out.toString()));
    assertTrue(errors.contains("metadata"), errors);
    Safetensors.builder().metadata("model", "pool").build().write(file);
    assertEquals(
        1, run("reconstruct", file.toString(), "--data", data.toString(), "--out", out.toString()));
    assertTrue(errors.contains("conv1.weight is missing"), errors);
    Files.write(data.resolve("train-images-idx3-ubyte"), new byte[20]);
    assertEquals(1, train("--max-steps=1"));
    assertTrue(errors.contains("train-images-idx3-ubyte"), errors);
    write("train", TRAIN);
    Files.write(data.resolve("t10k-images-idx3-ubyte"), new byte[20]);
    assertEquals(1, train("--max-steps=1"));
    assertTrue(errors.contains("t10k-images-idx3-ubyte"), errors);
    assertFalse(output.contains("Training"), output);
  }

  @Test
  @EnabledOnOs(OS.LINUX) // others let not everybody make links
  void aFailureSaysMoreThanTheNameOfAFile() throws IOException {
    Path metrics = directory.resolve("metrics");
    Files.createSymbolicLink(metrics, directory.resolve("missing").resolve("metrics"));
    assertEquals(1, train("--max-steps=1", "--metrics=" + metrics));
    assertEquals("cannot read or write " + metrics + ": no such file\n", errors);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void metricsThatFillTheDiskAreAFailure() {
    assertEquals(1, train("--max-steps=1", "--metrics=/dev/full"));
    assertTrue(errors.startsWith("/dev/full cannot be written: "), errors);
    assertEquals(1, errors.lines().count(), errors);
  }

  @Test
  void tooSmallAHeapIsSaidInALine() throws Exception {
    write("train", 10_000);
    List<String> options = new ArrayList<>(Jvm.mode());
    options.add("-Xmx64m"); // the inputs of a batch alone are 123 MB
    List<String> lines =
        Jvm.run(
            1,
            Main.class,
            options,
            "train",
            "--model=dae",
            "--batch-size=10000",
            "--data=" + data,
            "--out=" + out);
    assertTrue(lines.getLast().startsWith("out of memory: use a smaller --batch-size"), "" + lines);
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("\tat ")), "" + lines);
  }

  @Test
  void anErrorOfTheLoaderStaysOne() {
    OutOfMemoryError error = new OutOfMemoryError();
    FutureTask<Object> loading =
        new FutureTask<>(
            () -> {
              throw error;
            });
    loading.run();
    assertSame(error, assertThrows(Error.class, () -> TrainCommand.result(loading)));
  }

  @Test
  void builtInDigitsAreSaid() throws IOException {
    if (System.getenv("LANEWISE_MNIST") != null) {
      return; // then MNIST it is
    }
    assertEquals(
        0, run("train", "--max-steps", "2", "--threads", "1", "--out", out.toString()), errors);
    assertTrue(
        output.contains("built-in digits") || output.contains("MNIST from the cache"), output);
  }
}
