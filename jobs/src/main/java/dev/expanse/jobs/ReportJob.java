package dev.expanse.jobs;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.report.SweepFigure;
import dev.expanse.jobs.report.SweepReport;
import dev.expanse.jobs.results.ResultTable;
import dev.expanse.jobs.sweep.SweepTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/**
 * What all sweeps have found.
 *
 * <pre>{@code ./submit-scripts/local.sh report}</pre>
 */
@Command(
    name = "report",
    description = "Shows the results of all sweeps as a table and draws them as a PNG figure.")
final class ReportJob extends SparkJob {
  private static final String FIGURE = "sweep.png";

  @Override
  int run(SparkSession session) {
    var table = new ResultTable(session, results(), SweepTable.NAME, SweepTable.SCHEMA);
    var rows = table.read().orderBy("macs", "started_at");
    if (rows.isEmpty()) {
      throw InvalidInputException.of(
          "--results = %s: expected the table that a sweep writes, but there is none", results());
    }
    print(rows, results());
    return 0;
  }

  /** Prints rows of {@link SweepTable} and draws them into the results folder. */
  static void print(Dataset<Row> rows, Path results) {
    var list = rows.collectAsList();
    System.out.println(new SweepReport(list).text());
    var figure = new SweepFigure(list);
    if (!figure.isEmpty()) {
      var file = new Path(results, FIGURE);
      draw(figure, new Storage(rows.sparkSession().sparkContext().hadoopConfiguration()), file);
      System.out.println("figure: " + file);
    }
    System.out.println("table: " + new Path(results, SweepTable.NAME));
  }

  private static void draw(SweepFigure figure, Storage storage, Path file) {
    try {
      var local = Files.createTempFile("expanse", ".png");
      try {
        figure.write(local);
        storage.write(file, Files.readAllBytes(local));
      } finally {
        Files.delete(local);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
