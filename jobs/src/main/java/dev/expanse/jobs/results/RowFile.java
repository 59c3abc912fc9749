package dev.expanse.jobs.results;

import dev.expanse.jobs.data.Storage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.Job;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.execution.datasources.parquet.ParquetWriteSupport;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Map$;

/**
 * A Parquet file of a few rows, as a task of Spark's would write it, but in this process, without a
 * job: that takes a third of a second and the time of an executor, often for one row.
 */
final class RowFile {
  private RowFile() {}

  /** Writes rows to a new file of a folder, which has its name only when it is whole. */
  static void write(SparkSession spark, Path folder, StructType schema, List<Row> rows) {
    var settings = settings(spark, folder, schema);
    var codec = CompressionCodecName.fromConf(settings.get(ParquetOutputFormat.COMPRESSION));
    var name = "part-" + UUID.randomUUID() + codec.getExtension() + ".parquet";
    var toCatalyst = CatalystTypeConverters.createToCatalystConverter(schema);
    new Storage(settings)
        .writeDurably(
            new Path(folder, name),
            out -> {
              try (var writer =
                  new Builder(out).withConf(settings).withCompressionCodec(codec).build()) {
                for (var row : rows) {
                  writer.write((InternalRow) toCatalyst.apply(row));
                }
              }
            });
  }

  /** What Spark tells its own writers of Parquet: the schema, the codec, how times are written. */
  private static Configuration settings(SparkSession spark, Path folder, StructType schema) {
    try {
      var job = Job.getInstance(spark.sessionState().newHadoopConf());
      new ParquetFileFormat().prepareWrite(spark, job, Map$.MODULE$.empty(), schema);
      return job.getConfiguration();
    } catch (IOException e) {
      throw Storage.failed(folder, e);
    }
  }

  private static final class Builder extends ParquetWriter.Builder<InternalRow, Builder> {
    private Builder(OutputStream out) {
      super(new StreamFile(out));
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    protected WriteSupport<InternalRow> getWriteSupport(Configuration settings) {
      return new ParquetWriteSupport();
    }
  }
}
