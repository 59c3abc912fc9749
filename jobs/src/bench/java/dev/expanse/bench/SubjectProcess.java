package dev.expanse.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A subject in a JVM of its own, where its native libraries meet no others and its memory is only
 * its own. All that its libraries say is kept until the process ends, for the case that it fails.
 */
final class SubjectProcess implements AutoCloseable {
  private static final int LAST_LINES = 15;

  private final String name;
  private final Process process;
  private final Path log;
  private final PrintWriter requests;
  private final BufferedReader answers;

  private SubjectProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
    requests = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts it and waits until the subject is made. */
  static <K> SubjectProcess start(K kind, Workload<K> workload) {
    var command =
        command(SubjectMain.class, workload.jvmOptions(), SubjectMain.arguments(kind, workload));
    return start(kind.toString(), command, environment(workload.threads()));
  }

  /**
   * The C library keeps what is freed for the next call: PyTorch takes and frees each feature map,
   * and otherwise spends most of its time where the system takes pages away and brings others.
   */
  private static Map<String, String> environment(int threads) {
    return Map.of(
        "OMP_NUM_THREADS", String.valueOf(threads),
        "MALLOC_ARENA_MAX", "1", // the arena of a thread of its own keeps no large blocks
        "MALLOC_MMAP_MAX_", "0",
        "MALLOC_TRIM_THRESHOLD_", "-1",
        "OPT_OUT_TRACKING", "true"); // DJL reports its use otherwise
  }

  /** Starts a program that answers requests as {@link SubjectMain} does, and waits till it can. */
  static SubjectProcess start(String name, List<String> command, Map<String, String> environment) {
    try {
      var log = Files.createTempFile("expanse-bench-" + name, ".log");
      log.toFile().deleteOnExit(); // should the benchmark be interrupted
      var builder = new ProcessBuilder(command).redirectError(log.toFile());
      builder.environment().putAll(environment);
      var subject = new SubjectProcess(name, builder.start(), log);
      try {
        subject.answer();
      } catch (RuntimeException e) {
        subject.close();
        throw e;
      }
      return subject;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A JVM like this one, on the same class path, with another main class. */
  static List<String> command(Class<?> main, List<String> jvmOptions, List<String> arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx4g");
    command.addAll(jvmOptions);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(arguments);
    return command;
  }

  /**
   * Calls that do not count.
   *
   * @throws TaskRefusedException if the subject cannot do that task
   */
  void warmUp(Task task) {
    done(SubjectMain.WARM_UP + " " + task);
  }

  /**
   * A turn of so many milliseconds, one call at least: the milliseconds of each call.
   *
   * @throws TaskRefusedException if the subject cannot do that task
   */
  List<Double> measure(Task task, long turn) {
    return Stream.of(done(SubjectMain.MEASURE + " " + task + " " + turn).split(" "))
        .map(Double::valueOf)
        .toList();
  }

  private String done(String request) {
    var answer = ask(request);
    if (answer.startsWith(SubjectMain.REFUSED)) {
      throw new TaskRefusedException(answer.substring(SubjectMain.REFUSED.length()).strip());
    }
    return answer;
  }

  /** The most memory that was resident so far, in kilobytes; 0 where nobody counts. */
  long peakKilobytes() {
    return Long.parseLong(ask(SubjectMain.PEAK_MEMORY));
  }

  /** What it answers to a line. */
  String ask(String request) {
    requests.println(request);
    return answer();
  }

  private String answer() {
    try {
      for (var line = answers.readLine(); line != null; line = answers.readLine()) {
        int start = line.indexOf(SubjectMain.ANSWER);
        if (start >= 0) {
          return line.substring(start + SubjectMain.ANSWER.length()).strip();
        }
      }
      throw new SubjectFailedException(
          "%s ended with status %d; its last words:\n%s"
              .formatted(name, process.waitFor(), lastWords()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while " + name + " ended", e);
    }
  }

  /** From the exception on that ended it, if one did: a stack may be longer than what is shown. */
  private String lastWords() throws IOException {
    var lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
    int from = Math.max(0, lines.size() - LAST_LINES);
    for (int i = 0; i < from; i++) {
      from = lines.get(i).startsWith("Exception in thread") ? i : from;
    }
    return lines.stream().skip(from).limit(LAST_LINES).collect(Collectors.joining("\n"));
  }

  /** Ends the process: nothing that is still going on there is wanted. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
    try {
      Files.deleteIfExists(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
