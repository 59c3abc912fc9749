package dev.expanse.jobs.data;

import dev.expanse.core.config.InvalidInputException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A folder of Parquet shards in the layout that the Hugging Face hub uses for image datasets
 * ({@code image: struct<bytes: binary, path: string>, label: bigint}), one folder a split, beside a
 * {@code dataset.json}.
 */
public final class Dataset {
  /** The name of the split that networks are trained on. */
  public static final String TRAIN = "train";

  /** The name of the split that networks are evaluated on. */
  public static final String VALIDATION = "val";

  static final String DESCRIPTION = "dataset.json";

  private final SparkSession spark;
  private final Path root;
  private final DatasetDescription description;

  private Dataset(SparkSession spark, Path root, DatasetDescription description) {
    this.spark = spark;
    this.root = root;
    this.description = description;
  }

  /**
   * Opens a dataset.
   *
   * @param location its folder, or {@code sample}, the dataset that comes with Expanse
   * @param results the results folder, under which the sample is unpacked
   * @throws InvalidInputException if there is no dataset
   */
  public static Dataset open(SparkSession spark, String location, Path results) {
    var storage = new Storage(spark.sparkContext().hadoopConfiguration());
    var root =
        location.equals(SampleDataset.NAME)
            ? SampleDataset.unpack(storage, results)
            : Storage.path("dataset", location);
    var file = new Path(root, DESCRIPTION);
    if (!storage.exists(file)) {
      throw InvalidInputException.of(
          "dataset = %s: expected a folder with a %s, such as prepare writes, or '%s'",
          location, DESCRIPTION, SampleDataset.NAME);
    }
    var description = DatasetDescription.parse(storage.read(file), file.toString());
    return new Dataset(spark, root, description);
  }

  /** Its folder. */
  public Path root() {
    return root;
  }

  /** Class ids in the order of their labels. */
  public List<String> classes() {
    return description.classes();
  }

  /** A hash of its content. */
  public String fingerprint() {
    return description.fingerprint();
  }

  /**
   * How many images a split has.
   *
   * @throws InvalidInputException if there is no such split
   */
  public long count(String split) {
    return split(split).images();
  }

  /**
   * The images of a split.
   *
   * @throws InvalidInputException if there is no such split, or a shard is missing or has not the
   *     columns of one; also, once the images are asked for, if a label is none of the dataset's
   */
  public JavaRDD<LabelledImage> images(String split) {
    var storage = new Storage(spark.sparkContext().hadoopConfiguration());
    var shards = split(split).shards().stream().map(shard -> new Path(root, shard)).toList();
    for (var shard : shards) {
      if (!storage.exists(shard)) {
        throw InvalidInputException.of("%s: no such file, expected a shard of %s", shard, split);
      }
    }
    var classes = classes().size();
    return columns(shards.stream().map(Path::toString).toArray(String[]::new))
        .javaRDD()
        .map(row -> image(row, classes));
  }

  private org.apache.spark.sql.Dataset<Row> columns(String[] shards) {
    try {
      return spark
          .read()
          .parquet(shards)
          .selectExpr("image.bytes", "image.path", "cast(label as bigint)");
    } catch (Exception e) { // Spark throws checked exceptions that it does not declare
      throw new InvalidInputException(
          String.format(
              "%s: expected Parquet with the columns image: struct<bytes, path> and label: bigint",
              shards[0]),
          e);
    }
  }

  private static LabelledImage image(Row row, int classes) {
    if (row.anyNull()) {
      throw InvalidInputException.of(
          "%s: expected bytes, path and label, found a null", row.getString(1));
    }
    long label = row.getLong(2);
    if (label < 0 || label >= classes) {
      throw InvalidInputException.of(
          "%s: label = %d: expected one of the %d classes, 0 to %d",
          row.getString(1), label, classes, classes - 1);
    }
    return new LabelledImage(row.getAs(0), row.getString(1), (int) label);
  }

  private DatasetDescription.Split split(String name) {
    var split = description.splits().get(name);
    if (split == null) {
      throw InvalidInputException.of(
          "%s: split = %s: expected one of %s", root, name, description.splits().keySet());
    }
    return split;
  }
}
