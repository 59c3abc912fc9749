package dev.expanse.jobs;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.ConfigurationFiles;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.report.Comparison;
import dev.expanse.jobs.report.CsvTable;
import dev.expanse.jobs.report.LatencyRows;
import dev.expanse.jobs.report.ReportPage;
import dev.expanse.jobs.report.SweepFigure;
import dev.expanse.jobs.report.SweepFilter;
import dev.expanse.jobs.report.SweepReport;
import dev.expanse.jobs.results.ResultTable;
import dev.expanse.jobs.sweep.SweepSpec;
import dev.expanse.jobs.sweep.SweepTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What all sweeps have found.
 *
 * <pre>{@code ./submit-scripts/local.sh report}</pre>
 */
@Command(
    name = "report",
    description = {
      "Shows the results of all sweeps: as a table here, a PNG figure for each group of rows that",
      "can be compared, report.csv, and report.html, a page for a browser."
    })
final class ReportJob extends SparkJob {
  @Option(
      names = "--sweep",
      paramLabel = "NAME|FILE",
      description = "Only the configurations of a sweep of conf/sweeps, or of a .conf file.")
  private String sweep;

  @Option(
      names = "--dataset",
      paramLabel = "PATH",
      description = "Only what was measured on this dataset, as the sweep named it.")
  private String dataset;

  @Option(
      names = "--recipe",
      paramLabel = "NAME|FILE",
      description = "Only what was trained with this recipe, as the sweep named it.")
  private String recipe;

  @Override
  int run(SparkSession session) {
    var filter =
        new SweepFilter(
            Optional.ofNullable(sweep)
                .map(name -> SweepSpec.read(ConfigurationFiles.read("sweeps", name))),
            Optional.ofNullable(dataset),
            Optional.ofNullable(recipe));
    var rows = new ResultTable(session, results(), SweepTable.NAME, SweepTable.SCHEMA).read();
    if (rows.isEmpty()) {
      throw InvalidInputException.of(
          "--results = %s: expected the table that a sweep writes, but there is none", results());
    }
    print(rows, filter, results());
    return 0;
  }

  /** Prints rows of {@link SweepTable} and writes figures, CSV and page to the results folder. */
  static void print(Dataset<Row> rows, Path results) {
    print(rows, SweepFilter.ALL, results);
  }

  private static void print(Dataset<Row> rows, SweepFilter filter, Path results) {
    var session = rows.sparkSession();
    var storage = new Storage(session.sparkContext().hadoopConfiguration());
    var list = filter.of(rows.orderBy("started_at").collectAsList());
    var timed = LatencyRows.read(session, results);
    System.out.println(new SweepReport(list, timed).text());
    var comparisons = Comparison.of(list, timed);
    for (int i = 0; i < comparisons.size(); i++) {
      var figure = new SweepFigure(comparisons.get(i));
      if (!figure.isEmpty()) {
        var file = new Path(results, i == 0 ? "sweep.png" : "sweep-" + (i + 1) + ".png");
        draw(figure, storage, file);
        System.out.println("figure: " + file);
      }
    }
    var page = new Path(results, "report.html");
    storage.write(page, new ReportPage(comparisons).html().getBytes(StandardCharsets.UTF_8));
    var csv = new Path(results, "report.csv");
    var text = new CsvTable(rows.schema(), list).text();
    storage.write(csv, text.getBytes(StandardCharsets.UTF_8));
    System.out.println("page: " + page);
    System.out.println("table: " + new Path(results, SweepTable.NAME) + ", " + csv);
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
