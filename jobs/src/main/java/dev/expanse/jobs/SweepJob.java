package dev.expanse.jobs;

import static org.apache.spark.sql.functions.col;

import dev.expanse.jobs.data.ConfigurationFiles;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.sweep.Sweep;
import dev.expanse.jobs.sweep.SweepSpec;
import dev.expanse.jobs.sweep.SweepTable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * The main job: complexity, training, evaluation and latency of every configuration of a sweep.
 *
 * <pre>{@code ./submit-scripts/local.sh sweep}</pre>
 */
@Command(
    name = "sweep",
    description = {
      "Trains, evaluates and times every configuration of a sweep, each a row in Parquet.",
      "Run again, it measures only what has no row yet.",
      "Ends with status 1 if no configuration at all could be measured."
    })
final class SweepJob extends SparkJob {
  @Parameters(
      arity = "0..1",
      paramLabel = "NAME|FILE",
      defaultValue = "sample",
      description = "A sweep of conf/sweeps, or a .conf file (default: ${DEFAULT-VALUE}).")
  private String sweep;

  @Override
  int run(SparkSession session) {
    var spec = SweepSpec.read(ConfigurationFiles.read("sweeps", sweep));
    new Storage(spark(session).hadoopConfiguration()).requireWritable(results());
    var dataset = Dataset.open(session, spec.dataset(), results());
    var run = new Sweep(session, spec, dataset, results());
    var keys = run.run();
    var table = run.table().read().where(col("key").isin(keys.toArray())).orderBy("started_at");
    var rows = table.collectAsList();
    ReportJob.print(table, rows, spec.baseline(), results());
    // a failed configuration is a result; a sweep of nothing else has failed
    return rows.stream().anyMatch(row -> SweepTable.OK.equals(row.getAs("status"))) ? 0 : 1;
  }
}
