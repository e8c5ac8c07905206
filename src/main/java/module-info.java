/**
 * SIMD compute kernels for the JVM: convolution, transposed convolution, pooling and unpooling on
 * the Vector API, with a thin layer library and a trainer on top.
 */
module io.github.lanewise {
  requires jdk.incubator.vector;

  // To read flags of the VM where the run-time image has it.
  requires static jdk.management;

  // Only the command line in the mnist package uses these; the rest works with them absent.
  requires static info.picocli;
  requires static java.desktop;
  requires static me.tongfei.progressbar;
  requires static org.knowm.xchart;

  exports io.github.lanewise.data;
  exports io.github.lanewise.io;
  exports io.github.lanewise.kernel;
  exports io.github.lanewise.nn;

  // picocli fills the options of the commands.
  opens io.github.lanewise.mnist to
      info.picocli;
}
