package io.github.lanewise.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Convolution and transposed convolution, forward and backward, on the problems of the files. */
public class ConvolutionBenchmark extends ThreadedBenchmark {
  /** A name in problems.txt or others.txt. */
  @Param("dae.conv1")
  public String problem;

  private ConvolutionArm convolution;
  private ConvolutionData data;
  private ConvolutionReference reference;
  private double flops;
  private double bytes;

  /** Where the time of {@link #passes} goes: sums over an iteration. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Passes {
    /** Nanoseconds of the output. */
    public long forward;

    /** Nanoseconds of the input gradient, where it is computed by itself. */
    public long backwardInput;

    /** Nanoseconds of the weight gradient, where it is computed by itself. */
    public long backwardWeight;

    /** Nanoseconds of all three gradients. */
    public long backward;
  }

  @Override
  Limit limit() {
    return Limit.MULTIPLY_ADDS;
  }

  @Override
  void prepare() {
    ConvolutionProblem p = ConvolutionProblem.of(problem);
    flops = p.flops();
    bytes = p.bytes();
    data = new ConvolutionData(p);
    reference = new ConvolutionReference(p, data);
    boolean own = arm() != Arm.PYTORCH && arm() != Arm.NAIVE && arm() != Arm.IM2COL;
    if (!own && (p.groups() > 1 || p.dilation() > 1)) {
      throw new IllegalArgumentException("arm " + arm + " knows neither groups nor dilations");
    }
    convolution =
        switch (arm()) {
          case PYTORCH -> Peer.instance().convolution(p, data);
          case NAIVE -> new NaiveConvolution(p, data);
          case IM2COL -> new Im2colConvolution(p, data);
          default ->
              p.transposed()
                  ? new LanewiseTransposedConvolution(p, data)
                  : new LanewiseConvolution(p, data);
        };
  }

  @Override
  void call() {
    convolution.forward(workspace);
    convolution.backward(workspace);
  }

  @Override
  void verify() {
    data.clear();
    call();
    convolution.fetch();
    reference.verify();
  }

  /** The output. */
  @Benchmark
  public void forward(Counters counters) {
    convolution.forward(workspace);
    count(counters, flops, bytes);
  }

  /** The gradient of the input. */
  @Benchmark
  public void backwardInput(Counters counters) {
    convolution.backwardInput(workspace);
    count(counters, flops, bytes);
  }

  /** The gradient of the weight. */
  @Benchmark
  public void backwardWeight(Counters counters) {
    convolution.backwardWeight(workspace);
    count(counters, flops, bytes);
  }

  /** The output, then the gradients, each timed for itself: one fork instead of three. */
  @Benchmark
  public void passes(Counters counters, Passes passes) {
    long start = System.nanoTime();
    convolution.forward(workspace);
    long then = System.nanoTime();
    passes.forward += then - start;
    if (convolution.separateGradients()) {
      long backward = then;
      convolution.backwardInput(workspace);
      long now = System.nanoTime();
      passes.backwardInput += now - then;
      then = now;
      convolution.backwardWeight(workspace);
      now = System.nanoTime();
      passes.backwardWeight += now - then;
      convolution.backwardBias(workspace);
      passes.backward += System.nanoTime() - backward;
    } else {
      convolution.backward(workspace);
      passes.backward += System.nanoTime() - then;
    }
    count(counters, flops, bytes);
  }
}
