package dev.expanse.jobs.report;

import dev.expanse.jobs.sweep.SweepTable;
import java.sql.Timestamp;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.types.StructType;

/** Rows such as sweeps write, without a sweep. */
public final class SweepRows {
  private SweepRows() {}

  /** A row of a network that was measured; {@code changes} replace or, with null, remove cells. */
  public static Row of(String network, long macs, double top1, double p50, Object... changes) {
    var cells = new HashMap<String, Object>();
    cells.put("network", network);
    cells.put("network_hash", "hash of " + network);
    cells.put("network_hocon", "name = " + network + "\nfamily = test\n");
    cells.put("resolution", 64);
    cells.put("classes", 100);
    cells.put("recipe", "quick");
    cells.put("recipe_hocon", "epochs = 1");
    cells.put("dataset", "sample");
    cells.put("dataset_fingerprint", "f");
    cells.put("seed", 1L);
    cells.put("workers", 2);
    cells.put("threads", 1);
    cells.put("macs", macs);
    cells.put("params", macs / 10);
    cells.put("activations", macs / 100);
    cells.put("weight_bytes", macs / 5);
    cells.put("peak_activation_bytes", macs / 50);
    cells.put("images_seen", 1000L);
    cells.put("val_images", 788L);
    cells.put("top1", top1);
    cells.put("top1_standard_error", 0.015);
    cells.put("top5", 2 * top1);
    cells.put("chance", 0.019);
    cells.put("engine", "onednn");
    cells.put("latency_batch", 1);
    cells.put("latency_threads", 1);
    cells.put("latency_p50_ms", p50);
    cells.put("latency_p90_ms", 2 * p50);
    cells.put("latency_cpu", "a CPU");
    cells.put("status", SweepTable.OK);
    cells.put("started_at", new Timestamp(1_000_000));
    cells.put("seconds", 60.0);
    return row(SweepTable.SCHEMA, cells, changes);
  }

  /** A row of a network that failed. */
  public static Row failed(String network, String error) {
    return of(
        network,
        5_000_000,
        0,
        0,
        "top1",
        null,
        "latency_p50_ms",
        null,
        "status",
        SweepTable.FAILED,
        "error",
        error);
  }

  /** A row of the table of latencies, of a query on one thread. */
  static Row timed(String network, String engine, int batch, double p50, Object... changes) {
    var cells = new HashMap<String, Object>();
    cells.put("network_hash", "hash of " + network);
    cells.put("engine", engine);
    cells.put("batch", batch);
    cells.put("threads", 1);
    cells.put("cpu", "a CPU");
    cells.put("p50_ms", p50);
    cells.put("p90_ms", p50);
    return row(LatencyRows.columns(), cells, changes);
  }

  /** A row of a schema, its cells by their columns, and more of them in pairs. */
  static Row row(StructType schema, Map<String, Object> cells, Object... changes) {
    var all = new HashMap<>(cells);
    for (int i = 0; i < changes.length; i += 2) {
      all.put((String) changes[i], changes[i + 1]);
    }
    var values = Arrays.stream(schema.fieldNames()).map(all::get).toArray();
    return new GenericRowWithSchema(values, schema);
  }
}
