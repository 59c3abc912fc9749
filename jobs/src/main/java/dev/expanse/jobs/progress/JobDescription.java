package dev.expanse.jobs.progress;

import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * What Spark's pages and event log say that the jobs of a thread are for: parts from the whole
 * application's work down to the job's own, such as {@code sweep, ecnn, seed 1, epoch 2, round 14
 * of 96}. Threads that are started meanwhile begin with the description of the one that starts
 * them.
 */
public final class JobDescription {
  /** What Spark keeps it under, which it has a setter of, but no getter. */
  private static final String PROPERTY = "spark.job.description";

  private JobDescription() {}

  /**
   * Does work whose jobs are described by one more part.
   *
   * @return what {@code work} returns
   */
  public static <T> T during(JavaSparkContext spark, String part, Supplier<T> work) {
    return during(spark.sc(), part, work);
  }

  /** The same of a session. */
  public static <T> T during(SparkSession spark, String part, Supplier<T> work) {
    return during(spark.sparkContext(), part, work);
  }

  private static <T> T during(SparkContext spark, String part, Supplier<T> work) {
    var outer = current(spark);
    spark.setJobDescription(joined(outer, part));
    try {
      return work.get();
    } finally {
      spark.setJobDescription(outer);
    }
  }

  /** The description of this thread's jobs; null if they have none. */
  public static String current(JavaSparkContext spark) {
    return current(spark.sc());
  }

  private static String current(SparkContext spark) {
    return spark.getLocalProperty(PROPERTY);
  }

  /**
   * A description with one more part.
   *
   * @param outer the other parts, or null
   */
  public static String joined(String outer, String part) {
    return outer == null ? part : outer + ", " + part;
  }
}
