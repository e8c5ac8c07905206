package io.github.lanewise.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MnistTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "-idx%d-ubyte, false",
    "-idx%d-ubyte.gz, true",
    ".idx%d-ubyte, false",
    ".idx%d-ubyte.gz, true",
    "-idx%d-ubyte.gz, false", // the content decides, not the name
  })
  void readsEveryUsualName(String suffix, boolean gzip) throws IOException {
    IdxFiles.writeSplit(directory, Split.TRAIN, 12, suffix, gzip);
    assertFalse(Mnist.isIn(directory));
    IdxFiles.writeSplit(directory, Split.TEST, 3, suffix, gzip);
    assertTrue(Mnist.isIn(directory));

    ImageDataset train = Mnist.load(directory, Split.TRAIN);

    assertEquals(12, train.size());
    assertEquals(28, train.height());
    assertEquals(28, train.width());
    assertEquals(1, train.label(11));
    byte[] target = new byte[1 + 784];
    train.copyPixels(11, target, 1);
    assertEquals(0, target[0]);
    assertEquals(11, target[1]);
    assertEquals(11, target[784]);
    assertThrows(IllegalArgumentException.class, () -> train.copyPixels(12, target, 0));
    assertThrows(IllegalArgumentException.class, () -> train.copyPixels(0, target, 2));
    assertThrows(IllegalArgumentException.class, () -> train.label(-1));
    assertEquals(3, Mnist.load(directory, Split.TEST).size());
  }

  private void refuses(String file, byte[] content, String problem) throws IOException {
    IdxFiles.writeSplit(directory, Split.TRAIN, 3, "-idx%d-ubyte", false);
    Path path = Files.write(directory.resolve(file), content);
    String message =
        assertThrows(IOException.class, () -> Mnist.load(directory, Split.TRAIN)).getMessage();
    assertTrue(message.contains(path + ": "), message);
    assertTrue(message.contains(problem), message);
  }

  @Test
  void refusesWhatIsNotMnist() throws IOException {
    String images = "train-images-idx3-ubyte";
    String labels = "train-labels-idx1-ubyte";
    byte[] pixels = new byte[4 * 784];
    refuses(images, IdxFiles.concat(IdxFiles.header(4, 28, 28), pixels), "4 images, but 3 labels");
    refuses(images, IdxFiles.concat(IdxFiles.header(4, 14, 56), pixels), "[4, 14, 56]");
    refuses(images, IdxFiles.concat(IdxFiles.header(4, 784), pixels), "[4, 784]");
    refuses(labels, IdxFiles.concat(IdxFiles.header(3), (byte) 0, (byte) 10, (byte) 0), "1 is 10");
    refuses(labels, IdxFiles.concat(IdxFiles.header(3), (byte) -1, (byte) 0, (byte) 0), "0 is 255");
    refuses(labels, IdxFiles.concat(IdxFiles.header(1, 3), new byte[3]), "2 dimensions");
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    String message =
        assertThrows(IOException.class, () -> Mnist.load(directory, Split.TEST)).getMessage();
    assertTrue(message.contains(directory.toString()), message);
    assertTrue(message.contains("t10k-images-idx3-ubyte.gz"), message);
    Path missing = directory.resolve("missing");
    message = assertThrows(IOException.class, () -> Mnist.load(missing, Split.TEST)).getMessage();
    assertTrue(message.contains("no such directory"), message);
  }

  @Test
  void theCacheIsWhereThePlatformKeepsCaches() {
    String root = directory.getRoot().toString();
    assertEquals(
        Path.of(root, "c", "lanewise", "mnist"),
        Mnist.cacheDirectory(Map.of("XDG_CACHE_HOME", root + "c"), "Linux", root + "home"));
    assertEquals(
        Path.of(root, "l", "lanewise", "mnist"),
        Mnist.cacheDirectory(Map.of("LOCALAPPDATA", root + "l"), "Windows 11", root + "home"));
    Path fallback = Path.of(root, "home", ".cache", "lanewise", "mnist");
    assertEquals(fallback, Mnist.cacheDirectory(Map.of(), "Mac OS X", root + "home"));
    assertEquals(
        fallback,
        Mnist.cacheDirectory(
            Map.of("XDG_CACHE_HOME", "a" + File.separator + "b"), "Linux", root + "home"));
  }

  @Test
  @EnabledIfEnvironmentVariable(named = DataSource.VARIABLE, matches = ".+")
  void theRealFilesHaveTheirKnownStatistics() throws IOException {
    ImageDataset train = Mnist.load(Path.of(System.getenv(DataSource.VARIABLE)), Split.TRAIN);
    assertEquals(Split.TRAIN.size(), train.size());
    int[] first = {5, 0, 4, 1, 9, 2, 1, 3, 1, 4};
    for (int i = 0; i < first.length; i++) {
      assertEquals(first[i], train.label(i));
    }
    double sum = 0;
    double squares = 0;
    byte[] pixels = new byte[784];
    for (int i = 0; i < train.size(); i++) {
      train.copyPixels(i, pixels, 0);
      for (byte pixel : pixels) {
        double value = (pixel & 0xff) / 255.0;
        sum += value;
        squares += value * value;
      }
    }
    double n = 784.0 * train.size();
    assertEquals(0.1307, sum / n, 5e-5);
    assertEquals(0.3081, Math.sqrt(squares / n - sum / n * sum / n), 5e-5);
    assertEquals(
        Split.TEST.size(),
        Mnist.load(Path.of(System.getenv(DataSource.VARIABLE)), Split.TEST).size());
  }
}
