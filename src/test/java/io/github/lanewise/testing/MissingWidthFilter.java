package io.github.lanewise.testing;

import jdk.incubator.vector.FloatVector;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.PostDiscoveryFilter;

/**
 * Where {@code lanewise.vector.bits} asks for wider vectors than the machine has, no test could
 * run: this leaves the one that reports so, as skipped. Found by its name in META-INF/services.
 */
public final class MissingWidthFilter implements PostDiscoveryFilter {
  /** The one test that is left, as class and method. */
  private static final String CLASS = "io.github.lanewise.kernel.BackendTest";

  private static final String METHOD = "suiteRunsWithTheBackendItIsMeantFor";

  /** The vectors of this machine. */
  public static final int WIDEST = FloatVector.SPECIES_PREFERRED.vectorBitSize();

  private final boolean missing = Integer.getInteger("lanewise.vector.bits", 0) > WIDEST;

  @Override
  public FilterResult apply(TestDescriptor test) {
    if (!missing) {
      return FilterResult.included("the machine has this width");
    }
    TestSource source = test.getSource().orElse(null);
    boolean kept = true; // the engines themselves
    if (source instanceof MethodSource method) {
      kept = method.getClassName().equals(CLASS) && method.getMethodName().equals(METHOD);
    } else if (source instanceof ClassSource type) {
      kept = type.getClassName().equals(CLASS);
    }
    return FilterResult.includedIf(kept);
  }
}
