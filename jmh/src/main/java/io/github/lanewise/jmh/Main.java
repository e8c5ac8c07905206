package io.github.lanewise.jmh;

import io.github.lanewise.jmh.report.Report;
import io.github.lanewise.jmh.run.Campaign;
import io.github.lanewise.jmh.run.Catalogue;
import io.github.lanewise.jmh.run.Options;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Runs the benchmarks in one of a few modes; docs/benchmarks.md describes them. For anything else
 * there is JMH's own main class, {@code org.openjdk.jmh.Main}.
 */
public final class Main {
  private static final Path RESULTS = Path.of("jmh", "results");

  private Main() {}

  /** The mode, and its options. */
  public static void main(String[] args) throws Exception {
    String mode = args.length == 0 ? "" : args[0];
    Options options =
        Options.parse(Arrays.asList(args).subList(Math.min(1, args.length), args.length));
    switch (mode) {
      case "quick" -> {
        // on a shared build machine somebody else's benchmark is no reason to fail
        System.setProperty("jmh.ignoreLock", "true");
        end(
            new Campaign(
                    options, List.of(), Path.of("jmh", "target", "quick.json"), "verify -Dquick")
                .run(Catalogue.quick(Peer.present()), 1));
      }
      case "compare" -> {
        if (!Peer.present()) {
          throw new IllegalStateException(
              "there is nothing to compare with: run Maven with -Ppeers");
        }
        end(
            new Campaign(
                    options,
                    List.of(Arm.VECTOR, Arm.PYTORCH),
                    RESULTS.resolve("compare.json"),
                    "-Ppeers compile exec:exec@compare")
                .run(Catalogue.comparison(), 3));
      }
      case "kernels" ->
          end(
              new Campaign(
                      options,
                      List.of(Arm.VECTOR),
                      RESULTS.resolve("kernels.json"),
                      "compile exec:exec@kernels")
                  .run(Catalogue.kernels(), 3));
      case "report" ->
          Report.write(RESULTS, options.out() == null ? Path.of("docs") : options.out());
      default ->
          throw new IllegalArgumentException(
              "mode is \"" + mode + "\" but must be quick, compare, kernels or report");
    }
  }

  /** The exit code says whether all went well: Maven and CI look at nothing else. */
  private static void end(boolean well) {
    System.exit(well ? 0 : 1);
  }
}
