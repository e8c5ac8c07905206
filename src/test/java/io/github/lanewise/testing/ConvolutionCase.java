package io.github.lanewise.testing;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One convolution problem, and the line of text that describes it, modelled on oneDNN's benchdnn:
 *
 * <pre>
 * conv  mb1ic32iw121oc32kw6pw3n"conv1d:18"
 * convT g2mb4ic4ih7iw5oc6kh3kw2sh2sw3oph1
 * </pre>
 *
 * Keys: {@code g} groups, {@code mb} batch, {@code ic oc} channels of the operation's own input and
 * output, {@code i k s p d op} + {@code h} or {@code w}: input size, kernel_size, stride, padding,
 * dilation, output_padding. Left out: {@code g mb s d} are 1, {@code p op} are 0; a {@code w} that
 * is missing beside its {@code h} equals it; no {@code ih} means one dimension. Unlike benchdnn's,
 * dilation is PyTorch's: 1 is none.
 *
 * @param name a name for reports, may be empty
 * @param transposed whether this is a transposed convolution
 * @param dimensions 1 or 2; in one dimension the height is 1 throughout
 */
public record ConvolutionCase(
    String name,
    boolean transposed,
    int dimensions,
    int groups,
    int batch,
    int inChannels,
    int outChannels,
    Axis height,
    Axis width) {

  /** One spatial axis. */
  public record Axis(
      int size, int kernel, int stride, int padding, int dilation, int outputPadding) {
    /** The height of a problem of one dimension. */
    public static final Axis NONE = new Axis(1, 1, 1, 0, 1, 0);

    /** Extent of the dilated kernel. */
    public int extent() {
      return dilation * (kernel - 1) + 1;
    }

    Axis half() {
      return new Axis((size + 1) / 2, kernel, stride, padding, dilation, outputPadding);
    }

    int output(boolean transposed) {
      return transposed
          ? (size - 1) * stride - 2 * padding + extent() + outputPadding
          : (size + 2 * padding - extent()) / stride + 1;
    }
  }

  private static final Pattern LINE =
      Pattern.compile("(conv|convT)\\s+((?:[a-z]+\\d+)+)(?:n\"([^\"]*)\")?");
  private static final Pattern KEY = Pattern.compile("([a-z]+)(\\d+)");

  /** Reads a line of the problem language. */
  public static ConvolutionCase parse(String line) {
    Matcher whole = LINE.matcher(line.strip());
    if (!whole.matches()) {
      throw new IllegalArgumentException("not a convolution problem: " + line);
    }
    Map<String, Integer> keys = new LinkedHashMap<>();
    Matcher key = KEY.matcher(whole.group(2));
    while (key.find()) {
      if (keys.put(key.group(1), Integer.valueOf(key.group(2))) != null) {
        throw new IllegalArgumentException(key.group(1) + " twice: " + line);
      }
    }
    boolean flat = !keys.containsKey("ih");
    int groups = take(keys, "g", 1);
    int batch = take(keys, "mb", 1);
    int in = take(keys, "ic", 0);
    int out = take(keys, "oc", 0);
    int[] h = new int[6];
    int[] w = new int[6];
    String[] fields = {"i", "k", "s", "p", "d", "op"};
    int[] missing = {0, 0, 1, 0, 1, 0};
    for (int i = 0; i < fields.length; i++) {
      boolean hasHeight = keys.containsKey(fields[i] + "h");
      h[i] = take(keys, fields[i] + "h", missing[i]);
      w[i] = take(keys, fields[i] + "w", hasHeight ? h[i] : missing[i]);
      if (flat && hasHeight) {
        throw new IllegalArgumentException(fields[i] + "h without ih: " + line);
      }
    }
    if (!keys.isEmpty() || in == 0 || out == 0 || w[0] == 0 || w[1] == 0) {
      throw new IllegalArgumentException("unknown keys " + keys + ", or some missing: " + line);
    }
    return new ConvolutionCase(
        whole.group(3) == null ? "" : whole.group(3),
        whole.group(1).equals("convT"),
        flat ? 1 : 2,
        groups,
        batch,
        in,
        out,
        flat ? Axis.NONE : axis(h),
        axis(w));
  }

  private static int take(Map<String, Integer> keys, String key, int missing) {
    Integer value = keys.remove(key);
    return value == null ? missing : value;
  }

  private static Axis axis(int[] f) {
    return new Axis(f[0], f[1], f[2], f[3], f[4], f[5]);
  }

  /** The line that describes this problem, ready to be pasted into the resource file. */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder(transposed ? "convT " : "conv ");
    line.append('g').append(groups).append("mb").append(batch).append("ic").append(inChannels);
    if (dimensions == 2) {
      line.append("ih").append(height.size);
    }
    line.append("iw").append(width.size).append("oc").append(outChannels);
    if (dimensions == 2) {
      append(line, 'h', height);
    }
    append(line, 'w', width);
    return name.isEmpty() ? line.toString() : line.append("n\"" + name + '"').toString();
  }

  private static void append(StringBuilder line, char axis, Axis a) {
    line.append('k').append(axis).append(a.kernel).append('s').append(axis).append(a.stride);
    line.append('p').append(axis).append(a.padding).append('d').append(axis).append(a.dilation);
    line.append("op").append(axis).append(a.outputPadding);
  }

  /** The same problem with another batch. */
  public ConvolutionCase withBatch(int images) {
    return new ConvolutionCase(
        name, transposed, dimensions, groups, images, inChannels, outChannels, height, width);
  }

  /** The same problem with half the input height and width. */
  public ConvolutionCase withHalfThePlane() {
    return new ConvolutionCase(
        name,
        transposed,
        dimensions,
        groups,
        batch,
        inChannels,
        outChannels,
        height.half(),
        width.half());
  }

  /** Output height. */
  public int outHeight() {
    return height.output(transposed);
  }

  /** Output width. */
  public int outWidth() {
    return width.output(transposed);
  }

  /** Elements of the input. */
  public int inputSize() {
    return batch * inChannels * height.size * width.size;
  }

  /** Elements of the weight. */
  public int weightSize() {
    return inChannels / groups * outChannels * height.kernel * width.kernel;
  }

  /** Elements of the output. */
  public int outputSize() {
    return batch * outChannels * outHeight() * outWidth();
  }

  /** Multiply-adds of one pass, those in the padding included. */
  public long multiplyAdds() {
    long positions = transposed ? height.size * width.size : outHeight() * outWidth();
    return batch * positions * weightSize();
  }

  /** An array's values along the spatial axes, for the arguments of a plan. */
  public int[] axes(ToIntFunction<Axis> field) {
    return dimensions == 1
        ? new int[] {field.applyAsInt(width)}
        : new int[] {field.applyAsInt(height), field.applyAsInt(width)};
  }
}
