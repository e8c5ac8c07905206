package io.github.lanewise.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** Writes a safetensors file. */
final class SafetensorsWriter {
  private SafetensorsWriter() {}

  static void write(Safetensors content, Path file) throws IOException {
    // Wide elements first keeps all of them aligned; PyTorch's reader needs that.
    List<Safetensors.Tensor> inFileOrder =
        content.tensors().values().stream()
            .sorted(Comparator.comparingInt(tensor -> -tensor.dtype().bytes()))
            .toList();
    byte[] header = header(content, inFileOrder);
    if (header.length > SafetensorsReader.MAX_HEADER_BYTES) {
      throw new IOException(
          file
              + ": a header of %d bytes, must be at most %d"
                  .formatted(header.length, SafetensorsReader.MAX_HEADER_BYTES));
    }
    AtomicFile.write(
        file,
        out -> {
          ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
          out.write(length.putLong(header.length).array());
          out.write(header);
          for (Safetensors.Tensor tensor : inFileOrder) {
            out.write(tensor.data());
          }
        });
  }

  private static byte[] header(Safetensors content, List<Safetensors.Tensor> inFileOrder) {
    Map<String, Long> begins = new HashMap<>();
    long position = 0;
    for (Safetensors.Tensor tensor : inFileOrder) {
      begins.put(tensor.name(), position);
      position += tensor.data().length;
    }
    StringJoiner members = new StringJoiner(",", "{", "}");
    if (!content.metadata().isEmpty()) {
      StringJoiner metadata = new StringJoiner(",", "{", "}");
      content.metadata().forEach((k, v) -> metadata.add(Json.quote(k) + ":" + Json.quote(v)));
      members.add(Json.quote(SafetensorsReader.METADATA) + ":" + metadata);
    }
    for (Safetensors.Tensor tensor : content.tensors().values()) {
      long begin = begins.get(tensor.name());
      long end = begin + tensor.data().length;
      // Not String.format: in some locales it has other digits.
      members.add(
          Json.quote(tensor.name())
              + (":{\"dtype\":\"" + tensor.dtype() + "\"")
              + (",\"shape\":" + Arrays.toString(tensor.shape()).replace(" ", ""))
              + (",\"data_offsets\":[" + begin + "," + end + "]}"));
    }
    byte[] json = members.toString().getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(json, Math.ceilDiv(json.length, 8) * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }
}
