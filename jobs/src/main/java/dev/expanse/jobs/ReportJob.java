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
import java.nio.charset.StandardCharsets;
import java.util.List;
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

  @Option(
      names = "--baseline",
      paramLabel = "NETWORK",
      description = "Compare the top-1 of all others with this one's (default: the sweep's).")
  private String baseline;

  @Override
  int run(SparkSession session) {
    var spec =
        Optional.ofNullable(sweep)
            .map(name -> SweepSpec.read(ConfigurationFiles.read("sweeps", name)));
    var filter = new SweepFilter(spec, Optional.ofNullable(dataset), Optional.ofNullable(recipe));
    var table = new ResultTable(session, results(), SweepTable.NAME, SweepTable.SCHEMA).read();
    var rows = table.orderBy("started_at").collectAsList();
    if (rows.isEmpty()) {
      throw InvalidInputException.of(
          "--results = %s: expected the table that a sweep writes, but there is none", results());
    }
    var kept = filter.of(rows);
    if (baseline != null) {
      SweepFilter.requireNetwork("--baseline", baseline, kept);
    }
    var compared = Optional.ofNullable(baseline).or(() -> spec.flatMap(SweepSpec::baseline));
    print(table, kept, compared, results());
    return 0;
  }

  /**
   * Prints rows of {@link SweepTable}, the oldest first, and writes figures, CSV and page to the
   * results folder.
   *
   * @param table what the rows are of
   */
  static void print(Dataset<Row> table, List<Row> rows, Optional<String> baseline, Path results) {
    var session = table.sparkSession();
    var storage = new Storage(session.sparkContext().hadoopConfiguration());
    var comparisons = Comparison.of(rows, LatencyRows.read(session, results));
    System.out.println(new SweepReport(comparisons, baseline).text());
    for (int i = 0; i < comparisons.size(); i++) {
      var figure = new SweepFigure(comparisons.get(i), baseline);
      if (!figure.isEmpty()) {
        var file = new Path(results, i == 0 ? "sweep.png" : "sweep-" + (i + 1) + ".png");
        new FigureFile(storage, file).write(figure::write);
        System.out.println("figure: " + file);
      }
    }
    var page = new Path(results, "report.html");
    storage.write(
        page, new ReportPage(comparisons, baseline).html().getBytes(StandardCharsets.UTF_8));
    var csv = new Path(results, "report.csv");
    var text = new CsvTable(table.schema(), rows).text();
    storage.write(csv, text.getBytes(StandardCharsets.UTF_8));
    System.out.println("page: " + page);
    System.out.println("table: " + new Path(results, SweepTable.NAME) + ", " + csv);
  }
}
