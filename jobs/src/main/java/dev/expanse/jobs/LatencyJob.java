package dev.expanse.jobs;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.InitialWeights;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.sweep.LatencyTask;
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
  private static final long SEED = 1;

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
      names = "--warm-up",
      defaultValue = "20",
      description = "Queries before those that are counted (default: ${DEFAULT-VALUE}).")
  private int warmUp;

  @Option(
      names = "--queries",
      defaultValue = "200",
      description = "Queries that are counted (default: ${DEFAULT-VALUE}).")
  private int queries;

  @Override
  int run(SparkSession session) {
    var inference = computeOptions.chooseForInference(spark(session));
    Compute.checkAlone(spark(session), inference.threads());
    var settings =
        String.format(
            "batch = %d, threads = %d, warm-up = %d, queries = %d",
            batch, inference.threads(), warmUp, queries);
    var task = LatencyTask.read(Settings.parse(settings, "latency options"));
    var spec = network.spec(classes);
    var weights = InitialWeights.draw(spec.network(), SEED);
    var measured = task.run(spark(session), spec, weights, inference.engine());
    var latency = measured.latency();
    System.out.printf(
        Locale.ROOT,
        "%s, %d x %d, batch %d on %d thread(s), engine %s, %s%n"
            + "p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, mean %.2f ms ± %.2f (%d queries)%n",
        spec.name(),
        spec.resolution(),
        spec.resolution(),
        batch,
        inference.threads(),
        inference.engine().id(),
        measured.cpu(),
        latency.p50Ms(),
        latency.p90Ms(),
        latency.p99Ms(),
        latency.meanMs(),
        latency.deviationMs(),
        latency.queries());
    return 0;
  }
}
