package io.github.lanewise.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Where training images come from. {@link #resolve} takes the first of:
 *
 * <ol>
 *   <li>a directory the user named;
 *   <li>the directory in the environment variable {@code LANEWISE_MNIST};
 *   <li>the cache ({@link Mnist#cacheDirectory}), if it holds all four files;
 *   <li>a download into the cache, if allowed;
 *   <li>digits drawn by the program ({@link BuiltInDigits}).
 * </ol>
 *
 * A directory that was asked for is never silently replaced by something else.
 */
public final class DataSource {

  /** The environment variable with the directory of the MNIST files. */
  public static final String VARIABLE = "LANEWISE_MNIST";

  private final String description;

  /** Null for built-in digits. */
  private final Path directory;

  private final long seed;

  private DataSource(String description, Path directory, long seed) {
    this.description = description;
    this.directory = directory;
    this.seed = seed;
  }

  /** Puts the MNIST files into a directory. */
  interface Downloader {
    void into(Path directory) throws IOException;
  }

  /**
   * Finds the data; downloads it if that is what it comes to, else reads nothing yet.
   *
   * @param directory the directory the user named, or null
   * @param download whether the mirrors may be asked
   * @param seed of the built-in digits, if it comes to them
   * @return where the images come from
   * @throws IOException if the named directory does not exist, or if the download failed
   */
  public static DataSource resolve(Path directory, boolean download, long seed) throws IOException {
    return resolve(
        directory,
        System.getenv(VARIABLE),
        Mnist.cacheDirectory(),
        download ? MnistDownload::into : null,
        seed);
  }

  static DataSource resolve(
      Path named, String variable, Path cache, Downloader downloader, long seed)
      throws IOException {
    if (named != null) {
      return ofDirectory("MNIST from " + named, named);
    }
    if (variable != null && !variable.isBlank()) {
      return ofDirectory("MNIST from %s (%s)".formatted(variable, VARIABLE), Path.of(variable));
    }
    if (Mnist.isIn(cache)) {
      return ofDirectory("MNIST from the cache " + cache, cache);
    }
    if (downloader != null) {
      downloader.into(cache);
      return ofDirectory("MNIST downloaded into the cache " + cache, cache);
    }
    return new DataSource(
        "built-in digits drawn by the program (seed "
            + seed
            + "), as no MNIST files were named and "
            + cache
            + " has none",
        null,
        seed);
  }

  private static DataSource ofDirectory(String description, Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new NoSuchFileException(description, null, "no such directory");
    }
    return new DataSource(description, directory, 0);
  }

  /**
   * Where the images come from, in one line for the user.
   *
   * @return for example {@code MNIST from ../mnist (LANEWISE_MNIST)}
   */
  public String description() {
    return description;
  }

  /**
   * Whether these are digits drawn by the program and not MNIST.
   *
   * @return true for {@link BuiltInDigits}
   */
  public boolean isBuiltIn() {
    return directory == null;
  }

  /**
   * Loads one part.
   *
   * @param split which part
   * @return its images and labels
   * @throws IOException as {@link Mnist#load}; never for built-in digits
   */
  public ImageDataset load(Split split) throws IOException {
    return directory == null ? BuiltInDigits.of(split, seed) : Mnist.load(directory, split);
  }
}
