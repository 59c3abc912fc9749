package dev.expanse.jobs;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.compute.Inference;
import dev.expanse.jobs.preflight.Preflight;
import dev.expanse.jobs.sweep.LatencyTask;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How long one network takes to answer.
 *
 * <pre>{@code ./submit-scripts/local.sh latency --network ecnn --threads 1}</pre>
 */
@Command(
    name = "latency",
    description = "Measures how long a network, with fresh weights, takes to answer a query.")
final class LatencyJob extends SparkJob {
  @Mixin private NetworkOptions network;

  @Mixin private ComputeOptions computeOptions;

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "How many classes the network tells apart (default: its own).")
  private Integer classes;

  @Option(
      names = "--batch",
      defaultValue = "1",
      description = "Images a query (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--queries",
      defaultValue = "1024",
      description = "Queries that are counted, at least (default: ${DEFAULT-VALUE}).")
  private int queries;

  @Option(
      names = "--seconds",
      defaultValue = "0",
      description = "Seconds that they take together, at least (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--warm-up-seconds",
      defaultValue = "5",
      description = "Warm-up until latency is steady, at most so long (default: ${DEFAULT-VALUE}).")
  private double warmUpSeconds;

  @Option(
      names = "--patience-seconds",
      defaultValue = "10",
      description =
          "Seconds of queries that do not count because others use the machine; then all count"
              + " (default: ${DEFAULT-VALUE}).")
  private double patienceSeconds;

  @Override
  int run(SparkSession session) {
    var inference = computeOptions.chooseForInference(spark(session));
    var task = LatencyTask.read(inference.engine().id(), settings(inference));
    var spec = network.spec(classes);
    Preflight.of(spark(session), List.of(task.engine()), List.of())
        .require()
        .require(task.work(spec));
    print(spec, inference, task.run(spark(session), spec));
    return 0;
  }

  private Settings settings(Inference inference) {
    var hocon =
        String.format(
            Locale.ROOT,
            "batch = %d, threads = %d, queries = %d, seconds = %s, warm-up-seconds = %s,"
                + " patience-seconds = %s",
            batch,
            inference.threads(),
            queries,
            seconds,
            warmUpSeconds,
            patienceSeconds);
    return Settings.parse(hocon, "latency options");
  }

  private void print(NetworkSpec spec, Inference inference, LatencyTask.Measured measured) {
    var latency = measured.queries().latency();
    var load = measured.load();
    System.out.printf(
        Locale.ROOT,
        "%s, %d x %d, batch %d on %d thread(s), engine %s, %s%n",
        spec.name(),
        spec.resolution(),
        spec.resolution(),
        batch,
        inference.threads(),
        inference.engine().id(),
        measured.processor());
    System.out.printf(
        Locale.ROOT,
        "p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, mean %.2f ms ± %.2f, %.0f images/s"
            + " (%d queries after %d of warm-up%s%s)%n",
        latency.p50Ms(),
        latency.p90Ms(),
        latency.p99Ms(),
        latency.meanMs(),
        latency.deviationMs(),
        latency.imagesPerSecond(batch),
        latency.queries(),
        measured.queries().warmUpQueries(),
        measured.queries().steady() ? "" : ", not steady",
        disturbed(measured.queries().disturbedQueries()));
    System.out.printf(
        Locale.ROOT,
        "calibration %.3f ms before, %.3f ms after and %.3f ms at its fastest: noise %.1f%%;"
            + " %s of %d core(s) idle%n",
        measured.calibrationBeforeMs(),
        measured.calibrationAfterMs(),
        measured.calibrationFastestMs(),
        100 * measured.queries().noise(),
        load.coresIdle() == null ? "unknown" : String.format(Locale.ROOT, "%.1f", load.coresIdle()),
        load.cores());
  }

  private static String disturbed(int queries) {
    return queries == 0 ? "" : ", without %d that others disturbed".formatted(queries);
  }
}
