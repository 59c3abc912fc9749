package dev.expanse.jobs.results;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import org.apache.spark.sql.SparkSession;

/** The versions that a result was measured with. */
public final class Circumstances {
  private static final Properties BUILD = build();

  private Circumstances() {}

  /** The version of Expanse and the git revision that it was built from. */
  public static String version() {
    return BUILD.getProperty("version") + " (" + revision() + ")";
  }

  /** The columns that every result row has. */
  public static Map<String, Object> of(SparkSession spark) {
    return Map.of(
        "git_revision", revision(),
        "spark_version", spark.version(),
        "dl4j_version", BUILD.getProperty("deeplearning4j"),
        "java_version", Runtime.version().toString());
  }

  private static String revision() {
    var revision = BUILD.getProperty("revision");
    return revision.startsWith("$") ? "unknown" : revision; // built outside a git checkout
  }

  private static Properties build() {
    try (var in = Circumstances.class.getResourceAsStream("/dev/expanse/jobs/build.properties")) {
      var build = new Properties();
      build.load(in);
      return build;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
