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
    out.printf("backend        %s%n", Lanewise.backend());
    out.printf("vector width   %d bits%n", Lanewise.vectorBits());
    out.printf("reason         %s%n", Lanewise.describe());
    out.printf(
        "JDK            %s, %s%n",
        System.getProperty("java.vm.version"), System.getProperty("java.vendor"));
    out.printf(
        "machine        %s, %s%n", System.getProperty("os.name"), System.getProperty("os.arch"));
    out.printf("threads        %d%n", Runtime.getRuntime().availableProcessors());
    return 0;
  }
}
