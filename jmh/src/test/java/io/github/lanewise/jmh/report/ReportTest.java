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

/** Which files of results become a page, and what is in it. */
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

  private String page(String file, List<String> measurements) throws IOException {
    write(file, measurements);
    Report.write(folder, docs);
    return Files.readString(docs.resolve("performance.md"));
  }

  private static void assertRow(String page, String row) {
    assertTrue(page.contains("\n" + row + "\n"), () -> row + " is not in\n" + page);
  }

  private static String flops(String measurement, double flops) {
    return measurement.replace("\"flops\": 1000", "\"flops\": " + flops);
  }

  private static String micros(String measurement, double micros) {
    return measurement.replace("[10]", "[" + micros + "]");
  }

  @Test
  void theWorstRoundsAllocationIsShown() throws IOException {
    String round = measurement("TrainingStep", "pool 1", "", "vector", 1);
    assertRow(
        page(
            "kernels.json",
            List.of(
                round,
                round.replace("\"round\": 0", "\"round\": 1").replace("d\": 0}", "d\": 512}"),
                round.replace("\"round\": 0", "\"round\": 2"))),
        "| pool 1 | 0.0100 | 10.0 | 512 |");
  }

  @Test
  void theLimitsHaveWhatChangesInPlace() throws IOException {
    assertRow(
        page("kernels.json", List.of(measurement("Limit", "inPlace", "", "vector", 2))),
        "| 64 MB changed in place by vectors | 2 | 0.100 GB/s |");
  }

  @Test
  void severalThreadsAreComparedWithOne() throws IOException {
    List<String> both = new ArrayList<>();
    for (String arm : List.of("vector", "pytorch")) {
      for (String[] what :
          List.of(
              new String[] {"Convolution", "dae.conv1", "forward"},
              new String[] {"MatrixProduct", "square512", ""})) {
        both.add(measurement(what[0], what[1], what[2], arm, 1));
        both.add(micros(measurement(what[0], what[1], what[2], arm, 2), 5));
      }
    }
    String shape = "100×3×32×32 → 16, kernel 3, padding 1 |";
    String page = page("compare.json", both);
    assertRow(
        page, "| dae.conv1 | " + shape + " 0.0100 | 0.100 |  | 0.0100 | 1.00 |  |  |  |  |  |");
    assertRow(
        page,
        "| dae.conv1 | " + shape + " 0.0050 | 0.200 |  | 2.00 | 0.0050 | 1.00 |  |  |  |  |  |  |");
    String product = "| square512 | 512×512 · 512×512 |";
    assertRow(page, product + " 0.0100 | 0.100 |  | 0.0100 | 0.100 | 1.00 |");
    assertRow(page, product + " 0.0050 | 0.200 |  | 2.00 | 0.0050 | 0.200 | 1.00 |");
    Files.delete(folder.resolve("compare.json"));
    page = page("kernels.json", both);
    assertRow(
        page,
        "| dae.conv1 | "
            + shape
            + " 0.100 |  |  |  |  |  | 0.200 |  | 2.00 |  |  |  |  |  |  | 0 |");
    assertRow(page, product + " 0.0100 | 0.100 |  | 0.0050 | 0.200 |  | 2.00 | 0 |");
    // without one thread there is nothing to compare with
    both.removeIf(m -> m.contains("\"threads\": 1"));
    assertFalse(page("kernels.json", both).contains("| times one thread |"));
  }

  private static List<String> ofPeer(double product, double convolution) {
    return List.of(
        measurement("Limit", "fma", "", "vector", 1),
        measurement("MatrixProduct", "square512", "", "vector", 1),
        flops(measurement("MatrixProduct", "square512", "", "pytorch", 1), product),
        measurement("Convolution", "dae.conv1", "forward", "vector", 1),
        flops(measurement("Convolution", "dae.conv1", "forward", "pytorch", 1), convolution / 2),
        flops(measurement("Convolution", "dae.conv1", "backward", "pytorch", 1), convolution));
  }

  @Test
  void thePageTellsWherePeersProductsSpareTheWidestVectors() throws IOException {
    String page = page("compare.json", ofPeer(410, 820));
    assertTrue(
        page.contains(
            "PyTorch reaches 41 % in its best product (MKL), and 82 % in its best convolution"
                + " (oneDNN). MKL stays below what vectors of half the width could do"),
        page);
    for (List<String> others : List.of(ofPeer(510, 820), ofPeer(410, 490))) {
      page = page("compare.json", others);
      assertTrue(page.contains(" in its best convolution (oneDNN).\n"), page);
    }
    assertFalse(
        page("compare.json", ofPeer(410, 820).subList(1, 6)).contains("its best"),
        "without a limit");
  }

  @Test
  void pairsWithMultiplyAddsHaveTheirShare() throws IOException {
    List<String> pairs =
        List.of(
            measurement("UnpooledConvolution", "dae.deconv1 forward", "", "vector", 1)
                .replace("\"limit\": []", "\"limit\": [0.25]"),
            micros(
                measurement("UnpooledConvolution", "dae.deconv1 forward.dense", "", "vector", 1),
                20),
            flops(measurement("FusedNormalization", "deconv2.forward", "", "vector", 1), 0),
            flops(measurement("FusedNormalization", "deconv2.forward.apart", "", "vector", 1), 0));
    String page = page("kernels.json", pairs);
    assertRow(page, "| dae.deconv1 forward | 0.0200 | 0.0100 | 2.00 | 0.100 | 40 % |");
    assertRow(page, "| deconv2.forward | 0.0100 | 0.0100 | 1.00 |");
  }

  @Test
  void shapesTellGroupsAndDilations() {
    assertEquals(
        "8×32×112×112 → 32, kernel 3, padding 1, groups 32",
        Figures.shape("Convolution", "mobilenet.depthwise"));
    assertEquals(
        "8×256×28×28 → 256, kernel 3, padding 2, dilation 2",
        Figures.shape("Convolution", "deeplab.3x3_256"));
  }
}
