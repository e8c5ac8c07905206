package io.github.lanewise.io;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a safetensors file. Every size is checked against the length of the file before anything of
 * that size is allocated.
 */
final class SafetensorsReader {

  /** The limit of the reference implementation. */
  static final int MAX_HEADER_BYTES = 100_000_000;

  static final String METADATA = "__metadata__";

  /** Java arrays end here. */
  private static final long MAX_TENSOR_BYTES = Integer.MAX_VALUE - 8;

  /** A tensor as the header describes it; offsets count from the end of the header. */
  private record Described(String name, Dtype dtype, long[] shape, long begin, long end) {}

  private final Path file;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final List<Described> described = new ArrayList<>();

  private SafetensorsReader(Path file) {
    this.file = file;
  }

  static Safetensors read(Path file) throws IOException {
    return new SafetensorsReader(file).read();
  }

  private Safetensors read() throws IOException {
    long fileBytes = Files.size(file);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      if (fileBytes < 8) {
        throw error("%d bytes, a safetensors file has at least 8".formatted(fileBytes));
      }
      long headerBytes = ByteBuffer.wrap(readFully(in, 8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
      long most = Math.min(MAX_HEADER_BYTES, fileBytes - 8);
      if (headerBytes < 2 || headerBytes > most) {
        throw error(
            "header of %s bytes, must be 2 to %d"
                .formatted(Long.toUnsignedString(headerBytes), most));
      }
      parseHeader(readFully(in, (int) headerBytes));
      long dataBytes = fileBytes - 8 - headerBytes;
      checkOffsets(dataBytes);
      return new Safetensors(metadata, readTensors(in));
    }
  }

  private void parseHeader(byte[] header) throws IOException {
    if (header[0] != '{') {
      throw error("the header does not begin with '{'");
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(header)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": the header is not UTF-8", e);
    }
    Json json = new Json(text, file + ": header");
    json.object(
        name -> {
          if (name.equals(METADATA)) {
            json.object(key -> metadata.put(key, json.string()));
          } else {
            parseTensor(json, name);
          }
        });
    json.end();
  }

  private void parseTensor(Json json, String name) throws IOException {
    String[] dtypeName = new String[1];
    long[][] shape = new long[1][];
    long[][] offsets = new long[1][];
    json.object(
        key -> {
          switch (key) {
            case "dtype" -> dtypeName[0] = json.string();
            case "shape" -> shape[0] = json.integers();
            case "data_offsets" -> offsets[0] = json.integers();
            default -> throw error(name, "unknown key " + Safetensors.brief(key));
          }
        });
    if (dtypeName[0] == null || shape[0] == null || offsets[0] == null) {
      throw error(name, "needs dtype, shape and data_offsets");
    }
    Dtype dtype = Dtype.named(dtypeName[0]);
    if (dtype == null) {
      throw error(
          name,
          "unknown dtype %s, must be one of %s"
              .formatted(Safetensors.brief(dtypeName[0]), Arrays.toString(Dtype.values())));
    }
    if (offsets[0].length != 2) {
      throw error(name, "%d data_offsets, must be 2".formatted(offsets[0].length));
    }
    described.add(new Described(name, dtype, shape[0], offsets[0][0], offsets[0][1]));
  }

  /** The tensors must fill the data section without holes and without overlap. */
  private void checkOffsets(long dataBytes) throws IOException {
    long position = 0;
    for (Described tensor : inFileOrder()) {
      if (tensor.begin != position || tensor.end < tensor.begin) {
        throw error(
            tensor.name,
            "data_offsets [%d, %d], but the tensor before it ends at %d"
                .formatted(tensor.begin, tensor.end, position));
      }
      if (tensor.end > dataBytes) {
        throw error(
            tensor.name,
            "truncated: ends at byte %d of the data, the file has %d"
                .formatted(tensor.end, dataBytes));
      }
      long elements = Safetensors.elements(tensor.shape);
      long bytes = tensor.end - tensor.begin;
      // Divided, not multiplied: elements may be close to 2^63.
      if (bytes % tensor.dtype.bytes() != 0 || bytes / tensor.dtype.bytes() != elements) {
        throw error(
            tensor.name,
            "%d bytes, which is not %s of shape %s"
                .formatted(bytes, tensor.dtype, Safetensors.brief(tensor.shape)));
      }
      if (bytes > MAX_TENSOR_BYTES) {
        throw error(
            tensor.name,
            "too large: %d bytes, at most %d can be read".formatted(bytes, MAX_TENSOR_BYTES));
      }
      position = tensor.end;
    }
    if (position != dataBytes) {
      throw error(
          "the tensors end at byte %d of the data, the file has %d".formatted(position, dataBytes));
    }
    long heap = Runtime.getRuntime().maxMemory();
    if (dataBytes > heap) {
      throw error(
          "too large: %d bytes of tensors, and the Java heap grows to %d only (raise -Xmx)"
              .formatted(dataBytes, heap));
    }
  }

  private Map<String, Safetensors.Tensor> readTensors(InputStream in) throws IOException {
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    for (Described tensor : described) {
      tensors.put(tensor.name, null); // fixes the order, which is the header's
    }
    for (Described tensor : inFileOrder()) {
      byte[] data = readFully(in, (int) (tensor.end - tensor.begin));
      tensors.put(
          tensor.name, new Safetensors.Tensor(tensor.name, tensor.dtype, tensor.shape, data));
    }
    return tensors;
  }

  private List<Described> inFileOrder() {
    return described.stream()
        .sorted(Comparator.comparingLong(Described::begin).thenComparingLong(Described::end))
        .toList();
  }

  private byte[] readFully(InputStream in, int length) throws IOException {
    byte[] bytes = new byte[length];
    if (in.readNBytes(bytes, 0, length) < length) {
      throw error("truncated while it was read");
    }
    return bytes;
  }

  private IOException error(String problem) {
    return new IOException(file + ": " + problem);
  }

  private IOException error(String tensor, String problem) {
    return error("tensor " + Safetensors.brief(tensor) + ": " + problem);
  }
}
