package io.github.lanewise.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each place holds a set of another size, by which it is known. */
class DataSourceTest {
  private static final DataSource.Downloader NO_DOWNLOAD =
      directory -> {
        throw new AssertionError("asked the mirrors");
      };

  @TempDir Path root;

  private Path named;
  private Path variable;
  private Path cache;

  @BeforeEach
  void makePlaces() throws IOException {
    named = fill(root.resolve("named"), 1);
    variable = fill(root.resolve("variable"), 2);
    cache = fill(root.resolve("cache"), 3);
  }

  private static Path fill(Path directory, int size) throws IOException {
    IdxFiles.writeSplit(directory, Split.TRAIN, size, "-idx%d-ubyte.gz", true);
    IdxFiles.writeSplit(directory, Split.TEST, size, "-idx%d-ubyte.gz", true);
    return directory;
  }

  private static void assertTakes(int size, Path place, DataSource source) throws IOException {
    assertEquals(size, source.load(Split.TRAIN).size());
    assertEquals(size, source.load(Split.TEST).size());
    assertTrue(source.description().contains(place.toString()), source.description());
    assertEquals(1, source.description().lines().count());
    assertFalse(source.isBuiltIn());
  }

  @Test
  void takesTheFirstThereIs() throws IOException {
    String path = variable.toString();
    assertTakes(1, named, DataSource.resolve(named, path, cache, NO_DOWNLOAD, 0));
    assertTakes(2, variable, DataSource.resolve(null, path, cache, NO_DOWNLOAD, 0));
    assertTakes(3, cache, DataSource.resolve(null, null, cache, NO_DOWNLOAD, 0));
    assertTakes(3, cache, DataSource.resolve(null, " ", cache, NO_DOWNLOAD, 0));
  }

  @Test
  void downloadsWhatTheCacheLacks() throws IOException {
    Path empty = root.resolve("empty");
    assertTakes(4, empty, DataSource.resolve(null, null, empty, d -> fill(d, 4), 0));
    Files.delete(empty.resolve("t10k-labels-idx1-ubyte.gz"));
    assertTakes(5, empty, DataSource.resolve(null, null, empty, d -> fill(d, 5), 0));
  }

  @Test
  void drawsDigitsWhenThereIsNothingElse() throws IOException {
    DataSource source = DataSource.resolve(null, null, root.resolve("empty"), null, 7);
    assertTrue(source.isBuiltIn());
    assertEquals(60_000, source.load(Split.TRAIN).size());
    assertEquals(10_000, source.load(Split.TEST).size());
    assertEquals(1, source.description().lines().count());
    assertTrue(source.description().contains("built-in digits"), source.description());
    byte[] expected = new byte[784];
    byte[] actual = new byte[784];
    BuiltInDigits.of(Split.TEST, 7).copyPixels(5, expected, 0);
    source.load(Split.TEST).copyPixels(5, actual, 0);
    assertArrayEquals(expected, actual);
  }

  @Test
  void whatWasAskedForIsNotReplaced() {
    Path missing = root.resolve("missing");
    for (boolean byVariable : new boolean[] {false, true}) {
      String message =
          assertThrows(
                  IOException.class,
                  () ->
                      DataSource.resolve(
                          byVariable ? null : missing,
                          byVariable ? missing.toString() : null,
                          cache,
                          NO_DOWNLOAD,
                          0))
              .getMessage();
      assertTrue(message.contains(missing.toString()), message);
      assertEquals(byVariable, message.contains("LANEWISE_MNIST"), message);
    }
    IOException failure = new IOException("no network");
    DataSource.Downloader downloader =
        directory -> {
          throw failure;
        };
    assertSame(
        failure,
        assertThrows(
            IOException.class, () -> DataSource.resolve(null, null, missing, downloader, 0)));
  }
}
