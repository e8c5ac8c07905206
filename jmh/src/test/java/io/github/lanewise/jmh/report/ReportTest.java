package io.github.lanewise.jmh.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files of results become a page. */
class ReportTest {
  @TempDir private Path folder;

  private Path docs;

  @BeforeEach
  void makeFolder() throws IOException {
    docs = Files.createDirectories(folder.resolve("docs"));
    Files.createDirectories(docs.resolve("performance"));
  }

  private static String measurement(
      String family, String name, String pass, String arm, int threads) {
    return """
        {"family": "%s", "name": "%s", "pass": "%s", "arm": "%s", "threads": %d, "round": 0,
         "micros": [10], "limit": [], "flops": 1000, "bytes": 1000, "allocated": 0}"""
        .formatted(family, name, pass, arm, threads);
  }

  private void write(String file, List<String> measurements) throws IOException {
    Files.writeString(
        folder.resolve(file),
        """
        {"machine": "m", "jdk": "j", "date": "d", "command": "c", "arms": [], "failures": [],
         "measurements": [%s]}"""
            .formatted(String.join(",", measurements)));
  }

  /** Limits and a convolution. */
  private static List<String> convolution(String arm, int threads) {
    return new ArrayList<>(
        List.of(
            measurement("Limit", "fma", "", arm, threads),
            measurement("Limit", "copy", "", arm, threads),
            measurement("Convolution", "dae.conv1", "forward", arm, threads)));
  }

  private Path picture() {
    return docs.resolve("performance").resolve("roofline.png");
  }

  @Test
  void aBrokenFileKeepsTheOldPageAndPictures() throws IOException {
    write("compare.json", convolution("vector", 1));
    Files.writeString(folder.resolve("kernels.json"), "");
    Files.writeString(docs.resolve("performance.md"), "old");
    Files.writeString(picture(), "old");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Report.write(folder, docs));
    assertTrue(e.getMessage().contains("kernels.json"), e::getMessage);
    assertEquals("old", Files.readString(docs.resolve("performance.md")));
    assertEquals("old", Files.readString(picture()));
  }

  private byte[] pictureOf(String file, List<String> measurements) throws IOException {
    write(file, measurements);
    Report.write(folder, docs);
    return Files.exists(picture()) ? Files.readAllBytes(picture()) : null;
  }

  @Test
  void resultsWithoutTheWidestVectorsOnOneThreadLeaveTheOthersPicture() throws IOException {
    byte[] good = pictureOf("compare.json", convolution("vector", 1));
    assertNotNull(good);
    for (List<String> others :
        List.of(convolution("vector-256", 1), convolution("vector", 2), convolution("scalar", 1))) {
      assertArrayEquals(good, pictureOf("kernels.json", others));
      String page = Files.readString(docs.resolve("performance.md"));
      assertEquals(2, page.split("roofline.png", -1).length, page); // once
    }
  }

  @Test
  void theMoreCarefulFiguresAreDrawn() throws IOException {
    byte[] compared = pictureOf("compare.json", convolution("vector", 1));
    List<String> more = convolution("vector", 1);
    more.add(measurement("Convolution", "dae.conv1", "backwardInput", "vector", 1));
    assertFalse(Arrays.equals(compared, pictureOf("kernels.json", more)));
    String page = Files.readString(docs.resolve("performance.md"));
    assertTrue(page.indexOf("roofline.png") > page.indexOf("Beside the machine's limits"), page);
  }

  @Test
  void nothingIsDrawnWithoutPoints() throws IOException {
    assertNull(pictureOf("compare.json", convolution("vector", 2)));
  }

  @Test
  void thePageTellsTheRounds() throws IOException {
    write("compare.json", convolution("vector", 1));
    String text = Files.readString(folder.resolve("compare.json"));
    Report.write(folder, docs);
    assertFalse(Files.readString(docs.resolve("performance.md")).contains("    rounds   "));
    Files.writeString(
        folder.resolve("compare.json"),
        text.replace("\"arms\"", "\"rounds\": 3, \"roundsDone\": 2, \"arms\""));
    Report.write(folder, docs);
    assertTrue(
        Files.readString(docs.resolve("performance.md")).contains("\n    rounds   2 of 3\n"));
  }
}
