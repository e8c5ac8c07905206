package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lanewise.testing.MissingWidthFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The choice is made once in a JVM, so each case starts one of its own. */
class BackendTest {
  private static final String PROBE = "io.github.lanewise.testing.BackendProbe";
  private static final String MODULE = "--add-modules=jdk.incubator.vector";
  private static final String CONVOLUTION = "convolution: [12.0, 23.0, 34.0]";

  @TempDir Path directory;

  /** What a JVM printed. */
  private record Run(String out, String err) {
    void assertPrints(String line) {
      assertEquals(2, count(out, line), () -> "want twice: " + line + "\n" + this);
      assertEquals(2, count(out, "convolution"), this::toString);
    }

    void assertLogs(int times) {
      assertEquals(times, count(err, "Lanewise computes without vectors"), this::toString);
    }
  }

  /** Fails where this run of the suite was meant for a backend that is not in use. */
  @Test
  void suiteRunsWithTheBackendItIsMeantFor() {
    assumeMachineHas(Integer.getInteger("lanewise.vector.bits", 128));
    String[] expected = System.getProperty("lanewise.expect", Lanewise.backend()).split("-");
    assertEquals(expected[0], Lanewise.backend(), Lanewise.describe());
    if (expected.length > 1) {
      assertEquals(Integer.parseInt(expected[1]), Lanewise.vectorBits(), Lanewise.describe());
    }
  }

  @Test
  void vectorsAreUsedWhereTheModuleIs() throws Exception {
    for (String backend : List.of("auto", "vector")) {
      Run run = onClassPath(MODULE, "-Dlanewise.backend=" + backend);
      run.assertPrints("describe: vector backend, ");
      run.assertPrints(" floats), JDK " + System.getProperty("java.version"));
      run.assertPrints(CONVOLUTION);
      run.assertLogs(0);
    }
  }

  @Test
  void onTheModulePathNoFlagIsNeeded() throws Exception {
    Run run = onModulePath();
    run.assertPrints("describe: vector backend, ");
    run.assertPrints(CONVOLUTION);
  }

  @Test
  void flagsOfTheVmNeedNotBeReadable() throws Exception {
    Run run = onModulePath("--limit-modules=java.base,jdk.incubator.vector,io.github.lanewise");
    run.assertPrints("describe: vector backend, ");
    run.assertPrints(CONVOLUTION);
  }

  @Test
  void withoutTheModuleTheScalarTwinsServeAndOneLineSaysWhy() throws Exception {
    Run run = onClassPath();
    run.assertPrints(
        "describe: scalar backend: the module jdk.incubator.vector is not resolved;"
            + " start Java with --add-modules jdk.incubator.vector");
    run.assertPrints("backend: scalar 0");
    run.assertPrints(CONVOLUTION);
    run.assertLogs(1);
    assertTrue(run.err.contains("WARNING"), run::toString);
    assertTrue(run.err.contains("--add-modules jdk.incubator.vector"), run::toString);
  }

  @Test
  void scalarIsTakenSilentlyWhereItWasAskedFor() throws Exception {
    for (String[] options : new String[][] {{}, {MODULE}}) {
      Run run = onClassPath(with(options, "-Dlanewise.backend=scalar"));
      run.assertPrints("describe: scalar backend: asked for by -Dlanewise.backend=scalar");
      run.assertPrints(CONVOLUTION);
      run.assertLogs(0);
    }
  }

  @Test
  void demandedVectorsThatCannotBeUsedAreAnError() throws Exception {
    Run run = onClassPath("-Dlanewise.backend=vector");
    String exception =
        " threw java.lang.IllegalStateException: -Dlanewise.backend=vector, but it cannot be used:"
            + " the module jdk.incubator.vector is not resolved;"
            + " start Java with --add-modules jdk.incubator.vector";
    run.assertPrints("describe" + exception);
    run.assertPrints("convolution" + exception);
    run.assertLogs(0);
  }

