package dev.expanse.jobs.preflight;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;

/**
 * How much memory a process may have, in bytes.
 *
 * @param heap of Java
 * @param tracked outside of the heap, as JavaCPP counts its own buffers ({@code maxbytes}); 0 for
 *     no limit
 * @param physical of the whole process, beyond which JavaCPP allocates no more ({@code
 *     maxphysicalbytes}); 0 for no limit
 * @param container of the container, or of the machine if that is less, beyond which the system
 *     ends the process; 0 where nothing tells
 */
record MemoryLimits(long heap, long tracked, long physical, long container)
    implements Serializable {
  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

  /** A limit above this is how the system says that there is none. */
  private static final long UNLIMITED = 1L << 50;

  /**
   * Those of this process.
   *
   * @param granted what the cluster manager gives its container, as Spark has asked for; 0 if
   *     nothing is known of that
   */
  static MemoryLimits here(long granted) {
    var container =
        Stream.of(granted, controlGroup(), machine())
            .filter(bytes -> bytes > 0)
            .mapToLong(bytes -> bytes)
            .min();
    return new MemoryLimits(
        Runtime.getRuntime().maxMemory(),
        Pointer.maxBytes(),
        Pointer.maxPhysicalBytes(),
        container.orElse(0));
  }

  /** The least of the control groups that this process is in (versions 2 and 1); else 0. */
  private static long controlGroup() {
    var files = new ArrayList<Path>();
    files.add(CGROUPS.resolve("memory/memory.limit_in_bytes"));
    for (var group = ownGroup(); group != null; group = group.getParent()) {
      files.add(CGROUPS.resolve("." + group).resolve("memory.max"));
    }
    return files.stream()
        .map(MemoryLimits::number)
        .flatMapToLong(OptionalLong::stream)
        .filter(bytes -> bytes < UNLIMITED)
        .min()
        .orElse(0);
  }

  private static Path ownGroup() {
    try (var lines = Files.lines(Path.of("/proc/self/cgroup"))) {
      return lines
          .filter(line -> line.startsWith("0::/"))
          .map(line -> Path.of(line.substring(3)))
          .findFirst()
          .orElse(Path.of("/"));
    } catch (IOException e) {
      return Path.of("/"); // not Linux
    }
  }

  private static long machine() {
    return Pointer.totalPhysicalBytes();
  }

  private static OptionalLong number(Path file) {
    try {
      var text = Files.readString(file).strip();
      return text.equals("max") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
    } catch (IOException e) {
      return OptionalLong.empty(); // there is no such group
    }
  }
}
