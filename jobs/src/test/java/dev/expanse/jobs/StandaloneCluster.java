package dev.expanse.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The cluster that {@code standalone.sh start} begins.
 *
 * @param folder where jobs begin, and the cluster keeps what it keeps
 */
record StandaloneCluster(Path folder) {
  // processes live for seconds, in which the second compiler takes more time than it saves; the
  // workers' executors have it from them
  private static final String QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

  private static final Pattern DAEMON = Pattern.compile("(\\S+): process (\\d+), log .*");

  /** A process that computes for a job, started by a worker. */
  record Executor(ProcessHandle process, String id, Path log) {
    /** How many tasks it has begun. */
    long tasks() {
      return content(log).lines().filter(line -> line.contains(" Running task ")).count();
    }
  }

  ScriptRun run(String... arguments) throws IOException, InterruptedException {
    return begin(arguments).end();
  }

  ScriptRun.Begun begin(String... arguments) throws IOException {
    var environment =
        Map.of("EXPANSE_CLUSTER", cluster().toString(), "JAVA_TOOL_OPTIONS", QUICK_START);
    return ScriptRun.begin(folder, environment, "standalone.sh", arguments);
  }

  /** The daemons' process numbers by their names, as {@code status} has them. */
  static Map<String, Long> daemons(ScriptRun status) {
    return DAEMON
        .matcher(status.out())
        .results()
        .collect(Collectors.toMap(found -> found.group(1), found -> Long.valueOf(found.group(2))));
  }

  /** The executors of the job that runs. */
  List<Executor> executors() {
    return List.of(1, 2).stream().flatMap(worker -> executors(worker).stream()).toList();
  }

  private List<Executor> executors(int worker) {
    return process(worker).stream()
        .flatMap(ProcessHandle::children)
        .flatMap(child -> executor(worker, child).stream())
        .toList();
  }

  private Optional<ProcessHandle> process(int worker) {
    var file = cluster().resolve("worker-" + worker + ".pid");
    return Files.exists(file)
        ? ProcessHandle.of(Long.parseLong(content(file).strip()))
        : Optional.empty();
  }

  private Optional<Executor> executor(int worker, ProcessHandle process) {
    var words = commandLine(process);
    int id = words.indexOf("--executor-id");
    int application = words.indexOf("--app-id");
    if (id < 0 || application < 0) {
      return Optional.empty(); // it has ended, or not begun with its own
    }
    var name = words.get(id + 1);
    var log =
        cluster()
            .resolve("work/" + worker)
            .resolve(words.get(application + 1))
            .resolve(name)
            .resolve("stderr");
    return Optional.of(new Executor(process, name, log));
  }

  /** In Linux's own folder, for Java cuts long ones. */
  private static List<String> commandLine(ProcessHandle process) {
    return List.of(content(Path.of("/proc", String.valueOf(process.pid()), "cmdline")).split("\0"));
  }

  private Path cluster() {
    return folder.resolve("cluster");
  }

  /** Empty for the file of a process that has just ended or begun. */
  private static String content(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      if (file.startsWith("/proc")) {
        return ""; // the process ended while it was read
      }
      throw new UncheckedIOException(e);
    }
  }
}