  @Test
  void unknownBackendsAreRefused() throws Exception {
    Run run = onClassPath(MODULE, "-Dlanewise.backend=simd");
    String exception =
        " threw java.lang.IllegalArgumentException:"
            + " lanewise.backend must be auto, vector or scalar, but is \"simd\"";
    run.assertPrints("describe" + exception);
    run.assertPrints("convolution" + exception);
  }

  @Test
  void interpreterGetsScalarTwins() throws Exception {
    assertScalar("-Xint", "this JVM interprets all code; start Java without -Xint");
  }

  @Test
  void c1GetsScalarTwins() throws Exception {
    String reason = "the C2 compiler is off; start Java without -XX:TieredStopAtLevel";
    assertScalar("-XX:TieredStopAtLevel=1", reason);
    assertScalar("-XX:TieredStopAtLevel=3", reason);
  }

  @Test
  void noFusedMultiplyAddGetsScalarTwins() throws Exception {
    assertScalar("-XX:-UseFMA", "the VM uses no fused multiply-add instructions");
  }

  @Test
  void narrowVectorsGetScalarTwins() throws Exception {
    assertScalar("-XX:MaxVectorSize=8", "vectors have less than 128 bits");
  }

  /** All tests run at each of these widths, but only where the machine has them. */
  private static void assumeMachineHas(int bits) {
    int widest = MissingWidthFilter.WIDEST;
    assumeTrue(bits <= widest, () -> "not run at " + bits + " bits: this machine has " + widest);
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void widthCanBeLowered(int bits) throws Exception {
    assumeMachineHas(bits);
    Run run = onClassPath(MODULE, "-Dlanewise.vector.bits=" + bits);
    run.assertPrints(
        "describe: vector backend, " + bits + " bits (" + bits / 32 + " floats), JDK ");
    run.assertPrints("backend: vector " + bits);
    run.assertPrints(CONVOLUTION);
  }

  @Test
  void otherWidthsAreRefused() throws Exception {
    Run run = onClassPath(MODULE, "-Dlanewise.vector.bits=100");
    String exception =
        " threw java.lang.IllegalArgumentException:"
            + " lanewise.vector.bits must be 128, 256 or 512, but is \"100\"";
    run.assertPrints("describe" + exception);
    run.assertPrints("convolution" + exception);
  }

  @Test
  void widthsBeyondTheMachineAreRefused() throws Exception {
    Run run = onClassPath(MODULE, "-XX:MaxVectorSize=16", "-Dlanewise.vector.bits=256");
    run.assertPrints(
        "convolution threw java.lang.IllegalArgumentException: lanewise.vector.bits is 256, but the"
            + " vectors of this machine have 128 bits");
  }

  private void assertScalar(String option, String reason) throws Exception {
    Run run = onClassPath(MODULE, option);
    run.assertPrints("describe: scalar backend: " + reason);
    run.assertPrints("backend: scalar 0");
    run.assertPrints(CONVOLUTION);
    run.assertLogs(1);
  }

  private Run onClassPath(String... options) throws Exception {
    String path = home(Lanewise.class) + java.io.File.pathSeparator + home(BackendTest.class);
    return run(with(options, "-cp", path));
  }

  private Run onModulePath(String... options) throws Exception {
    return run(
        with(
            options,
            "--module-path=" + home(Lanewise.class),
            "--add-modules=io.github.lanewise",
            "-cp",
            home(BackendTest.class).toString()));
  }

  private Run run(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Duser.language=en"));
    command.addAll(List.of(options));
    command.add(PROBE);
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    // options of this suite must not leak into the program
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    int status = builder.start().waitFor();
    Run run = new Run(Files.readString(out), Files.readString(err));
    assertEquals(0, status, run::toString);
    return run;
  }

  /** The directory that a class was loaded from; nothing else is on the program's path. */
  private static Path home(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static String[] with(String[] options, String... more) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static int count(String text, String part) {
    assertFalse(part.isEmpty());
    return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
  }
}
