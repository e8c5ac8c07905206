package io.github.lanewise.testing;

import io.github.lanewise.testing.ConvolutionCase.Axis;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Convolution problems, drawn at random. */
public final class ConvolutionCases {
  /** Enough for every tile and tail, few enough for the naive loops. */
  static final long MOST_MULTIPLY_ADDS = 1_500_000;

  private record Channels(int groups, int in, int out) {}

  /** What an axis is made of, once it is known which of the two operations it is for. */
  record Draft(int size, int kernel, int stride, int padding, int dilation, int extra) {
    /** Padding may exceed the kernel, but there must be a window, or an output. */
    Axis axis(boolean transposed) {
      int extent = dilation * (kernel - 1) + 1;
      int least =
          transposed
              ? (2 * padding - extent + stride) / stride + 1 // else padding crops everything
              : extent - 2 * padding;
      int outputPadding = transposed ? extra % Math.max(stride, dilation) : 0;
      int legal = Math.max(size, Math.max(least, 1));
      return new Axis(legal, kernel, stride, padding, dilation, outputPadding);
    }
  }

  private ConvolutionCases() {}

  /** Any legal problem, small enough to be run many times. */
  public static Arbitrary<ConvolutionCase> any() {
    return Combinators.combine(
            Arbitraries.of(false, true),
            Arbitraries.integers().between(1, 3),
            channels(),
            Arbitraries.frequencyOf(
                Tuple.of(4, oneDimension()),
                Tuple.of(4, twoDimensions()),
                Tuple.of(1, pointwise())))
        .as(ConvolutionCases::problem)
        .filter(c -> c.multiplyAdds() <= MOST_MULTIPLY_ADDS);
  }

  /** Few channels a group and neighbouring windows: what positions in lanes are good for. */
  public static Arbitrary<ConvolutionCase> narrow() {
    Arbitrary<Integer> few = Arbitraries.integers().between(1, 4);
    Arbitrary<Channels> channels =
        Arbitraries.oneOf(
            Combinators.combine(Arbitraries.integers().between(1, 18), few)
                .as((in, out) -> new Channels(1, in, out)),
            Combinators.combine(few, few).as((in, out) -> new Channels(1, in, out)),
            Combinators.combine(Arbitraries.integers().between(2, 5), few, few).as(Channels::new));
    return Combinators.combine(
            Arbitraries.of(false, true),
            Arbitraries.integers().between(1, 3),
            channels,
            Arbitraries.oneOf(oneDimension(), twoDimensions()).map(ConvolutionCases::neighbouring))
        .as(ConvolutionCases::problem)
        .filter(c -> c.multiplyAdds() <= MOST_MULTIPLY_ADDS);
  }

  private static List<Draft> neighbouring(List<Draft> axes) {
    List<Draft> result = new ArrayList<>(axes);
    Draft w = result.removeLast();
    result.add(new Draft(w.size, w.kernel, 1, w.padding, w.dilation, w.extra));
    return result;
  }

  private static ConvolutionCase problem(
      boolean transposed, int batch, Channels channels, List<Draft> axes) {
    boolean flat = axes.size() == 1;
    return new ConvolutionCase(
        "",
        transposed,
        axes.size(),
        channels.groups,
        batch,
        channels.groups * channels.in,
        channels.groups * channels.out,
        flat ? Axis.NONE : axes.get(0).axis(transposed),
        axes.get(flat ? 0 : 1).axis(transposed));
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

  private static Arbitrary<List<Draft>> oneDimension() {
    return Arbitraries.oneOf(axis(5, Sizes.any()), axis(27, Sizes.any())).map(List::of);
  }

  private static Arbitrary<List<Draft>> twoDimensions() {
    Arbitrary<Draft> height = axis(4, Arbitraries.integers().between(1, 7));
    return Combinators.combine(height, axis(5, Sizes.any())).as(List::of);
  }

  /** One tap, stride 1 and no padding: a matrix product. */
  private static Arbitrary<List<Draft>> pointwise() {
    return Combinators.combine(Arbitraries.integers().between(1, 5), Sizes.any())
        .as((h, w) -> List.of(new Draft(h, 1, 1, 0, 1, 0), new Draft(w, 1, 1, 0, 1, 0)));
  }

  private static Arbitrary<Draft> axis(int mostTaps, Arbitrary<Integer> size) {
    return Combinators.combine(
            size,
            Arbitraries.integers().between(1, mostTaps),
            Arbitraries.integers().between(1, 4),
            Arbitraries.integers().between(0, mostTaps + 2),
            Arbitraries.integers().between(1, 3),
            Arbitraries.integers().between(0, 3))
        .as(Draft::new);
  }
}
