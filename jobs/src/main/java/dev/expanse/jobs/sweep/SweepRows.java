package dev.expanse.jobs.sweep;

import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.results.Circumstances;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** Makes rows of the sweep's tables. */
final class SweepRows {
  private final SweepSpec spec;
  private final Dataset dataset;
  private final Compute compute;
  private final int workers;
  private final HashMap<String, Object> circumstances;

  /** Rows of one sweep. */
  SweepRows(SparkSession session, SweepSpec spec, Dataset dataset, Compute compute, int workers) {
    this.spec = spec;
    this.dataset = dataset;
    this.compute = compute;
    this.workers = workers;
    this.circumstances = new HashMap<>(Circumstances.of(session));
  }

  /** The columns that every row of the process has. */
  HashMap<String, Object> circumstances() {
    return circumstances;
  }

  /** What is known of a configuration before it is trained. */
  Map<String, Object> identity(Configuration configuration) {
    var network = configuration.network();
    var row = new LinkedHashMap<String, Object>(circumstances);
    row.put("schema_version", SweepTable.SCHEMA_VERSION);
    row.put("key", configuration.key());
    row.put("configuration", configuration.id());
    row.put("training", configuration.training());
    row.put("network", network.name());
    row.put("network_hash", network.hash());
    row.put("network_hocon", network.toHocon());
    row.put("resolution", network.resolution());
    row.put("classes", network.classes());
    row.put("recipe", spec.recipeName());
    row.put("recipe_hocon", spec.recipe().toHocon());
    row.put("dataset", spec.dataset());
    row.put("dataset_fingerprint", dataset.fingerprint());
    row.put("seed", configuration.seed());
    row.put("train", spec.train().id());
    row.put("workers", workers);
    row.put("threads", compute.threads());
    row.put("engine", compute.engine().id());
    row.put("latency_batch", spec.latency().batches().get(0));
    row.put("latency_threads", spec.latency().threads().get(0));
    return row;
  }

  /** A row of the table {@code rung}. */
  Map<String, Object> rung(Configuration configuration, String key, int rung, Outcome outcome) {
    var row = new LinkedHashMap<String, Object>(circumstances);
    row.put("schema_version", RungTable.SCHEMA_VERSION);
    row.put("key", key);
    row.put("configuration", configuration.id());
    row.put("training", configuration.training());
    row.put("network", configuration.network().name());
    row.put("network_hash", configuration.network().hash());
    row.put("seed", configuration.seed());
    row.put("rung", rung);
    row.putAll(outcome.columns());
    return row;
  }

  /** What a network costs on paper. */
  static Map<String, Object> complexity(NetworkSpec network) {
    var complexity = Complexity.of(network.network());
    return Map.of(
        "macs", complexity.macs(),
        "params", complexity.parameters(),
        "activations", complexity.activations(),
        "weight_bytes", complexity.weightBytes(),
        "peak_activation_bytes", complexity.peakActivationBytes());
  }
}
