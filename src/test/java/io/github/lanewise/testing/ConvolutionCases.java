package io.github.lanewise.testing;

import io.github.lanewise.testing.ConvolutionCase.Axis;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Convolution problems: drawn at random, and those of the resource file. */
public final class ConvolutionCases {
  /** Enough for every tile and tail, few enough for the naive loops. */
  private static final long MOST_MULTIPLY_ADDS = 1_500_000;

  private record Channels(int groups, int in, int out) {}

  private ConvolutionCases() {}

  /** Any legal problem, small enough to be run many times. */
  public static Arbitrary<ConvolutionCase> any() {
    return Combinators.combine(
            Arbitraries.of(false, true), Arbitraries.integers().between(1, 3), channels())
        .flatAs(
            (transposed, batch, channels) ->
                Arbitraries.oneOf(oneDimension(transposed), twoDimensions(transposed))
                    .map(axes -> problem(transposed, batch, channels, axes)))
        .filter(c -> c.multiplyAdds() <= MOST_MULTIPLY_ADDS);
  }

  private static ConvolutionCase problem(
      boolean transposed, int batch, Channels channels, List<Axis> axes) {
    boolean flat = axes.size() == 1;
    return new ConvolutionCase(
        "",
        transposed,
        axes.size(),
        channels.groups,
        batch,
        channels.groups * channels.in,
        channels.groups * channels.out,
        flat ? Axis.NONE : axes.get(0),
        axes.get(flat ? 0 : 1));
  }

  /** One group with 1 to 70 channels on each side, a few groups, or depthwise with multipliers. */
  private static Arbitrary<Channels> channels() {
    Arbitrary<Integer> many = Arbitraries.oneOf(Arbitraries.integers().between(1, 70), Sizes.any());
    Arbitrary<Integer> few = Arbitraries.integers().between(1, 18);
    return Arbitraries.oneOf(
        Combinators.combine(many, many).as((in, out) -> new Channels(1, in, out)),
        Combinators.combine(few, few).as((in, out) -> new Channels(1, in, out)),
        Combinators.combine(Arbitraries.integers().between(2, 5), few, few).as(Channels::new),
        Combinators.combine(Sizes.any(), Arbitraries.integers().between(1, 3))
            .as((groups, multiplier) -> new Channels(groups, 1, multiplier)));
  }

  private static Arbitrary<List<Axis>> oneDimension(boolean transposed) {
    return Arbitraries.oneOf(axis(transposed, 5, Sizes.any()), axis(transposed, 27, Sizes.any()))
        .map(List::of);
  }

  private static Arbitrary<List<Axis>> twoDimensions(boolean transposed) {
    Arbitrary<Axis> height = axis(transposed, 4, Arbitraries.integers().between(1, 7));
    Arbitrary<Axis> width = axis(transposed, 5, Sizes.any());
    return Combinators.combine(height, width).as(List::of);
  }

  /**
   * An axis with a window of up to {@code mostTaps}, and {@code room} windows or a little more in
   * the input (the output of a transposed convolution); padding may exceed the kernel.
   */
  private static Arbitrary<Axis> axis(boolean transposed, int mostTaps, Arbitrary<Integer> room) {
    return Combinators.combine(
            room,
            Arbitraries.integers().between(1, mostTaps),
            Arbitraries.integers().between(1, 4),
            Arbitraries.integers().between(0, mostTaps + 2),
            Arbitraries.integers().between(1, 3),
            Arbitraries.integers().between(0, 3))
        .as(
            (size, kernel, stride, padding, dilation, extra) -> {
              int extent = dilation * (kernel - 1) + 1;
              if (transposed) {
                // at least so many inputs that padding does not crop everything
                int least = Math.max(1, (2 * padding - extent + stride) / stride + 1);
                int outputPadding = extra % Math.max(stride, dilation);
                return new Axis(
                    Math.max(size, least), kernel, stride, padding, dilation, outputPadding);
              }
              int least = Math.max(1, extent - 2 * padding);
              return new Axis(Math.max(size, least), kernel, stride, padding, dilation, 0);
            });
  }

  /** The problems of {@code convolutions.txt}. */
  public static List<ConvolutionCase> listed() {
    try (InputStream in = ConvolutionCases.class.getResourceAsStream("convolutions.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(ConvolutionCase::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
