package io.github.lanewise.jmh.run;

/**
 * What one fork measured of one pass with one number of threads.
 *
 * @param family the benchmark's class without {@code Benchmark}
 * @param name its parameters
 * @param pass {@code forward}, {@code backward} … of a convolution, else empty
 * @param arm the name of the arm
 * @param round which of the forks of this arm, from 0
 * @param micros microseconds of a call, for each iteration
 * @param limit what the machine could do just before each iteration: GFLOP/s, or GB/s for kernels
 *     that memory bounds; empty where that was not measured
 * @param flops additions and multiplications of a call
 * @param bytes bytes that a call reads and writes at least
 * @param allocated bytes that a call, of all passes together, allocates in the Java heap
 * @param wrong what is wrong with the peer's result, or {@code null}; ours would not be measured
 * @param cold why it was not warm when it was timed, such as calls that still allocated vectors, or
 *     {@code null}
 */
public record Measurement(
    String family,
    String name,
    String pass,
    String arm,
    int threads,
    int round,
    double[] micros,
    double[] limit,
    double flops,
    double bytes,
    double allocated,
    String wrong,
    String cold) {}
