package io.github.lanewise.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  @TempDir Path directory;

  private Path file(String header, byte... data) throws IOException {
    return file(header.getBytes(StandardCharsets.UTF_8), data);
  }

  private Path file(byte[] header, byte... data) throws IOException {
    Path file = directory.resolve("x.safetensors");
    Files.write(
        file,
        ByteBuffer.allocate(8 + header.length + data.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .put(data)
            .array());
    return file;
  }

  /** What a file is refused with; the message must name the file. */
  private static String refusal(Path file) {
    String message = assertThrows(IOException.class, () -> Safetensors.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    return message;
  }

  private static void assertContains(String part, String message) {
    assertTrue(message.contains(part), message);
  }

  @Test
  void readsBackWhatItWrote() throws IOException {
    Path file = directory.resolve("a.safetensors");
    float[] floats = {1.5f, -0f, Float.NaN, Float.NEGATIVE_INFINITY, Float.MIN_VALUE, 3};
    Safetensors.builder()
        .metadata("note", "quote \" backslash \\ newline \n é 𝄞")
        .metadata("", "")
        .add("z", floats, 2, 3)
        .add("count", new long[] {Long.MIN_VALUE}, 1)
        .add("scalar", new double[] {Math.PI})
        .add("empty \"é\"", new float[0], 3, 0)
        .build()
        .write(file);

    Safetensors read = Safetensors.read(file);

    assertEquals(Map.of("note", "quote \" backslash \\ newline \n é 𝄞", "", ""), read.metadata());
    assertEquals(
        List.of("z", "count", "scalar", "empty \"é\""), List.copyOf(read.tensors().keySet()));
    assertArrayEquals(floats, read.tensor("z").floats());
    assertArrayEquals(new long[] {2, 3}, read.tensor("z").shape());
    assertEquals(Dtype.F32, read.tensor("z").dtype());
    assertArrayEquals(new long[] {Long.MIN_VALUE}, read.tensor("count").longs());
    assertArrayEquals(new double[] {Math.PI}, read.tensor("scalar").doubles());
    assertArrayEquals(new long[0], read.tensor("scalar").shape());
    assertEquals(0, read.tensor("empty \"é\"").elements());
  }

  @Test
  void writesTheFormatByteForByte() throws IOException {
    Path file = directory.resolve("a.safetensors");
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab")); // whose %d is not 0 to 9
      Safetensors.builder()
          .metadata("k", "v")
          .add("a", new float[] {1}, 1)
          .add("b", new long[] {2}, 1)
          .build()
          .write(file);
    } finally {
      Locale.setDefault(before);
    }

    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    long headerLength = bytes.getLong();
    byte[] header = new byte[(int) headerLength];
    bytes.get(header);
    assertEquals(0, headerLength % 8);
    // The long comes first in the data, though not in the header: it must lie on a multiple of 8.
    assertEquals(
        "{\"__metadata__\":{\"k\":\"v\"},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},"
            + "\"b\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}",
        new String(header, StandardCharsets.UTF_8).stripTrailing());
    assertEquals(2, bytes.getLong());
    assertEquals(1f, bytes.getFloat());
    assertEquals(0, bytes.remaining());
  }

  @Test
  void widensTheNarrowTypes() throws IOException {
    Path file =
        file(
            """
            {"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},
             "b":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]},
             "i":{"dtype":"I32","shape":[1],"data_offsets":[6,10]},
             "u":{"dtype":"U8","shape":[],"data_offsets":[10,11]}}""",
            new byte[] {0, 0x3c, 0, (byte) 0xc0, (byte) 0x80, 0x3f, -2, -1, -1, -1, 7});
    Safetensors read = Safetensors.read(file);
    assertArrayEquals(new float[] {1, -2}, read.tensor("h").floats());
    assertArrayEquals(new float[] {1}, read.tensor("b").floats());
    assertArrayEquals(new long[] {-2}, read.tensor("i").longs());
    assertArrayEquals(new byte[] {7}, read.tensor("u").bytes());
    assertContains(
        "dtype U8, must be F32",
        assertThrows(IllegalArgumentException.class, () -> read.tensor("u").floats()).getMessage());
    assertThrows(IllegalArgumentException.class, () -> read.tensor("h").longs());
    assertThrows(IllegalArgumentException.class, () -> read.tensor("i").doubles());
  }

  @Test
  void unknownNamesAreAnsweredWithTheKnownOnes() {
    Safetensors tensors = Safetensors.builder().add("weight", new float[1], 1).build();
    assertContains(
        "weight",
        assertThrows(IllegalArgumentException.class, () -> tensors.tensor("w")).getMessage());
  }

  @Test
  void builderRefusesWhatNoFileCouldHold() {
    Safetensors.Builder builder = Safetensors.builder().add("a", new float[1], 1);
    for (String name : List.of("a", "__metadata__", "\ud800")) {
      assertThrows(IllegalArgumentException.class, () -> builder.add(name, new float[1], 1));
    }
    float[] six = new float[6];
    for (long[] shape : new long[][] {{}, {2, 2}, {-2, -3}, {1L << 62, 4, 6}}) {
      assertThrows(IllegalArgumentException.class, () -> builder.add("b", six, shape));
    }
    assertThrows(IllegalArgumentException.class, () -> builder.metadata("k", "\udc00"));
  }

  @Test
  void aBuiltObjectDoesNotChange() {
    float[] values = {1};
    Safetensors.Builder builder = Safetensors.builder().add("a", values, 1);
    Safetensors built = builder.build();
    values[0] = 2;
    builder.add("b", values, 1);
    assertEquals(1, built.tensors().size());
    assertArrayEquals(new float[] {1}, built.tensor("a").floats());
  }

  @Test
  void readsPaddingWhitespaceAndEscapes() throws IOException {
    Path file =
        file(
            "{ \"\\u0061\\/\\t\\ud834\\udd1e\" :\n{ \"data_offsets\" : [ 0 , 4 ] ,"
                + "\t\"shape\":[],\r\"dtype\":\"F32\"} }     ",
            new byte[4]);
    assertEquals(0f, Safetensors.read(file).tensor("a/\t𝄞").floats()[0]);
    assertTrue(Safetensors.read(file("{}")).tensors().isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // header, in which T stands for a good tensor of 4 bytes | what the message says
        "[T]                                                   | the header does not begin with",
        "{'a':T,                                               | expected '\"'",
        "{'a':T                                                | expected '}'",
        "{'a':T,}                                              | expected '\"'",
        "{'a':T}}                                              | text after the end",
        "{'a':T,'a':T}                                         | duplicate key \"a\"",
        "{'__metadata__':{'k':1},'a':T}                        | expected '\"'",
        "{'__metadata__':{'k':'v','k':'v'},'a':T}              | duplicate key \"k\"",
        "{'a':[]}                                              | expected '{'",
        "{'a':{}}                                              | \"a\": needs dtype, shape",
        "{'a':{'dtype':'F32','shape':[1]}}                     | \"a\": needs dtype, shape",
        "{'a':{'dtype':'f32','shape':[1],'data_offsets':[0,4]}} | \"a\": unknown dtype \"f32\"",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4],'x':[]}} | unknown key \"x\"",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}} | not F32 of shape [2]",
        "{'a':{'dtype':'F64','shape':[1],'data_offsets':[0,4]}} | not F64 of shape [1]",
        "{'a':{'dtype':'F64','shape':[0],'data_offsets':[0,4]}} | not F64 of shape [0]",
        "{'a':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}} | non-negative integer",
        "{'a':{'dtype':'F32','shape':[1.0],'data_offsets':[0,4]}} | non-negative integer",
        "{'a':{'dtype':'F32','shape':[01],'data_offsets':[0,4]}} | non-negative integer",
        "{'a':{'dtype':'F32','shape':[1e0],'data_offsets':[0,4]}} | non-negative integer",
        "{'a':{'dtype':'F32','shape':['1'],'data_offsets':[0,4]}} | non-negative integer",
        "{'a':{'dtype':'F32','shape':[1,],'data_offsets':[0,4]}} | non-negative integer",
        "{'a':{'dtype':'F32','shape':[9223372036854775808],'data_offsets':[0,4]}} | 2^63 - 1",
        "{'a':{'dtype':'F32','shape':[4611686018427387905,4],'data_offsets':[0,4]}} | of shape",
        "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,4]}} | of shape",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0]}}  | 1 data_offsets",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | before it ends at 0",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | truncated: ends at byte 8",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,0]}} | before it ends at 0",
        "{'a':T,'b':T}                                         | before it ends at 4",
        "{'a':T,'b':{'dtype':'U8','shape':[2],'data_offsets':[2,4]}} | before it ends at 4",
        "{'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]}} | end at byte 2 of the data",
        "{}                                                    | end at byte 0 of the data",
        "{'a\\x':T}                                            | bad escape",
        "{'\\u00g0':T}                                         | bad \\u escape",
        "{'\\ud834':T}                                         | half a surrogate pair",
        "{'\u0001':T}                                          | control character",
      })
  void refusesBadHeaders(String header, String problem) throws IOException {
    String json =
        header.replace("T", "{'dtype':'F32','shape':[1],'data_offsets':[0,4]}").replace('\'', '"');
    assertContains(problem, refusal(file(json, new byte[4])));
  }

  @Test
  void refusesTextThatIsNotUtf8() throws IOException {
    byte[] header = "{\"a\":{}}".getBytes(StandardCharsets.UTF_8);
    header[2] = (byte) 0xff;
    assertContains("not UTF-8", refusal(file(header)));
  }

  @Test
  void deepNestingIsRefusedWithoutExhaustingTheStack() throws IOException {
    assertContains("unknown key", refusal(file("{\"a\":".repeat(1_000_000))));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 3, 100_000_001, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void refusesBadHeaderLengths(long length) throws IOException {
    Path file = directory.resolve("x.safetensors");
    ByteBuffer bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    Files.write(file, bytes.put((byte) '{').put((byte) '}').array());
    assertContains("must be 2 to 2", refusal(file));
  }

  @Test
  void refusesAFileWithoutLength() throws IOException {
    Path file = directory.resolve("x.safetensors");
    Files.write(file, new byte[7]);
    assertContains("7 bytes", refusal(file));
    assertThrows(IOException.class, () -> Safetensors.read(directory.resolve("missing")));
  }

  @Test
  void refusesATensorLargerThanAnArray() throws IOException {
    String header =
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[3000000000],\"data_offsets\":[0,3000000000]}}";
    Path file = file(header);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[1]), 8 + header.length() + 3_000_000_000L - 1);
    }
    assertContains("tensor \"a\": too large", refusal(file)); // a sparse file: few bytes on disk
  }
}
