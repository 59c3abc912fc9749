package dev.expanse.jobs.prepare;

import dev.expanse.jobs.data.Storage;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What the steps of a preparation work with.
 *
 * @param spark the session
 * @param staging a folder for what has to be unpacked before it can be read in any order; it is
 *     deleted in the end
 * @param tasks the least number of tasks that images are dealt to
 */
record Workplace(SparkSession spark, Path staging, int tasks) {
  private static final int IMAGES_A_TASK = 500;

  JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  Storage storage() {
    return new Storage(spark.sparkContext().hadoopConfiguration());
  }

  /** What a task makes its {@link Storage} of. */
  Broadcast<SerializableConfiguration> hadoop() {
    return context().broadcast(new SerializableConfiguration(context().hadoopConfiguration()));
  }

  /** How many tasks look at so many images. */
  int tasksFor(int images) {
    return Math.max(tasks, images / IMAGES_A_TASK);
  }
}
