package dev.expanse.jobs;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.progress.JobDescription;
import dev.expanse.jobs.results.Compaction;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/**
 * Fewer files, the same rows.
 *
 * <pre>{@code ./submit-scripts/local.sh compact}</pre>
 */
@Command(
    name = "compact",
    description = {
      "Merges the many small files of the result tables into one file a run.",
      "No row is lost or doubled, whenever it is killed; run again, it goes on.",
      "Sweeps and trainings may go on meanwhile."
    })
final class CompactJob extends SparkJob {
  @Override
  int run(SparkSession session) {
    var storage = new Storage(spark(session).hadoopConfiguration());
    var tables = Compaction.tables(storage, results());
    if (tables.isEmpty()) {
      throw InvalidInputException.of(
          "--results = %s: expected the tables that a sweep writes, but there are none", results());
    }
    for (var table : tables) {
      var outcome =
          JobDescription.during(session, table.getName(), new Compaction(session, table)::run);
      System.out.printf(
          "%s: %d runs, %d files before, %d now%n",
          table.getName(), outcome.runs(), outcome.before(), outcome.after());
    }
    return 0;
  }
}
