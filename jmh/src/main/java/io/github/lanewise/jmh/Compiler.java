package io.github.lanewise.jmh;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** Asks the JVM what it compiles. */
final class Compiler {
  private Compiler() {}

  /** Milliseconds that the JVM has spent on compiling so far, once a method is ready. */
  static long millis() {
    return ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
  }

  /**
   * Whether a method of Lanewise is being compiled or waits for it: {@code jcmd Compiler.queue}.
   */
  static boolean busy() {
    try {
      Object queue =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "compilerQueue",
                  new Object[] {new String[0]},
                  new String[] {String[].class.getName()});
      return queue.toString().contains("io.github.lanewise");
    } catch (JMException e) {
      throw new IllegalStateException(e);
    }
  }
}
