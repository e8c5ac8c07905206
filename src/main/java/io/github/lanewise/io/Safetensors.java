package io.github.lanewise.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Named tensors and a map of strings, as a safetensors file holds them: the format in which PyTorch
 * models are exchanged. Immutable.
 *
 * {@snippet :
 * Safetensors model = Safetensors.read(Path.of("model.safetensors"));
 * float[] weight = model.tensor("conv1.weight").floats();
 *
 * Safetensors.builder()
 *     .metadata("model", "pool")
 *     .add("conv1.weight", weight, 1, 1, 3, 3)
 *     .build()
 *     .write(Path.of("copy.safetensors"));
 * }
 *
 * <p>The file: 8 bytes, little-endian, with the length of the header; the header, a JSON object
 * that gives each tensor's dtype, shape and place; the data, row-major, little-endian. Source: <a
 * href="https://github.com/huggingface/safetensors#format">huggingface/safetensors</a>, whose
 * strictness is kept: the tensors fill the data section without holes or overlap, the header is at
 * most 100 MB. Beyond it, a tensor is at most 2 GiB here, keys the format does not know are
 * refused, and so are duplicate ones.
 */
public final class Safetensors {
  private final Map<String, String> metadata;
  private final Map<String, Tensor> tensors;

  Safetensors(Map<String, String> metadata, Map<String, Tensor> tensors) {
    this.metadata = Collections.unmodifiableMap(metadata);
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /** An array of a {@link Dtype} and a shape. Immutable. */
  public static final class Tensor {
    private final String name;
    private final Dtype dtype;
    private final long[] shape;
    private final byte[] data;

    Tensor(String name, Dtype dtype, long[] shape, byte[] data) {
      this.name = name;
      this.dtype = dtype;
      this.shape = shape;
      this.data = data;
    }

    /**
     * What the tensor is called in its file.
     *
     * @return the name
     */
    public String name() {
      return name;
    }

    /**
     * The element type.
     *
     * @return the type in the file
     */
    public Dtype dtype() {
      return dtype;
    }

    /**
     * The shape, empty for a scalar.
     *
     * @return a copy
     */
    public long[] shape() {
      return shape.clone();
    }

    /**
     * The number of elements.
     *
     * @return the product of the shape
     */
    public int elements() {
      return data.length / dtype.bytes();
    }

    /**
     * The elements as floats, row-major: {@link Dtype#F32}, or {@link Dtype#F16} and {@link
     * Dtype#BF16}, every value of which is a float.
     *
     * @return a new array
     * @throws IllegalArgumentException if the tensor is of another type
     */
    public float[] floats() {
      float[] values = new float[elements()];
      switch (dtype) {
        case F32 -> buffer().asFloatBuffer().get(values);
        case F16 -> {
          ByteBuffer buffer = buffer();
          for (int i = 0; i < values.length; i++) {
            values[i] = Float.float16ToFloat(buffer.getShort());
          }
        }
        case BF16 -> {
          ByteBuffer buffer = buffer();
          for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(buffer.getShort() << 16);
          }
        }
        default -> throw wrongType("F32, F16 or BF16");
      }
      return values;
    }

    /**
     * The elements as doubles, row-major.
     *
     * @return a new array
     * @throws IllegalArgumentException if the tensor is not of type {@link Dtype#F64}
     */
    public double[] doubles() {
      if (dtype != Dtype.F64) {
        throw wrongType("F64");
      }
      double[] values = new double[elements()];
      buffer().asDoubleBuffer().get(values);
      return values;
    }

    /**
     * The elements as longs, row-major: {@link Dtype#I64} or {@link Dtype#I32}.
     *
     * @return a new array
     * @throws IllegalArgumentException if the tensor is of another type
     */
    public long[] longs() {
      long[] values = new long[elements()];
      switch (dtype) {
        case I64 -> buffer().asLongBuffer().get(values);
        case I32 -> {
          ByteBuffer buffer = buffer();
          for (int i = 0; i < values.length; i++) {
            values[i] = buffer.getInt();
          }
        }
        default -> throw wrongType("I64 or I32");
      }
      return values;
    }

    /**
     * The elements as they lie in the file, little-endian; for the types that have no method here.
     *
     * @return a copy
     */
    public byte[] bytes() {
      return data.clone();
    }

    byte[] data() {
      return data;
    }

    private ByteBuffer buffer() {
      return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    }

    private IllegalArgumentException wrongType(String wanted) {
      return new IllegalArgumentException(
          "tensor %s: dtype %s, must be %s".formatted(brief(name), dtype, wanted));
    }

    @Override
    public String toString() {
      return "%s: %s %s".formatted(name, dtype, Arrays.toString(shape));
    }
  }

  /** Collects tensors and metadata; each keeps the order in which it was added. */
  public static final class Builder {
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    private Builder() {}

    /**
     * Adds a string about the file, or replaces it.
     *
     * @param key its name
     * @param value its value
     * @return this
     * @throws IllegalArgumentException if one has half a surrogate pair
     */
    public Builder metadata(String key, String value) {
      metadata.put(checkText("key", key), checkText("value", value));
      return this;
    }

