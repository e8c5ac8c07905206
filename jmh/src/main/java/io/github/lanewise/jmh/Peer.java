package io.github.lanewise.jmh;

import java.util.ServiceLoader;

/** A library of native code to compare with, which the Maven profile {@code peers} adds. */
public interface Peer {
  /** {@return whether there is one} */
  static boolean present() {
    return ServiceLoader.load(Peer.class).findFirst().isPresent();
  }

  /** The one that was added. */
  static Peer instance() {
    return Holder.INSTANCE;
  }

  /** {@return its version, and the libraries that it computes with} */
  String describe();

  /** Sets how many threads it may use from now on. */
  void threads(int threads);

  /** A convolution or transposed convolution on the peer's copies of the arrays. */
  ConvolutionArm convolution(ConvolutionProblem problem, ConvolutionData data);

  /** A matrix product on the peer's copies of the arrays. */
  Task matrixProduct(MatrixShape shape, float[] a, float[] b, float[] c);

  /** A training step of one of the networks. */
  Task trainingStep(String model, int batch);

  /** Loads the native code when it is wanted, not before. */
  final class Holder {
    private static final Peer INSTANCE =
        ServiceLoader.load(Peer.class)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalStateException("no peer on the class path: run Maven with -Ppeers"));

    private Holder() {}
  }
}
