package io.github.lanewise.kernel;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * Finds out whether this JVM runs vector kernels at the hardware's speed. Where C2 does not compile
 * them to instructions they still compute the right thing, but allocate each vector as an object
 * and are far slower than the scalar twins.
 */
final class VectorSupport {
  private VectorSupport() {}

  /** {@return what is missing and what to do about it, or null if nothing is} */
  static String missing() {
    ModuleLayer layer = VectorSupport.class.getModule().getLayer(); // null on the class path
    if (layer == null) {
      layer = ModuleLayer.boot();
    }
    if (layer.findModule("jdk.incubator.vector").isEmpty()) {
      return "the module jdk.incubator.vector is not resolved;"
          + " start Java with --add-modules jdk.incubator.vector";
    }
    String vm = System.getProperty("java.vm.name", "");
    if (!vm.endsWith("Server VM")) { // so ends the name of every HotSpot that has C2
      return "the VM \"" + vm + "\" is not known to compile vectors; use a HotSpot server VM";
    }
    String mode = System.getProperty("java.vm.info", "");
    if (mode.contains("interpreted")) {
      return "this JVM interprets all code; start Java without -Xint";
    }
    if (mode.contains("emulated-client")) {
      return "the C2 compiler is off;"
          + " start Java without -XX:TieredStopAtLevel and -XX:CompilationMode";
    }
    try {
      return missing(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class));
    } catch (NoClassDefFoundError e) {
      // A run-time image without jdk.management: what can be known without flags is known.
      return null;
    }
  }

  /** The flags have no cheaper source: loading the bean takes about 15 ms, so it comes last. */
  private static String missing(HotSpotDiagnosticMXBean vm) {
    if (vm == null) {
      return null;
    }
    if (Integer.parseInt(flag(vm, "TieredStopAtLevel", "4")) < 4) {
      return "the C2 compiler is off; start Java without -XX:TieredStopAtLevel";
    }
    if (flag(vm, "UseJVMCICompiler", "false").equals("true")) {
      return "a JVMCI compiler (Graal), which may not know vectors, replaces C2;"
          + " start Java with -XX:-UseJVMCICompiler";
    }
    if (flag(vm, "EnableVectorSupport", "true").equals("false")) {
      return "the VM's support of vectors is off; start Java without -XX:-EnableVectorSupport";
    }
    if (flag(vm, "UseFMA", "true").equals("false")) {
      return "the VM uses no fused multiply-add instructions;"
          + " start Java without -XX:-UseFMA and -XX:UseAVX, or use a processor that has them";
    }
    if (Long.parseLong(flag(vm, "MaxVectorSize", "16")) < 16) {
      return "vectors have less than 128 bits; start Java without -XX:MaxVectorSize";
    }
    return null;
  }

  private static String flag(HotSpotDiagnosticMXBean vm, String name, String fallback) {
    try {
      return vm.getVMOption(name).getValue();
    } catch (IllegalArgumentException e) {
      return fallback; // this VM has no such flag, or it is locked at its default
    }
  }
}
