package io.github.lanewise.testing;

import io.github.lanewise.kernel.Lanewise;
import io.github.lanewise.kernel.UnpooledTransposedConvolution;
import io.github.lanewise.testing.ConvolutionCase.Axis;
import io.github.lanewise.testing.ConvolutionCases.Draft;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * A transposed convolution of unpooled values.
 *
 * @param dense the transposed convolution
 * @param entries values of an input plane
 */
public record UnpooledCase(ConvolutionCase dense, int entries) {
  /** Floats of a vector; with the scalar backend those of a usual one. */
  private static final int LANES = Math.max(256, Lanewise.vectorBits()) / 32;

  private record Channels(int groups, int in, int out) {}

  /**
   * Reads a line of the problem language, in which {@code 2L} stands for two vectors, {@code 2L-1}
   * for one less.
   */
  public static UnpooledCase parse(String line, int entries) {
    int lanes = Lanewise.vectorBits() == 0 ? LANES : Lanewise.vectorBits() / 32;
    String numbers = line;
    for (int vectors = 1; vectors <= 4; vectors++) {
      numbers = numbers.replace(vectors + "L-1", String.valueOf(vectors * lanes - 1));
      numbers = numbers.replace(vectors + "L", String.valueOf(vectors * lanes));
    }
    return new UnpooledCase(ConvolutionCase.parse(numbers), entries);
  }

  /** Any problem, small enough to be run many times; many are those of the vector kernels. */
  public static Arbitrary<UnpooledCase> any() {
    Arbitrary<Integer> batch =
        Arbitraries.oneOf(Arbitraries.integers().between(1, 4), Arbitraries.of(15, 16, 17, 35));
    return Combinators.combine(
            batch, channels(), Arbitraries.oneOf(oneDimension(), twoDimensions()), shares())
        .as(UnpooledCase::problem)
        .filter(c -> c.dense.multiplyAdds() <= ConvolutionCases.MOST_MULTIPLY_ADDS);
  }

  private static UnpooledCase problem(
      int batch, Channels channels, List<Draft> axes, double share) {
    boolean flat = axes.size() == 1;
    ConvolutionCase one =
        new ConvolutionCase(
            "",
            true,
            axes.size(),
            channels.groups,
            1,
            channels.groups * channels.in,
            channels.groups * channels.out,
            flat ? Axis.NONE : axes.get(0).axis(true),
            axes.get(flat ? 0 : 1).axis(true));
    long most = Math.max(1, ConvolutionCases.MOST_MULTIPLY_ADDS / one.multiplyAdds());
    int plane = one.height().size() * one.width().size();
    int entries = Math.max(1, (int) (share * plane));
    return new UnpooledCase(one.withBatch((int) Math.min(batch, most)), entries);
  }

  /** Mostly as many output channels as fill whole vectors, or a few less. */
  private static Arbitrary<Channels> channels() {
    Arbitrary<Integer> in = Arbitraries.of(1, 2, 3, 8, 16, 17, 19, 24, 32, 33, 47, 64);
    Arbitrary<Integer> filling =
        Combinators.combine(
                Arbitraries.integers().between(1, 3), Arbitraries.integers().between(0, LANES / 4))
            .as((vectors, less) -> vectors * LANES - less);
    Arbitrary<Integer> few = Arbitraries.integers().between(1, 9);
    return Arbitraries.frequencyOf(
        Tuple.of(6, Combinators.combine(in, filling).as((i, o) -> new Channels(1, i, o))),
        Tuple.of(2, Combinators.combine(in, Sizes.any()).as((i, o) -> new Channels(1, i, o))),
        Tuple.of(
            1,
            Combinators.combine(Arbitraries.integers().between(2, 4), few, few).as(Channels::new)));
  }

  /** What share of the positions has a value: one position, half of them, all, or any. */
  private static Arbitrary<Double> shares() {
    return Arbitraries.frequencyOf(
        Tuple.of(1, Arbitraries.of(0.0, 1.0)),
        Tuple.of(4, Arbitraries.just(0.5)),
        Tuple.of(2, Arbitraries.doubles().between(0, 0.5)),
        Tuple.of(1, Arbitraries.doubles().between(0.5, 1)));
  }

  private static Arbitrary<List<Draft>> oneDimension() {
    return axis(Arbitraries.of(1, 2, 3, 5, 9, 25, 31), Sizes.any(), rarely(3)).map(List::of);
  }

  private static Arbitrary<List<Draft>> twoDimensions() {
    Arbitrary<Draft> height =
        axis(
            Arbitraries.of(1, 2, 3, 4, 6, 7),
            Arbitraries.integers().between(1, 7),
            Arbitraries.integers().between(1, 3));
    Arbitrary<Draft> width =
        axis(Arbitraries.of(1, 2, 3, 5, 9), Arbitraries.integers().between(1, 9), rarely(3));
    return Combinators.combine(height, width).as(List::of);
  }

  /** Mostly 1, for what else the vector kernels do not take. */
  private static Arbitrary<Integer> rarely(int most) {
    return Arbitraries.frequencyOf(
        Tuple.of(9, Arbitraries.just(1)), Tuple.of(1, Arbitraries.integers().between(2, most)));
  }

  private static Arbitrary<Draft> axis(
      Arbitrary<Integer> kernel, Arbitrary<Integer> size, Arbitrary<Integer> dilation) {
    return Combinators.combine(
            size,
            kernel,
            Arbitraries.integers().between(1, 3),
            Arbitraries.doubles().between(0, 1.2), // padding as a share of the kernel
            dilation,
            Arbitraries.integers().between(0, 3))
        .as((s, k, stride, p, d, extra) -> new Draft(s, k, stride, (int) (p * k), d, extra));
  }

  /** The plan. */
  public UnpooledTransposedConvolution plan() {
    return ((ConvolutionPlan.Transposed) ConvolutionPlan.of(dense)).plan().unpooled(entries);
  }

  /** Positions of an input plane. */
  public int plane() {
    return dense.height().size() * dense.width().size();
  }

  @Override
  public String toString() {
    return dense + " with " + entries + " values a plane";
  }
}
