package io.github.lanewise.mnist;

import io.github.lanewise.kernel.Lanewise;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what computes here. */
@Command(name = "info", description = "Shows backend, vector width, JDK and threads.")
final class InfoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.println("backend        " + Lanewise.backend());
    out.println("vector width   " + Lanewise.vectorBits() + " bits");
    out.println("reason         " + Lanewise.describe());
    out.println(
        "JDK            "
            + System.getProperty("java.vm.version")
            + ", "
            + System.getProperty("java.vendor"));
    out.println(
        "machine        " + System.getProperty("os.name") + ", " + System.getProperty("os.arch"));
    out.println("threads        " + Runtime.getRuntime().availableProcessors());
    return 0;
  }
}