    /**
     * Adds a tensor of type {@link Dtype#F32}.
     *
     * @param name its name, not used before and not {@code __metadata__}
     * @param values its elements, row-major; they are copied
     * @param shape its shape, the product of which is {@code values.length}; none for a scalar
     * @return this
     * @throws IllegalArgumentException if the name or the shape is not as said, or if there are
     *     more than 2 GiB of values
     */
    public Builder add(String name, float[] values, long... shape) {
      byte[] data = allocate(name, values.length, Dtype.F32, shape);
      ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
      return add(name, Dtype.F32, shape, data);
    }

    /**
     * Adds a tensor of type {@link Dtype#F64}.
     *
     * @param name its name, not used before and not {@code __metadata__}
     * @param values its elements, row-major; they are copied
     * @param shape its shape, the product of which is {@code values.length}; none for a scalar
     * @return this
     * @throws IllegalArgumentException as {@link #add(String, float[], long...)}
     */
    public Builder add(String name, double[] values, long... shape) {
      byte[] data = allocate(name, values.length, Dtype.F64, shape);
      ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().put(values);
      return add(name, Dtype.F64, shape, data);
    }

    /**
     * Adds a tensor of type {@link Dtype#I64}.
     *
     * @param name its name, not used before and not {@code __metadata__}
     * @param values its elements, row-major; they are copied
     * @param shape its shape, the product of which is {@code values.length}; none for a scalar
     * @return this
     * @throws IllegalArgumentException as {@link #add(String, float[], long...)}
     */
    public Builder add(String name, long[] values, long... shape) {
      byte[] data = allocate(name, values.length, Dtype.I64, shape);
      ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(values);
      return add(name, Dtype.I64, shape, data);
    }

    private byte[] allocate(String name, int length, Dtype dtype, long[] shape) {
      checkText("name", name);
      if (name.equals(SafetensorsReader.METADATA) || tensors.containsKey(name)) {
        throw new IllegalArgumentException("name: " + brief(name) + " is taken");
      }
      if (Arrays.stream(shape).anyMatch(s -> s < 0) || elements(shape) != length) {
        throw new IllegalArgumentException(
            "tensor %s: %d values do not have the shape %s"
                .formatted(brief(name), length, brief(shape)));
      }
      int most = (Integer.MAX_VALUE - 8) / dtype.bytes();
      if (length > most) {
        throw new IllegalArgumentException(
            "tensor %s: %d values, must be at most %d".formatted(brief(name), length, most));
      }
      return new byte[length * dtype.bytes()];
    }

    private Builder add(String name, Dtype dtype, long[] shape, byte[] data) {
      tensors.put(name, new Tensor(name, dtype, shape.clone(), data));
      return this;
    }

    private static String checkText(String argument, String text) {
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
        throw new IllegalArgumentException(argument + ": has half a surrogate pair");
      }
      return text;
    }

    /**
     * What has been added so far.
     *
     * @return an object that later additions do not change
     */
    public Safetensors build() {
      return new Safetensors(new LinkedHashMap<>(metadata), new LinkedHashMap<>(tensors));
    }
  }

  /**
   * Begins a new set of tensors.
   *
   * @return an empty builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads a file into memory.
   *
   * @param file the file
   * @return its content
   * @throws IOException if the file cannot be read, is corrupt, has a dtype that is not in {@link
   *     Dtype}, or is too large for the heap; the message names the file and the tensor
   */
  public static Safetensors read(Path file) throws IOException {
    return SafetensorsReader.read(Objects.requireNonNull(file, "file"));
  }

  /**
   * Writes a file, replacing what is there; it is there whole or not at all. The data of wider
   * types lies before that of narrower ones, so that every tensor is aligned to its elements.
   *
   * @param file the file to write, in a directory that exists
   * @throws IOException if it cannot be written, or if its header would exceed 100 MB
   */
  public void write(Path file) throws IOException {
    SafetensorsWriter.write(this, Objects.requireNonNull(file, "file"));
  }

  /**
   * The strings about the file, in its order.
   *
   * @return an unmodifiable map, maybe empty
   */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * All tensors by name, in the order of the file's header.
   *
   * @return an unmodifiable map
   */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /**
   * A tensor.
   *
   * @param name its name
   * @return the tensor
   * @throws IllegalArgumentException if there is none of this name, with the names there are
   */
  public Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "name: no tensor %s, there are %s".formatted(brief(name), brief(tensors.keySet())));
    }
    return tensor;
  }

  /** The product of a shape without negative sizes, or -1 if it exceeds 2^63 - 1. */
  static long elements(long[] shape) {
    long product = 1;
    for (long size : shape) {
      if (size != 0 && product > Long.MAX_VALUE / size) {
        return -1;
      }
      product *= size;
    }
    return product;
  }

  /** For messages: quoted, without control characters, shortened if it is long. */
  static String brief(String text) {
    return shortened(Json.quote(text));
  }

  static String brief(long[] shape) {
    return shortened(Arrays.toString(shape));
  }

  private static String brief(Iterable<String> names) {
    return shortened(names.toString());
  }

  private static String shortened(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }
}
