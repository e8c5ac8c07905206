package io.github.lanewise.jmh.run;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/**
 * The content of a file of results.
 *
 * @param machine processor, cores, memory and system
 * @param jdk the JDK of the forks
 * @param date the day in UTC
 * @param command what repeats it
 * @param rounds how many were planned
 * @param roundsDone how many of them are whole
 * @param arms what each arm said it computes with
 * @param failures what could not be measured, and why
 * @param measurements in the order in which they were taken
 */
public record Results(
    String machine,
    String jdk,
    String date,
    String command,
    int rounds,
    int roundsDone,
    List<String> arms,
    List<String> failures,
    List<Measurement> measurements) {

  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

  /** Results of this machine and day. */
  static Results of(
      String command,
      int rounds,
      int roundsDone,
      List<String> arms,
      List<String> failures,
      List<Measurement> measurements) {
    return new Results(
        thisMachine(),
        System.getProperty("java.vendor.version", "") + " " + Runtime.version(),
        LocalDate.now(ZoneOffset.UTC).toString(),
        command,
        rounds,
        roundsDone,
        arms,
        failures,
        measurements);
  }

  private static String thisMachine() {
    var system =
        ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
    return processor()
        + ", "
        + system.getAvailableProcessors()
        + " cores, "
        + Math.round(system.getTotalMemorySize() / 0x1p30)
        + " GB, "
        + system.getName()
        + " "
        + system.getVersion();
  }

  private static String processor() {
    Path info = Path.of("/proc/cpuinfo");
    if (Files.isReadable(info)) {
      try (var lines = Files.lines(info)) {
        return lines
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse(System.getProperty("os.arch"));
      } catch (IOException e) {
        return System.getProperty("os.arch");
      }
    }
    return System.getProperty("os.arch");
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it is not what {@link #write} wrote, such as an empty file
   */
  public static Results read(Path file) throws IOException {
    Results results;
    try {
      results = GSON.fromJson(Files.readString(file), Results.class);
    } catch (JsonParseException e) {
      throw new IllegalArgumentException(
          file + " is no file of results, or a part of one: " + e.getMessage(), e);
    }
    if (results == null
        || results.arms == null
        || results.failures == null
        || results.measurements == null) {
      throw new IllegalArgumentException(
          file + " is no file of results: it lacks arms, failures or measurements");
    }
    return results;
  }

  /** Writes a file as a whole: whoever reads it meanwhile sees the old one. */
  void write(Path file) throws IOException {
    Path whole = file.toAbsolutePath();
    Files.createDirectories(whole.getParent());
    Path temporary = whole.resolveSibling(whole.getFileName() + ".tmp");
    Files.writeString(temporary, GSON.toJson(this) + "\n");
    Files.move(temporary, whole, StandardCopyOption.REPLACE_EXISTING);
  }
}
