package io.github.lanewise.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * MNIST, and sets in its form (Fashion-MNIST, KMNIST): 28 x 28 images and labels 0 to 9 in four IDX
 * files {@code {train,t10k}-images-idx3-ubyte} and {@code {train,t10k}-labels-idx1-ubyte}, each raw
 * or with {@code .gz}, also with a dot before {@code idx} as some unpackers name them.
 */
public final class Mnist {

  /** Rows and columns of an image. */
  public static final int SIDE = 28;

  /** More than five times MNIST; whatever declares more is no set of digits. */
  private static final int MAX_IMAGES = 350_000;

  private Mnist() {}

  /**
   * Loads one part from a directory.
   *
   * @param directory where the files are
   * @param split which part
   * @return the images and labels
   * @throws IOException if a file is missing or corrupt, if the images are not 28 x 28, if their
   *     number is not that of the labels, or if a label is above 9; the message names the file
   */
  public static ImageDataset load(Path directory, Split split) throws IOException {
    Path imagesFile = find(directory, split.prefix() + "-images-idx3-ubyte");
    Path labelsFile = find(directory, split.prefix() + "-labels-idx1-ubyte");
    IdxFile labels = IdxFile.read(labelsFile, MAX_IMAGES);
    if (labels.rank() != 1) {
      throw new IOException(labelsFile + ": %d dimensions, labels have 1".formatted(labels.rank()));
    }
    IdxFile images = IdxFile.read(imagesFile, MAX_IMAGES * SIDE * SIDE);
    if (images.rank() != 3 || images.size(1) != SIDE || images.size(2) != SIDE) {
      throw new IOException(
          imagesFile
              + ": dimensions %s, must be (count, %d, %d)"
                  .formatted(Arrays.toString(images.shape()), SIDE, SIDE));
    }
    if (images.size(0) != labels.size(0)) {
      throw new IOException(
          "%s: %d images, but %d labels in %s"
              .formatted(imagesFile, images.size(0), labels.size(0), labelsFile.getFileName()));
    }
    byte[] classes = labels.elements();
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] < 0 || classes[i] > 9) {
        throw new IOException(
            labelsFile + ": label %d is %d, must be 0 to 9".formatted(i, classes[i] & 0xff));
      }
    }
    return new ArrayDataset(images.elements(), classes, SIDE, SIDE);
  }

  /**
   * Whether a directory has all four files. Their content is not looked at.
   *
   * @param directory where to look; need not exist
   * @return true if {@link #load} would find its files for both splits
   */
  public static boolean isIn(Path directory) {
    for (Split split : Split.values()) {
      if (candidates(directory, split.prefix() + "-images-idx3-ubyte").stream()
              .noneMatch(Files::isRegularFile)
          || candidates(directory, split.prefix() + "-labels-idx1-ubyte").stream()
              .noneMatch(Files::isRegularFile)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Where downloaded files are kept: {@code lanewise/mnist} below {@code $XDG_CACHE_HOME}, or below
   * {@code %LOCALAPPDATA%} on Windows, or else below {@code .cache} in the user's home.
   *
   * @return the directory, which need not exist
   */
  public static Path cacheDirectory() {
    return cacheDirectory(
        System.getenv(), System.getProperty("os.name"), System.getProperty("user.home"));
  }

  static Path cacheDirectory(Map<String, String> environment, String osName, String home) {
    String base = environment.get(osName.startsWith("Windows") ? "LOCALAPPDATA" : "XDG_CACHE_HOME");
    // The XDG specification wants relative paths ignored.
    Path caches =
        base != null && !base.isEmpty() && Path.of(base).isAbsolute()
            ? Path.of(base)
            : Path.of(home, ".cache");
    return caches.resolve("lanewise").resolve("mnist");
  }

  private static Path find(Path directory, String name) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new NoSuchFileException(directory.toString(), null, "no such directory");
    }
    List<Path> candidates = candidates(directory, name);
    for (Path candidate : candidates) {
      if (Files.isRegularFile(candidate)) {
        return candidate;
      }
    }
    List<String> names = candidates.stream().map(c -> c.getFileName().toString()).toList();
    throw new NoSuchFileException(
        directory.toString(), null, "holds none of " + String.join(", ", names));
  }

  private static List<Path> candidates(Path directory, String name) {
    List<Path> result = new ArrayList<>();
    for (String stem : List.of(name, name.replace("-idx", ".idx"))) {
      result.add(directory.resolve(stem));
      result.add(directory.resolve(stem + ".gz"));
    }
    return result;
  }
}
