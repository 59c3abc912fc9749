package dev.expanse.jobs.prepare;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.ChannelStatistics;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.DatasetDescription;
import dev.expanse.jobs.data.Preparation;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.results.Circumstances;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Writes images as a {@link dev.expanse.jobs.data.Dataset}. What is in which shard depends on the
 * images' names and the options only, never on the number of tasks. Images that cannot be decoded
 * are left out and listed in {@code quarantine}, a Parquet table of {@code path, class, reason}.
 */
public final class DatasetWriter {
  private static final int SAMPLED = 20_000;

  private final SparkSession spark;
  private final PrepareOptions options;
  private final int tasks;

  /** A writer that deals the work to as many tasks as Spark runs at once, or more. */
  public DatasetWriter(SparkSession spark, PrepareOptions options) {
    this(spark, options, spark.sparkContext().defaultParallelism());
  }

  /** A writer with the usual options but the shards' size and the order of the images. */
  public DatasetWriter(SparkSession spark, long shardBytes, long seed) {
    this(spark, PrepareOptions.usual(shardBytes, seed));
  }

  DatasetWriter(SparkSession spark, PrepareOptions options, int tasks) {
    this.spark = spark;
    this.options = options;
    this.tasks = tasks;
  }

  /** What was written. */
  public record Summary(DatasetDescription description, BadImages badImages) {}

  /** Good images by split, and what they are together. */
  private record Checked(
      Map<String, List<ShardWriter.Labelled>> good,
      BadImages bad,
      String fingerprint,
      Optional<ChannelStatistics> statistics) {}

  /**
   * Reads the images of {@code input} and writes the dataset {@code output}, which appears whole or
   * not at all.
   *
   * @param input a folder of class folders, of ImageNet's archives or of Parquet shards, or a tar
   *     archive of class folders
   * @param source what the dataset says of its images' origin
   * @throws InvalidInputException if the input is none of these or lacks a class that is asked for,
   *     {@code output} is there already, no image of a class can be decoded, or more images than
   *     allowed are bad; these are then listed in {@code <output>.quarantine}
   */
  public Summary write(Path input, Path output, String source) {
    var storage = new Storage(spark.sparkContext().hadoopConfiguration());
    if (storage.exists(output)) {
      throw InvalidInputException.of(
          "output = %s: is there already, expected a new folder", output);
    }
    storage.requireWritable(output);
    var aside = Storage.aside(output);
    var at = new Workplace(spark, storage.qualified(Storage.aside(output)), tasks);
    try {
      var kind = Source.at(storage, input, options.devkit());
      var list = options.classes().map(ClassList::read).orElseGet(kind::usualClasses);
      var listing = kind.list(at, list);
      var candidates = Candidates.of(listing, list, input.toString(), options.valShare());
      var checked = check(at, candidates);
      checked.bad().requireFew(spark, options.maxBad(), output.suffix(".quarantine"));
      requireEveryClass(candidates, checked, input);
      var description =
          new DatasetDescription(
              candidates.classes(),
              candidates.classes().stream().map(id -> list.nameOf(id, listing.names())).toList(),
              writeSplits(at, candidates, checked, aside),
              checked.fingerprint(),
              source,
              checked.statistics(),
              Optional.of(preparation(list)));
      checked.bad().write(spark, new Path(aside, "quarantine"));
      var json = description.toJson().getBytes(StandardCharsets.UTF_8);
      storage.write(new Path(aside, Dataset.DESCRIPTION), json);
      storage.rename(aside, output);
      return new Summary(description, checked.bad());
    } finally {
      storage.delete(aside);
      storage.delete(at.staging());
    }
  }

  private Checked check(Workplace at, Candidates candidates) {
    var training = candidates.splits().getOrDefault(Dataset.TRAIN, List.of());
    var form = new StoredForm(options.shorterSide(), options.jpegQuality());
    var check = new ImageCheck(form, ChannelMoments.Sample.of(training, SAMPLED));
    var labels = labels(candidates);
    var good = new LinkedHashMap<String, List<ShardWriter.Labelled>>();
    var bad = new ArrayList<BadImages.BadImage>();
    var moments = new ArrayList<ChannelMoments>();
    var lines = new ArrayList<String>();
    candidates
        .splits()
        .forEach(
            (split, images) -> {
              var findings = check.of(at, images);
              var kept = new ArrayList<ShardWriter.Labelled>();
              for (int i = 0; i < findings.size(); i++) {
                var image = images.get(i);
                var finding = findings.get(i);
                if (!finding.good()) {
                  var className = image.className();
                  bad.add(new BadImages.BadImage(image.name(), className, finding.reason()));
                  continue;
                }
                int label = labels.get(image.className());
                var stored = finding.smaller() == null ? image : finding.smaller();
                kept.add(new ShardWriter.Labelled(stored, label));
                lines.add(split + " " + label + " " + finding.sha256());
                if (finding.moments() != null) {
                  moments.add(finding.moments());
                }
              }
              good.put(split, kept);
            });
    return new Checked(
        good,
        new BadImages(bad, candidates.count()),
        fingerprint(lines),
        ChannelMoments.statistics(moments));
  }

  private static Map<String, Integer> labels(Candidates candidates) {
    var labels = new HashMap<String, Integer>();
    candidates.classes().forEach(id -> labels.put(id, labels.size()));
    return labels;
  }

  /** The hash of the sorted lines, joined by line ends. */
  private static String fingerprint(List<String> lines) {
    lines.sort(null);
    var digest = DigestUtils.getSha256Digest();
    for (int i = 0; i < lines.size(); i++) {
      var line = i == 0 ? lines.get(i) : "\n" + lines.get(i);
      digest.update(line.getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void requireEveryClass(Candidates candidates, Checked checked, Path input) {
    checked
        .good()
        .forEach(
            (split, images) -> {
              var counts = imagesOfClass(candidates, images);
              int label = counts.indexOf(0L);
              if (label >= 0) {
                throw InvalidInputException.of(
                    "%s: class %s of %s: expected images, but none of its files can be decoded",
                    input, candidates.classes().get(label), split);
              }
            });
  }

  private Map<String, DatasetDescription.Split> writeSplits(
      Workplace at, Candidates candidates, Checked checked, Path dataset) {
    var writer = new ShardWriter(options.shardBytes(), options.seed());
    var splits = new LinkedHashMap<String, DatasetDescription.Split>();
    checked
        .good()
        .forEach(
            (split, images) ->
                splits.put(
                    split,
                    new DatasetDescription.Split(
                        images.size(),
                        imagesOfClass(candidates, images),
                        writer.write(at, split, images, dataset))));
    return splits;
  }

  private static List<Long> imagesOfClass(
      Candidates candidates, List<ShardWriter.Labelled> images) {
    var counts = new long[candidates.classes().size()];
    images.forEach(image -> counts[image.label()]++);
    return Arrays.stream(counts).boxed().toList();
  }

  private Preparation preparation(ClassList list) {
    boolean resized = options.shorterSide().isPresent();
    return new Preparation(
        Circumstances.version(),
        list.name(),
        options.seed(),
        options.shorterSide(),
        resized ? OptionalInt.of(options.jpegQuality()) : OptionalInt.empty());
  }
}
