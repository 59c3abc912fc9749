package dev.expanse.jobs.data;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Sha256;
import dev.expanse.core.image.ImageDecodeException;
import dev.expanse.core.image.ImageDecoder;
import dev.expanse.jobs.progress.TaskProgress;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Writes an image folder as a {@link Dataset}. Which image is in which shard depends on the files'
 * names and the seed only. Images that cannot be decoded are left out and listed in {@code
 * quarantine}, a Parquet table of {@code path, class, reason}.
 */
public final class DatasetWriter {
  private static final StructType SHARD =
      new StructType()
          .add(
              "image",
              new StructType().add("bytes", DataTypes.BinaryType).add("path", DataTypes.StringType))
          .add("label", DataTypes.LongType);
  private static final StructType QUARANTINE =
      new StructType()
          .add("path", DataTypes.StringType)
          .add("class", DataTypes.StringType)
          .add("reason", DataTypes.StringType);
  private static final int FILES_A_TASK = 500;

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final Storage storage;
  private final long shardBytes;
  private final long seed;

  /**
   * @param shardBytes about how many bytes of images a shard has
   * @param seed of the order of the images
   */
  public DatasetWriter(SparkSession spark, long shardBytes, long seed) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.storage = new Storage(spark.sparkContext().hadoopConfiguration());
    this.shardBytes = shardBytes;
    this.seed = seed;
  }

  /** An image that was left out. */
  public record BadImage(String path, String className, String reason) {}

  /** What was written. */
  public record Summary(DatasetDescription description, List<BadImage> badImages) {}

  /** A file that was looked at: its content's hash, or why it cannot be decoded. */
  private record Checked(ImageFolder.File file, String sha256, String reason)
      implements Serializable {}

  /**
   * Reads the images under {@code input} and writes the dataset {@code output}, which appears whole
   * or not at all.
   *
   * @param source what the dataset says of its images' origin
   * @throws InvalidInputException if the input is no image folder, {@code output} is there already,
   *     or no image of a class can be decoded
   */
  public Summary write(Path input, Path output, String source) {
    storage.requireWritable(output);
    if (storage.exists(output)) {
      throw InvalidInputException.of(
          "output = %s: is there already, expected a new folder", output);
    }
    var folder = ImageFolder.list(storage, input);
    var aside = Storage.aside(output);
    try {
      var bad = new ArrayList<BadImage>();
      var splits = new LinkedHashMap<String, DatasetDescription.Split>();
      var lines = new ArrayList<String>();
      folder
          .splits()
          .forEach(
              (name, files) -> {
                var good = new ArrayList<Checked>();
                for (var checked : check(files)) {
                  if (checked.reason() == null) {
                    good.add(checked);
                    lines.add(name + " " + checked.file().label() + " " + checked.sha256());
                  } else {
                    var className = folder.classes().get(checked.file().label());
                    bad.add(new BadImage(checked.file().name(), className, checked.reason()));
                  }
                }
                requireEveryClass(folder, name, good);
                splits.put(
                    name, writeSplit(name, good.stream().map(Checked::file).toList(), aside));
              });
      writeQuarantine(bad, aside);
      var fingerprint = Sha256.of(lines.stream().sorted().collect(Collectors.joining("\n")));
      var description = new DatasetDescription(folder.classes(), splits, fingerprint, source);
      var json = description.toJson().getBytes(StandardCharsets.UTF_8);
      storage.write(new Path(aside, Dataset.DESCRIPTION), json);
      storage.rename(aside, output);
      return new Summary(description, bad);
    } finally {
      storage.delete(aside);
    }
  }

  private List<Checked> check(List<ImageFolder.File> files) {
    var hadoop = context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
    int tasks = Math.max(context.defaultParallelism(), files.size() / FILES_A_TASK);
    return TaskProgress.during(
        context,
        "looking at " + files.size() + " images",
        () ->
            context
                .parallelize(files, tasks)
                .map(file -> check(file, new Storage(hadoop.value().value())))
                .collect());
  }

  private static Checked check(ImageFolder.File file, Storage storage) {
    try {
      var bytes = read(file, storage);
      ImageDecoder.decode(bytes);
      return new Checked(file, Sha256.of(bytes), null);
    } catch (ImageDecodeException e) {
      return new Checked(file, null, e.getMessage());
    } catch (IOException e) {
      return new Checked(file, null, "cannot be read: " + e.getMessage());
    }
  }

  private static byte[] read(ImageFolder.File file, Storage storage) throws IOException {
    var path = new Path(file.path());
    try (var in = storage.fileSystem(path).open(path)) {
      return in.readAllBytes();
    }
  }

  private static void requireEveryClass(ImageFolder folder, String split, List<Checked> good) {
    var seen = good.stream().map(c -> c.file().label()).collect(Collectors.toSet());
    for (int label = 0; label < folder.classes().size(); label++) {
      if (!seen.contains(label)) {
        throw InvalidInputException.of(
            "%s/%s/%s: expected images, but none of its files can be decoded",
            folder.root(), split, folder.classes().get(label));
      }
    }
  }

  private DatasetDescription.Split writeSplit(
      String split, List<ImageFolder.File> files, Path dataset) {
    var shards = shards(shuffled(files, split));
    var hadoop = context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
    var rows =
        context
            .parallelize(shards, shards.size())
            .flatMap(List::iterator)
            .map(file -> row(file, read(file, new Storage(hadoop.value().value()))));
    var folder = new Path(dataset, split);
    var images = spark.createDataFrame(rows, SHARD);
    TaskProgress.during(
        context,
        "writing shards of " + split,
        () -> {
          images
              .write()
              .option("compression", "uncompressed") // images are compressed already
              .parquet(folder.toString());
          return folder;
        });
    return new DatasetDescription.Split(files.size(), nameShards(split, folder));
  }

  private static Row row(ImageFolder.File file, byte[] bytes) {
    return RowFactory.create(RowFactory.create(bytes, file.name()), (long) file.label());
  }

  /** Fisher and Yates' shuffle. */
  private List<ImageFolder.File> shuffled(List<ImageFolder.File> files, String split) {
    var shuffled = new ArrayList<>(files);
    var random = new SplittableRandom(seed ^ split.hashCode());
    for (int i = shuffled.size() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      var file = shuffled.get(i);
      shuffled.set(i, shuffled.get(j));
      shuffled.set(j, file);
    }
    return shuffled;
  }

  /** As few lists as the shards' size allows, of nearly equally many files each. */
  private List<List<ImageFolder.File>> shards(List<ImageFolder.File> files) {
    long bytes = files.stream().mapToLong(ImageFolder.File::bytes).sum();
    int count = (int) Math.min(files.size(), bytes / shardBytes + 1);
    var shards = new ArrayList<List<ImageFolder.File>>();
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) files.size() * i / count);
      int to = (int) ((long) files.size() * (i + 1) / count);
      shards.add(new ArrayList<>(files.subList(from, to)));
    }
    return shards;
  }

  /** Gives Spark's part files the names that the Hugging Face hub uses. */
  private List<String> nameShards(String split, Path folder) {
    try {
      var parts = new ArrayList<Path>();
      for (var file : storage.fileSystem(folder).listStatus(folder)) {
        if (file.getPath().getName().startsWith("part-")) {
          parts.add(file.getPath());
        } else {
          storage.delete(file.getPath());
        }
      }
      parts.sort(null);
      var names = new ArrayList<String>();
      for (int i = 0; i < parts.size(); i++) {
        var name = String.format(Locale.ROOT, "%s-%05d-of-%05d.parquet", split, i, parts.size());
        storage.rename(parts.get(i), new Path(folder, name));
        names.add(split + "/" + name);
      }
      return names;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void writeQuarantine(List<BadImage> bad, Path dataset) {
    if (!bad.isEmpty()) {
      var rows =
          bad.stream().map(b -> RowFactory.create(b.path(), b.className(), b.reason())).toList();
      spark
          .createDataFrame(rows, QUARANTINE)
          .coalesce(1)
          .write()
          .mode(SaveMode.ErrorIfExists)
          .parquet(new Path(dataset, "quarantine").toString());
    }
  }
}
