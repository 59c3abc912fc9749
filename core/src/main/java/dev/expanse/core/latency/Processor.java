package dev.expanse.core.latency;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the tasks of this process compute on. */
public final class Processor {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final Path NVIDIA = Path.of("/proc/driver/nvidia/gpus");

  private Processor() {}

  /** The processor's name where the system tells it (Linux), else its architecture. */
  public static String name() {
    return values(CPU_INFO, "model name").findFirst().orElse(System.getProperty("os.arch"));
  }

  /**
   * The processor's features by the names that Linux gives them, such as {@code avx2} and {@code
   * avx512f}; empty where the system does not tell.
   */
  public static List<String> features() {
    return values(CPU_INFO, "flags")
        .findFirst()
        .map(flags -> Arrays.asList(flags.split("\\s+")))
        .orElse(List.of());
  }

  /**
   * The name of NVIDIA's GPU where its driver tells it (Linux), else that it is one; of several
   * kinds of them, all.
   */
  public static String gpu() {
    return gpu(NVIDIA);
  }

  /**
   * The names that a driver tells.
   *
   * @param gpus has a folder of each GPU
   */
  static String gpu(Path gpus) {
    try (var folders = Files.list(gpus)) {
      var names =
          folders
              .flatMap(folder -> values(folder.resolve("information"), "Model"))
              .distinct()
              .sorted()
              .collect(Collectors.joining(" or "));
      return names.isEmpty() ? "NVIDIA GPU" : names;
    } catch (IOException e) {
      return "NVIDIA GPU"; // not Linux, or a container that does not show its driver
    }
  }

  /** The values of a key in a file of lines {@code key : value}; none if there is no such file. */
  private static Stream<String> values(Path file, String key) {
    try (var lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .toList()
          .stream();
    } catch (IOException | UncheckedIOException e) {
      return Stream.of();
    }
  }
}
