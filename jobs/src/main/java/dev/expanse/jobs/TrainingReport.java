package dev.expanse.jobs;

import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.report.LearningCurves;
import dev.expanse.jobs.training.TrainingLog;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;

/** The learning curves of a training, read from its tables: also of what earlier processes did. */
record TrainingReport(TrainingLog log, String training) {
  /** Draws them as a PNG file. */
  void write(Storage storage, Path file) {
    new FigureFile(storage, file).write(new LearningCurves(rounds(), evaluations())::write);
  }

  private List<LearningCurves.Round> rounds() {
    return rows(log.rounds().read()).stream()
        .map(
            row ->
                new LearningCurves.Round(
                    row.getAs("images_seen"), row.getAs("loss"), row.getAs("learning_rate")))
        .toList();
  }

  private List<LearningCurves.Evaluated> evaluations() {
    return rows(log.evaluations().evaluations().read()).stream()
        .map(row -> new LearningCurves.Evaluated(row.getAs("images_seen"), row.getAs("top1")))
        .toList();
  }

  private List<Row> rows(org.apache.spark.sql.Dataset<Row> table) {
    return table
        .filter(table.col("training").equalTo(training))
        .dropDuplicates("round")
        .orderBy("round")
        .collectAsList();
  }
}
