package dev.expanse.jobs;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.DatasetWriter;
import dev.expanse.jobs.data.Storage;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Image folder to dataset.
 *
 * <pre>{@code ./submit-scripts/local.sh prepare --input imagenet100 --output datasets/imagenet100}
 * </pre>
 */
@Command(
    name = "prepare",
    description = "Writes a folder of images, split/class/file, as a dataset of Parquet shards.")
final class PrepareJob extends SparkJob {
  private static final Logger LOG = LoggerFactory.getLogger(PrepareJob.class);
  private static final int LISTED = 10;

  @Option(
      names = "--input",
      required = true,
      paramLabel = "DIR",
      description = "The images: {train,val,test}/<class>/<JPEG or PNG file>.")
  private String input;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "The dataset's folder, which must not be there yet.")
  private String output;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of the images' order (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--shard-mib",
      defaultValue = "256",
      paramLabel = "MIB",
      description = "About how many mebibytes of images a shard has (default: ${DEFAULT-VALUE}).")
  private int shardMib;

  @Option(
      names = "--source",
      paramLabel = "TEXT",
      description = "What dataset.json says of the images' origin (default: the input folder).")
  private String source;

  @Override
  int run(SparkSession session) {
    if (shardMib < 1) {
      throw InvalidInputException.of("--shard-mib = %d: expected at least 1", shardMib);
    }
    var writer = new DatasetWriter(session, (long) shardMib << 20, seed);
    var summary =
        writer.write(
            Storage.path("--input", input),
            Storage.path("--output", output),
            source == null ? input : source);
    var description = summary.description();
    description
        .splits()
        .forEach(
            (name, split) ->
                System.out.printf(
                    "%s: %,d images of %d classes, shards: %d%n",
                    name, split.images(), description.classes().size(), split.shards().size()));
    var bad = summary.badImages();
    if (!bad.isEmpty()) {
      System.out.printf("left out: %,d images, listed in %s/quarantine%n", bad.size(), output);
      bad.stream()
          .limit(LISTED)
          .forEach(image -> System.out.printf("  %s: %s%n", image.path(), image.reason()));
      if (bad.size() > LISTED) {
        System.out.printf("  and %,d more%n", bad.size() - LISTED);
      }
    }
    LOG.info("dataset {} with fingerprint {}", output, description.fingerprint());
    return 0;
  }
}
