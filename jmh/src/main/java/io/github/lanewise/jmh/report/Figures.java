package io.github.lanewise.jmh.report;

import io.github.lanewise.jmh.ConvolutionProblem;
import io.github.lanewise.jmh.MatrixShape;
import io.github.lanewise.jmh.run.Measurement;
import io.github.lanewise.jmh.run.Results;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** What follows from a file of results: medians, ratios, shares of the limit. */
final class Figures {
  private final List<Measurement> measurements;

  Figures(Results results) {
    measurements = results.measurements();
  }

  /** All measurements of one thing. */
  record Figure(List<Measurement> measurements) {
    private Measurement any() {
      return measurements.get(0);
    }

    /** Median over the iterations of all rounds, in milliseconds. */
    double millis() {
      return median(measurements.stream().flatMapToDouble(m -> Arrays.stream(m.micros()))) / 1e3;
    }

    double flops() {
      return any().flops();
    }

    double bytes() {
      return any().bytes();
    }

    double gigaflops() {
      return flops() / millis() / 1e6;
    }

    double gigabytes() {
      return bytes() / millis() / 1e6;
    }

    /** Share of the multiply-adds that the machine could do just before: the median. */
    OptionalDouble shareOfMultiplyAdds() {
      return share(flops());
    }

    /**
     * Share of the bytes that the machine could copy, or change in place, just before: the median.
     */
    OptionalDouble shareOfBandwidth() {
      return share(bytes());
    }

    private OptionalDouble share(double work) {
      double[] shares =
          measurements.stream()
              .flatMapToDouble(
                  m ->
                      IntStream.range(0, m.limit().length)
                          .mapToDouble(i -> work / m.micros()[i] / 1e3 / m.limit()[i]))
              .toArray();
      return shares.length == 0
          ? OptionalDouble.empty()
          : OptionalDouble.of(median(Arrays.stream(shares)));
    }

    /** Bytes a call allocates, in the worst round: what allocates now and then is not hidden. */
    double allocated() {
      return measurements.stream().mapToDouble(Measurement::allocated).max().orElse(0);
    }

    /** What was wrong with the results, or null. */
    String wrong() {
      return measurements.stream()
          .map(Measurement::wrong)
          .filter(Objects::nonNull)
          .findFirst()
          .orElse(null);
    }

    /** Least time of an iteration, in milliseconds: for limits. */
    double leastMillis() {
      return measurements.stream()
              .flatMapToDouble(m -> Arrays.stream(m.micros()))
              .min()
              .orElseThrow()
          / 1e3;
    }
  }

  static double median(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** A figure, if it was measured. */
  Optional<Figure> find(String family, String name, String pass, String arm, int threads) {
    List<Measurement> found =
        measurements.stream()
            .filter(
                m ->
                    m.family().equals(family)
                        && m.name().equals(name)
                        && m.pass().equals(pass)
                        && m.arm().equals(arm)
                        && m.threads() == threads)
            .toList();
    return found.isEmpty() ? Optional.empty() : Optional.of(new Figure(found));
  }

  /** The multiply-adds of the pure loop, in GFLOP/s: its best iteration. */
  OptionalDouble multiplyAdds(String arm, int threads) {
    return find("Limit", "fma", "", arm, threads)
        .map(f -> OptionalDouble.of(f.flops() / f.leastMillis() / 1e6))
        .orElse(OptionalDouble.empty());
  }

  /**
   * The bandwidth of a loop, in GB/s: its best iteration.
   *
   * @param how {@code copy}, {@code copyByVectors} or {@code inPlace}
   */
  OptionalDouble bandwidth(String how, int threads) {
    return find("Limit", how, "", "vector", threads)
        .map(f -> OptionalDouble.of(f.bytes() / f.leastMillis() / 1e6))
        .orElse(OptionalDouble.empty());
  }

  /**
   * How many times as fast the vector arm is as another: the median over the rounds, in each of
   * which both ran one after the other.
   */
  OptionalDouble timesAsFast(String family, String name, String pass, String arm, int threads) {
    return timesAsFast(
        find(family, name, pass, "vector", threads), find(family, name, pass, arm, threads));
  }

  /** Whether there are figures of one thread, too, with which those of so many compare. */
  boolean besideOneThread(int threads) {
    return threads > 1 && threads().contains(1);
  }

  /** How many times as fast an arm is as with one thread: the median over the rounds. */
  OptionalDouble timesOneThread(String family, String name, String pass, String arm, int threads) {
    return timesAsFast(find(family, name, pass, arm, threads), find(family, name, pass, arm, 1));
  }

  /** The same of any two figures. */
  static OptionalDouble timesAsFast(Optional<Figure> ours, Optional<Figure> theirs) {
    if (ours.isEmpty() || theirs.isEmpty()) {
      return OptionalDouble.empty();
    }
    double[] ratios =
        ours.get().measurements().stream()
            .flatMapToDouble(
                a ->
                    theirs.get().measurements().stream()
                        .filter(b -> a.round() == b.round())
                        .mapToDouble(
                            b ->
                                median(Arrays.stream(b.micros()))
                                    / median(Arrays.stream(a.micros()))))
            .toArray();
    return ratios.length == 0
        ? OptionalDouble.empty() // one failed wherever the other did not
        : OptionalDouble.of(median(Arrays.stream(ratios)));
  }

  /** What a name of a family stands for: the sizes of a convolution or matrix product. */
  static String shape(String family, String name) {
    return family.equals("Convolution")
        ? ConvolutionProblem.of(name).shape()
        : MatrixShape.of(name).shape();
  }

  /** The names of a family, in the order in which they were measured. */
  List<String> names(String family) {
    return measurements.stream()
        .filter(m -> m.family().equals(family))
        .map(Measurement::name)
        .distinct()
        .toList();
  }

  /** The arms of a family, in the order in which they were measured. */
  List<String> arms(String family) {
    return measurements.stream()
        .filter(m -> m.family().equals(family))
        .map(Measurement::arm)
        .distinct()
        .toList();
  }

  /** The numbers of threads that were measured. */
  List<Integer> threads() {
    return measurements.stream().map(Measurement::threads).distinct().sorted().toList();
  }

  long count(Predicate<Measurement> what) {
    return measurements.stream().filter(what).count();
  }
}
