package io.github.lanewise.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A line of {@code convolutions.txt}: a problem and, behind {@code ->}, what has to serve it.
 *
 * @param servedBy passes and implementations as a plan describes them, with vectors of 512 bits;
 *     empty, if it does not matter
 */
public record ListedConvolution(ConvolutionCase problem, List<String> servedBy) {

  /** All lines. */
  public static List<ListedConvolution> all() {
    try (InputStream in = ListedConvolution.class.getResourceAsStream("convolutions.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(ListedConvolution::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ListedConvolution parse(String line) {
    String[] parts = line.split("->", 2);
    List<String> servedBy = parts.length == 1 ? List.of() : List.of(parts[1].strip().split(", "));
    return new ListedConvolution(ConvolutionCase.parse(parts[0]), servedBy);
  }
}
