package dev.expanse.jobs;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.prepare.BadImages;
import dev.expanse.jobs.prepare.DatasetWriter;
import dev.expanse.jobs.prepare.PrepareOptions;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Images to a dataset.
 *
 * <pre>{@code ./submit-scripts/local.sh prepare --input imagenet100 --output datasets/imagenet100}
 * </pre>
 */
@Command(
    name = "prepare",
    description = "Writes folders or archives of images as a dataset of Parquet shards.")
final class PrepareJob extends SparkJob {
  private static final Logger LOG = LoggerFactory.getLogger(PrepareJob.class);
  private static final int LISTED = 10;

  @Option(
      names = "--input",
      required = true,
      paramLabel = "PATH",
      description = {
        "The images, JPEG, PNG or GIF: a folder of {train,val,test}/<class>/<file> or <class>/<file>;",
        "a .tar, .tar.gz or .tgz of one (a gzipped one needs room for the unzipped one beside the"
            + " output);",
        "the folder with ILSVRC2012_img_train.tar, ILSVRC2012_img_val.tar and the devkit;",
        "or a folder of Parquet shards (which needs room for its images beside the output)."
      })
  private String input;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "The dataset's folder, which must not be there yet.")
  private String output;

  @Option(
      names = "--classes",
      paramLabel = "LIST",
      description = {
        "Which classes to take: cmc (ImageNet100 as in most papers), kaggle (Kaggle's ImageNet100),"
            + " all,",
        "or a local file with a class id a line, optionally followed by spaces and a name; # begins"
            + " a comment (default: cmc for the ILSVRC2012 archives, all for others)."
      })
  private String classes;

  @Option(
      names = "--devkit",
      paramLabel = "FILE",
      description =
          "ILSVRC2012_devkit_t12.tar.gz, which has the classes of the validation images (default:"
              + " beside the archives).")
  private String devkit;

  @Option(
      names = "--val-share",
      paramLabel = "SHARE",
      description =
          "Share of each class's images that becomes the split val, by the hash of their names, for"
              + " an input without one (default: 0.1).")
  private Double valShare;

  @Option(
      names = "--shorter-side",
      paramLabel = "PIXELS",
      description =
          "Resize images whose shorter side is larger to this, as JPEG (default: keep every file as"
              + " it is).")
  private Integer shorterSide;

  @Option(
      names = "--jpeg-quality",
      paramLabel = "1..100",
      description = "Quality of resized images (default: " + PrepareOptions.JPEG_QUALITY + ").")
  private Integer jpegQuality;

  @Option(
      names = "--max-bad",
      paramLabel = "SHARE",
      defaultValue = "" + PrepareOptions.MAX_BAD,
      description =
          "Share of images that may be undecodable; with more the job fails and lists them in"
              + " <output>.quarantine (default: ${DEFAULT-VALUE}).")
  private double maxBad;

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
      description = "What dataset.json says of the images' origin (default: the input path).")
  private String source;

  @Override
  int run(SparkSession session) {
    var writer = new DatasetWriter(session, options());
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
    tell(summary.badImages());
    LOG.info("dataset {} with fingerprint {}", output, description.fingerprint());
    return 0;
  }

  private PrepareOptions options() {
    if (jpegQuality != null && shorterSide == null) {
      throw InvalidInputException.of(
          "--jpeg-quality = %d: expected together with --shorter-side only", jpegQuality);
    }
    return new PrepareOptions(
        (long) shardMib << 20,
        seed,
        Optional.ofNullable(classes),
        shorterSide == null ? OptionalInt.empty() : OptionalInt.of(shorterSide),
        jpegQuality == null ? PrepareOptions.JPEG_QUALITY : jpegQuality,
        valShare == null ? OptionalDouble.empty() : OptionalDouble.of(valShare),
        maxBad,
        Optional.ofNullable(devkit).map(path -> Storage.path("--devkit", path)));
  }

  private void tell(BadImages bad) {
    if (bad.images().isEmpty()) {
      return;
    }
    System.out.printf(
        "left out: %,d images of %,d, listed in %s/quarantine%n",
        bad.images().size(), bad.of(), output);
    bad.byReason().stream().limit(LISTED).forEach(group -> System.out.println("  " + group));
    if (bad.byReason().size() > LISTED) {
      System.out.printf("  and %d more reasons%n", bad.byReason().size() - LISTED);
    }
  }
}
