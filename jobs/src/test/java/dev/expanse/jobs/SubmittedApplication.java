package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * The application jar, submitted in a JVM of its own to a Spark that has nothing of ours on its
 * class path. What it prints, with Spark's own log, is in a file.
 */
final class SubmittedApplication implements AutoCloseable {
  /** What {@code package} made. */
  static final Path JAR = Path.of("target", "expanse.jar");

  // a process lives for seconds, in which the second compiler and threads that collect garbage take
  // more time than they save
  private static final String[] QUICK_START = {"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"};

  private static final long MINUTES = 5;
  private static final long PAUSE_MILLIS = 20;

  private final Process process;
  private final Path log;

  private SubmittedApplication(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Submits a job that runs two tasks at once in the driver's JVM. */
  static SubmittedApplication local(Path log, List<String> job) throws IOException {
    return local(log, Map.of(), job);
  }

  /** The same, with settings of Spark's. */
  static SubmittedApplication local(Path log, Map<String, String> settings, List<String> job)
      throws IOException {
    return submit(log, "local[2]", settings, Map.of(), job);
  }

  /** Submits a job to two executors, each a JVM with one core, started by workers in the driver. */
  static SubmittedApplication onTwoExecutors(Path log, Path sparkHome, List<String> job)
      throws IOException {
    return onTwoExecutors(log, sparkHome, Map.of(), job);
  }

  /** The same, with further settings of Spark's. */
  static SubmittedApplication onTwoExecutors(
      Path log, Path sparkHome, Map<String, String> settings, List<String> job) throws IOException {
    var memory = "-Dorg.bytedeco.javacpp.maxbytes=1g -Dorg.bytedeco.javacpp.maxphysicalbytes=3g";
    var conf = new HashMap<>(settings);
    conf.putAll(
        Map.of(
            "spark.executor.memory", "1g",
            "spark.executor.extraJavaOptions",
                memory + " " + String.join(" ", QUICK_START) + " " + temporary(log),
            // the first tasks wait for both, and later ones for their own, also on a busy machine
            "spark.scheduler.minRegisteredResourcesRatio", "1",
            "spark.scheduler.maxRegisteredResourcesWaitingTime", "300s",
            "spark.locality.wait", "60s"));
    var environment =
        Map.of(
            "SPARK_HOME", sparkHome.toString(),
            "SPARK_SCALA_VERSION", "2.12",
            "SPARK_LOCAL_HOSTNAME", "127.0.0.1");
    return submit(log, "local-cluster[2,1,1024]", conf, environment, job);
  }

  private static SubmittedApplication submit(
      Path log,
      String master,
      Map<String, String> conf,
      Map<String, String> environment,
      List<String> job)
      throws IOException {
    var command = new ArrayList<String>();
    command.addAll(List.of("--master", master, "--class", Expanse.class.getName()));
    command.addAll(List.of("--conf", "spark.ui.enabled=false"));
    command.addAll(List.of("--conf", "spark.driver.host=127.0.0.1"));
    conf.forEach((key, value) -> command.addAll(List.of("--conf", key + "=" + value)));
    command.add(JAR.toString());
    command.addAll(job);
    return start(log, "org.apache.spark.deploy.SparkSubmit", environment, command);
  }

  /** Starts a program of Spark's. */
  static SubmittedApplication start(
      Path log, String program, Map<String, String> environment, List<String> arguments)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    command.addAll(List.of(QUICK_START));
    command.add(temporary(log));
    command.addAll(List.of("-cp", String.join(File.pathSeparator, sparkJars()), program));
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().putAll(environment);
    return new SubmittedApplication(builder.redirectOutput(log.toFile()).start(), log);
  }

  /** Where a JVM puts what it leaves behind if it is killed: beside its log. */
  private static String temporary(Path log) throws IOException {
    return "-Djava.io.tmpdir=" + Files.createDirectories(log.resolveSibling("tmp"));
  }

  /** A home as executors need it: a folder with Spark's jars, named by one that has no more. */
  static Path sparkHome(Path folder) throws IOException {
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    var jars = sparkJars().stream().map(jar -> Path.of(jar).toUri().toString());
    manifest
        .getMainAttributes()
        .put(Attributes.Name.CLASS_PATH, jars.collect(Collectors.joining(" ")));
    var file = Files.createDirectories(folder.resolve("jars")).resolve("spark.jar");
    new JarOutputStream(Files.newOutputStream(file), manifest).close();
    return folder;
  }

  /** The tests' class path without the application's own libraries. */
  private static List<String> sparkJars() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar"))
        .filter(entry -> !entry.matches(".*/(dev/expanse|org/(deeplearning4j|nd4j|bytedeco))/.*"))
        .filter(entry -> !entry.matches(".*/(picocli|config|xchart|imageio-|ascii-table).*"))
        .filter(entry -> !entry.contains("/com/microsoft/onnxruntime/"))
        .filter(entry -> !entry.contains("expanse"))
        .toList();
  }

  /** What it has printed so far. */
  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The processes that it has started. */
  List<ProcessHandle> children() {
    return process.descendants().toList();
  }

  /** Waits until something has happened, which must be before it ends. */
  void await(String what, Callable<Boolean> happened) throws Exception {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
    while (true) {
      boolean alive = process.isAlive(); // asked first: it may end just when it has happened
      if (happened.call()) {
        return;
      }
      assertThat(alive).as("%s, before the end of%n%s", what, log()).isTrue();
      assertThat(System.nanoTime()).as("%s, in time%n%s", what, log()).isLessThan(end);
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** Waits so long, or less if it ends before; true if it has ended. */
  boolean endsWithin(long milliseconds) throws InterruptedException {
    return process.waitFor(milliseconds, TimeUnit.MILLISECONDS);
  }

  /** Waits for it to end by itself, with exit status 0. */
  void awaitSuccess() throws InterruptedException {
    assertThat(awaitEnd()).as(log()).isZero();
  }

  /** Waits for it to end by itself, and returns its exit status. */
  int awaitEnd() throws InterruptedException {
    assertThat(process.waitFor(MINUTES, TimeUnit.MINUTES)).as("ends in time%n%s", log()).isTrue();
    return process.exitValue();
  }

  /** Asks it to end, by {@code SIGTERM}, and waits until it has. */
  void terminate() {
    process.destroy();
    process.onExit().join();
  }

  /** Ends it at once, by {@code SIGKILL}. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Ends it, if it has not ended, and what it has started. */
  @Override
  public void close() {
    var children = children();
    kill();
    children.forEach(ProcessHandle::destroyForcibly);
  }
}
