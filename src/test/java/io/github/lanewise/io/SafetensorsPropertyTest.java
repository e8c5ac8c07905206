package io.github.lanewise.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.UniqueElements;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class SafetensorsPropertyTest {
  private static Path directory;
  private static Path file;
  private static byte[] good;

  @BeforeContainer
  static void writeAGoodFile() throws IOException {
    directory = Files.createTempDirectory("safetensors");
    file = directory.resolve("x.safetensors");
    Safetensors.builder()
        .metadata("op", "conv")
        .metadata("note", "é")
        .add("input", new float[] {1, 2, 3, 4, 5, 6}, 1, 2, 3)
        .add("target", new long[] {7, 8}, 2)
        .add("scale", new float[] {9})
        .build()
        .write(file);
    good = Files.readAllBytes(file);
  }

  @AfterContainer
  static void cleanUp() throws IOException {
    Files.deleteIfExists(file);
    Files.delete(directory); // fails if a temporary file was left
  }

  /** Reads; anything but a result or an IOException with the file's name fails the property. */
  private static void readOrRefuse(byte[] content) throws IOException {
    Files.write(file, content);
    Safetensors read;
    try {
      read = Safetensors.read(file);
    } catch (IOException e) {
      assertEquals(file + ": ", e.getMessage().substring(0, file.toString().length() + 2));
      return;
    }
    for (Safetensors.Tensor tensor : read.tensors().values()) {
      assertEquals(
          Arrays.stream(tensor.shape()).reduce(1, Math::multiplyExact),
          tensor.bytes().length / tensor.dtype().bytes());
    }
  }

  @Property(tries = 500)
  void changedBytesAreReadOrRefused(
      @ForAll @Size(min = 1, max = 4) List<@IntRange(max = 1 << 20) Integer> places,
      @ForAll byte value)
      throws IOException {
    byte[] content = good.clone();
    for (int place : places) {
      content[place % content.length] ^= value;
    }
    readOrRefuse(content);
  }

  @Property(tries = 200)
  void truncatedFilesAreRefused(@ForAll @IntRange(max = 1 << 20) int length) throws IOException {
    int shorter = length % good.length;
    readOrRefuse(Arrays.copyOf(good, shorter));
    assertThrows(IOException.class, () -> Safetensors.read(file));
  }

  @Property(tries = 200)
  void replacedTokensAreReadOrRefused(
      @ForAll @IntRange(max = 1 << 20) int place, @ForAll @IntRange(max = 7) int token)
      throws IOException {
    String[] tokens = {"{", "}", "[", "]", "\"", ",", "999999999999", "\\"};
    int at = 8 + place % (good[0] & 0xff | (good[1] & 0xff) << 8);
    byte[] bytes = tokens[token].getBytes(StandardCharsets.US_ASCII);
    byte[] content = good.clone();
    System.arraycopy(bytes, 0, content, at, Math.min(bytes.length, content.length - at));
    readOrRefuse(content);
  }

  @Property(tries = 50)
  void whateverIsWrittenIsReadBack(
      @ForAll @Size(max = 6) @UniqueElements List<String> names,
      @ForAll @Size(max = 50) float[] values)
      throws IOException {
    Safetensors.Builder builder = Safetensors.builder();
    for (String name : names) {
      String encodable = name.replaceAll("[\\ud800-\\udfff]", "");
      if (!builder.build().tensors().containsKey(encodable)) {
        builder.metadata(encodable, encodable).add(encodable, values, values.length);
      }
    }
    Safetensors written = builder.build();
    written.write(file);
    Safetensors read = Safetensors.read(file);
    assertEquals(written.metadata(), read.metadata());
    assertEquals(List.copyOf(written.tensors().keySet()), List.copyOf(read.tensors().keySet()));
    for (Safetensors.Tensor tensor : read.tensors().values()) {
      assertArrayEquals(values, tensor.floats());
    }
  }
}
