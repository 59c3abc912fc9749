package dev.expanse.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The resident size of a JVM of its own, whose heap is fixed and touched, so that what grows is not
 * the heap. A claim about it is a main class that calls {@link #report} at the moments compared.
 */
public final class ResidentSize {
  private static final String MARK = "resident kilobytes: ";

  private ResidentSize() {}

  /** Prints the resident size of this process. */
  public static void report() throws IOException {
    long kilobytes =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow();
    System.out.println(MARK + kilobytes);
  }

  /** Runs a main class in a new JVM and returns what it reported, in kilobytes. */
  public static List<Long> of(Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(List.of("-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC"));
    // kept small and full at once, so that compiled code does not look like a leak
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", classPath(), main.getName()));
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
    return output
        .lines()
        .filter(line -> line.startsWith(MARK))
        .map(line -> Long.parseLong(line.substring(MARK.length())))
        .toList();
  }

  private static String classPath() {
    // Surefire's own class path is one jar with a manifest
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
