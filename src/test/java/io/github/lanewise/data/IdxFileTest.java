package io.github.lanewise.data;

import static io.github.lanewise.data.IdxFiles.concat;
import static io.github.lanewise.data.IdxFiles.gzip;
import static io.github.lanewise.data.IdxFiles.header;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxFileTest {
  private static final byte[] GOOD = concat(header(2, 3), new byte[] {0, 1, 127, -128, -1, 5});

  @TempDir Path directory;

  private Path file(byte[] content) throws IOException {
    return Files.write(directory.resolve("some-idx"), content);
  }

  private void refuses(String problem, byte[] content) throws IOException {
    Path file = file(content);
    String message = assertThrows(IOException.class, () -> IdxFile.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    assertTrue(message.contains(problem), message);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readsRawAndGzip(boolean gzip) throws IOException {
    IdxFile idx = IdxFile.read(file(gzip ? gzip(GOOD) : GOOD));
    assertEquals(2, idx.rank());
    assertEquals(3, idx.size(1));
    assertArrayEquals(new int[] {2, 3}, idx.shape());
    assertArrayEquals(new byte[] {0, 1, 127, -128, -1, 5}, idx.elements());
    assertThrows(IllegalArgumentException.class, () -> idx.size(2));
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    for (int length = 0; length < GOOD.length; length++) {
      refuses("truncated", Arrays.copyOf(GOOD, length));
      refuses("truncated", gzip(Arrays.copyOf(GOOD, length)));
    }
    byte[] compressed = gzip(GOOD);
    for (int length = 2; length < compressed.length; length++) {
      refuses("truncated", Arrays.copyOf(compressed, length));
    }
  }

  @Test
  void damagedGzipDataIsRefused() throws IOException {
    byte[] compressed = gzip(GOOD);
    compressed[compressed.length - 8] ^= 1; // of the CRC
    refuses("corrupt gzip data", compressed);
    compressed = gzip(GOOD);
    compressed[10] = 7; // a block type that does not exist
    refuses("corrupt gzip data", compressed);
  }

  @Test
  void bytesLeftOverAreRefused() throws IOException {
    refuses("left over", concat(GOOD, (byte) 0));
    refuses("left over", gzip(concat(GOOD, (byte) 0)));
  }

  @Test
  void wrongMagicIsRefused() throws IOException {
    refuses("not an IDX file", "PNG or so".getBytes());
    byte[] floats = GOOD.clone();
    floats[2] = 0x0d;
    refuses("element type 0x0d", floats);
    byte[] scalar = GOOD.clone();
    scalar[3] = 0;
    refuses("no dimensions", scalar);
  }

  @Test
  void absurdDimensionsAreRefusedBeforeAnythingIsAllocated() throws IOException {
    refuses("dimension 1 is 0", header(5, 0));
    refuses("dimension 0 is 4294967295", header(-1, 5));
    refuses("too large", header(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE));
    refuses("too large", header(65536, 65536)); // whose product is 0 in 32 bits
    refuses("truncated", header(1 << 30)); // as much as is allowed, but not there
    refuses("truncated", gzip(header(1 << 30)));
  }

  @Test
  void aGzipBombIsReadNoFurtherThanDeclared() throws IOException {
    Path file = file(gzip(concat(header(10), new byte[50_000_000])));
    assertTrue(Files.size(file) < 100_000);
    String message = assertThrows(IOException.class, () -> IdxFile.read(file)).getMessage();
    assertTrue(message.contains("left over"), message);
    Path declared = file(gzip(concat(header(50_000_000), new byte[50_000_000])));
    message = assertThrows(IOException.class, () -> IdxFile.read(declared, 1000)).getMessage();
    assertTrue(message.contains("more than 1000 elements"), message);
  }

  @Test
  void missingFilesAndWrongLimitsAreErrors() throws IOException {
    Path file = file(GOOD);
    assertThrows(NoSuchFileException.class, () -> IdxFile.read(directory.resolve("missing")));
    assertThrows(IllegalArgumentException.class, () -> IdxFile.read(file, 0));
  }
}
