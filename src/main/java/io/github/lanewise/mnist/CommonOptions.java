package io.github.lanewise.mnist;

import io.github.lanewise.data.DataSource;
import io.github.lanewise.kernel.Parallelism;
import io.github.lanewise.kernel.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of both commands that run a network. */
final class CommonOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Directory with the MNIST files, raw or .gz. Default: the environment variable"
              + " LANEWISE_MNIST, then the cache, then digits drawn by the program.")
  private Path data;

  @Option(
      names = "--download",
      description = "Fetch MNIST into the cache if it is nowhere else, and verify it.")
  private boolean download;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Decides initial weights, order, noise, built-in digits. Default: 0.")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute; the results do not depend on it. Default: all cores.")
  private Integer threads;

  @Option(
      names = "--noise",
      paramLabel = "S",
      defaultValue = "0",
      description = "Standard deviation of Gaussian noise on the input. Default: 0.")
  private double noise;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "mnist-out",
      description = "Where the results go. Default: mnist-out.")
  private Path out;

  /** Refuses an argument with the exit code 2 unless {@code legal}. */
  void check(boolean legal, String message) {
    if (!legal) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  /** Checks all of them. */
  void check() {
    check(
        data == null || Files.isDirectory(data), "--data is " + data + " but must be a directory");
    check(
        threads == null || threads >= 1 && threads <= 1024,
        "--threads is " + threads + " but must be between 1 and 1024");
    check(noise >= 0 && noise <= 100, "--noise is " + noise + " but must be between 0 and 100");
    check(
        !Files.exists(out) || Files.isDirectory(out),
        "--out is " + out + " but must be a directory, or not exist");
  }

  /** Makes a directory for results, and refuses --out, which it is or lies in, if that fails. */
  void prepare(Path directory) {
    try {
      Files.createDirectories(directory);
      Path probe = Files.createTempFile(directory, ".probe", null);
      try {
        Files.write(probe, new byte[1]);
      } finally {
        Files.delete(probe);
      }
    } catch (IOException e) {
      String what = directory.equals(out) ? "" : directory + " ";
      check(false, "--out is " + out + " but " + what + "cannot be written: " + Failure.reason(e));
    }
  }

  DataSource source() throws IOException {
    return DataSource.resolve(data, download, seed);
  }

  int threads() {
    return threads == null ? Math.min(1024, Runtime.getRuntime().availableProcessors()) : threads;
  }

  /** A workspace on as many threads as asked for; they end with the program. */
  Workspace workspace() {
    if (threads() == 1) {
      return new Workspace();
    }
    ExecutorService executor =
        Executors.newFixedThreadPool(
            threads() - 1, task -> Thread.ofPlatform().daemon().name("lanewise").unstarted(task));
    return new Workspace(Parallelism.of(executor, threads()));
  }

  long seed() {
    return seed;
  }

  double noise() {
    return noise;
  }

  Path out() {
    return out;
  }
}
