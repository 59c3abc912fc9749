package dev.expanse.jobs.results;

import dev.expanse.jobs.data.Storage;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Map$;

/**
 * A Parquet file of a few rows, written in this process as a task of Spark's would write it, but
 * without a job: that takes a third of a second and the time of an executor, often for one row.
 */
final class RowFile {
  private RowFile() {}

  /** Writes rows to a new file of a folder, which has its name only when it is whole. */
  static void write(SparkSession spark, Path folder, StructType schema, List<Row> rows) {
    try {
      var job = Job.getInstance(spark.sessionState().newHadoopConf());
      var writers = new ParquetFileFormat().prepareWrite(spark, job, Map$.MODULE$.empty(), schema);
      var task = new TaskAttemptContextImpl(job.getConfiguration(), new TaskAttemptID());
      var name = "part-" + UUID.randomUUID() + writers.getFileExtension(task);
      var file = new Path(folder, name);
      var aside = Storage.aside(file);
      var toCatalyst = ExpressionEncoder.apply(schema).createSerializer();
      var writer = writers.newInstance(aside.toString(), schema, task);
      try {
        rows.forEach(row -> writer.write(toCatalyst.apply(row)));
      } finally {
        writer.close();
      }
      new Storage(job.getConfiguration()).rename(aside, file);
    } catch (IOException e) {
      throw Storage.failed(folder, e);
    }
  }
}
