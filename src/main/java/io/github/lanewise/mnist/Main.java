package io.github.lanewise.mnist;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: trains the four networks on MNIST and shows what they make of it. */
@Command(
    name = "mnist",
    description = {
      "Trains small convolutional networks on MNIST and shows what they make of it.",
      "Without a command: train."
    },
    subcommands = {TrainCommand.class, ReconstructCommand.class, InfoCommand.class})
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  @CommandLine.Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  private Main() {}

  /**
   * Runs a command and exits: with 0 if it succeeded, 1 if it failed, 2 if an argument is wrong.
   *
   * @param args the command and its options
   */
  public static void main(String[] args) {
    System.setProperty("java.awt.headless", "true"); // the curve is drawn, never shown
    System.exit(run(args, new PrintWriter(System.out, true), new PrintWriter(System.err, true)));
  }

  /** Runs a command and returns its exit code. */
  static int run(String[] args, PrintWriter out, PrintWriter err) {
    CommandLine line = new CommandLine(new Main());
    line.setOut(out);
    line.setErr(err);
    line.setExecutionExceptionHandler(Main::explain);
    line.setParameterExceptionHandler(Main::refuse);
    try {
      return line.execute(args.length == 0 ? new String[] {"train"} : args);
    } catch (OutOfMemoryError e) {
      err.println("out of memory: use a smaller --batch-size or a larger heap (-Dmnist.jvm=-Xmx…)");
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private static int refuse(ParameterException e, String[] args) {
    CommandLine line = e.getCommandLine();
    String name = line.getCommandSpec().qualifiedName();
    line.getErr().println(e.getMessage());
    line.getErr().println("Try: " + name + " --help");
    return CommandLine.ExitCode.USAGE;
  }

  /** What a user can mend gets one line; anything else is a mistake of ours. */
  private static int explain(Exception e, CommandLine line, CommandLine.ParseResult result)
      throws Exception {
    String message = Failure.line(e);
    if (message != null) {
      line.getErr().println(message);
      return CommandLine.ExitCode.SOFTWARE;
    }
    throw e;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "missing command");
  }
}
