package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A script of {@code submit-scripts}, run to its end.
 *
 * @param status its exit status
 * @param out what it printed
 * @param err what it said
 */
record ScriptRun(int status, String out, String err) {
  private static final Path FOLDER = Path.of("..", "submit-scripts").toAbsolutePath().normalize();
  private static final long MINUTES = 10; // on a machine that is busy otherwise

  /** Where a script is. */
  static Path script(String name) {
    return FOLDER.resolve(name);
  }

  /** A process of a script that has begun, with files for what it prints and says. */
  record Begun(Process process, Path out, Path err) {
    /** Waits for its end. */
    ScriptRun end() throws InterruptedException, IOException {
      return end(() -> {});
    }

    /** Waits for its end, and looks at something ten times a second until then. */
    ScriptRun end(Runnable look) throws InterruptedException, IOException {
      long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
      while (!process.waitFor(100, TimeUnit.MILLISECONDS) && System.nanoTime() < deadline) {
        look.run();
      }
      boolean ended = !process.isAlive();
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
      }
      var run = new ScriptRun(process.exitValue(), Files.readString(out), Files.readString(err));
      assertThat(ended).as("ends in time%n%s", run).isTrue();
      return run;
    }
  }

  /** Begins a script in a folder, with what the environment has more than this process's. */
  static Begun begin(Path folder, Map<String, String> environment, String name, String... arguments)
      throws IOException {
    var command = new ArrayList<>(List.of("bash", script(name).toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    for (var foreign : List.of("MASTER", "SPARK_HOME", "SPARK_CONF_DIR", "HADOOP_CONF_DIR")) {
      builder.environment().remove(foreign);
    }
    builder.environment().putAll(environment);
    var out = Files.createTempFile(folder, "script-", ".out");
    var err = Files.createTempFile(folder, "script-", ".err");
    return new Begun(
        builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start(), out, err);
  }

  /** Runs a script to its end, see {@link #begin}. */
  static ScriptRun of(
      Path folder, Map<String, String> environment, String name, String... arguments)
      throws IOException, InterruptedException {
    return begin(folder, environment, name, arguments).end();
  }
}
