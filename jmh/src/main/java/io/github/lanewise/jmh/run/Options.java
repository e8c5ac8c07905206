package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.Arm;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What the command line says beside the mode.
 *
 * @param only cells whose label it finds are run: {@code -only resnet}
 * @param arms instead of the mode's own ones, or {@code null}: {@code -arms vector,scalar}
 * @param threads turns of {@code ThreadedBenchmark.threads}: {@code -threads 1,2}
 * @param rounds forks of each arm, or 0 for the mode's own number: {@code -rounds 5}
 * @param out results, instead of the mode's own file, or the report's folder, or {@code null}:
 *     {@code -out FILE}
 * @param text all of it as it was given
 */
public record Options(
    Pattern only, List<Arm> arms, String threads, int rounds, Path out, String text) {

  /** Reads options. */
  public static Options parse(List<String> args) {
    return parse(args, Runtime.getRuntime().availableProcessors());
  }

  /** On one processor, two threads would measure the scheduler unless somebody asks for it. */
  static Options parse(List<String> args, int processors) {
    Pattern only = Pattern.compile("");
    List<Arm> arms = null;
    String threads = processors == 1 ? "1" : "1,2";
    int rounds = 0;
    Path out = null;
    for (int i = 0; i < args.size(); i += 2) {
      String name = args.get(i);
      if (i + 1 == args.size()) {
        throw new IllegalArgumentException("option " + name + " has no value");
      }
      String value = args.get(i + 1);
      switch (name) {
        case "-only" -> only = Pattern.compile(value);
        case "-arms" -> arms = Arrays.stream(value.split(",")).map(Arm::of).toList();
        case "-threads" -> threads = value;
        case "-rounds" -> rounds = Integer.parseInt(value);
        case "-out" -> out = Path.of(value);
        default ->
            throw new IllegalArgumentException(
                "option is \"" + name + "\" but must be -only, -arms, -threads, -rounds or -out");
      }
    }
    return new Options(only, arms, threads, rounds, out, String.join(" ", args));
  }
}
