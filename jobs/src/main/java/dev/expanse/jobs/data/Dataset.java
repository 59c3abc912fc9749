package dev.expanse.jobs.data;

import dev.expanse.core.config.InvalidInputException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

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

  /** The name of the file that says what a dataset is. */
  public static final String DESCRIPTION = "dataset.json";

  private static final Optional<HuggingFaceFolder.Found> NONE = Optional.empty();

  private final SparkSession spark;
  private final Path root;
  private final DatasetDescription description;
  private final Map<String, List<RowGroup>> rowGroups;

  private Dataset(
      SparkSession spark,
      Path root,
      DatasetDescription description,
      Map<String, List<RowGroup>> rowGroups) {
    this.spark = spark;
    this.root = root;
    this.description = description;
    this.rowGroups = new ConcurrentHashMap<>(rowGroups);
  }

  /**
   * Opens a dataset.
   *
   * @param location its folder, or that of a dataset of the Hugging Face hub, or one Parquet file,
   *     or {@code sample}, the dataset that comes with Expanse
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
    if (storage.exists(file)) {
      var description = DatasetDescription.parse(storage.read(file), file.toString());
      return new Dataset(spark, root, description, Map.of());
    }
    var found = storage.exists(root) ? HuggingFaceFolder.find(spark, storage, root) : NONE;
    return found
        .map(hub -> new Dataset(spark, root, hub.description(), hub.rowGroups()))
        .orElseThrow(
            () ->
                InvalidInputException.of(
                    "dataset = %s: expected a folder with a %s, such as prepare writes, or with"
                        + " Parquet files, or '%s'",
                    location, DESCRIPTION, SampleDataset.NAME));
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

  /** Whether there is such a split. */
  public boolean has(String split) {
    return description.splits().containsKey(split);
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
   * What a split is read in.
   *
   * @throws InvalidInputException if there is no such split, or a shard is missing, has not the
   *     columns of one, or they have not as many images as stated
   */
  public List<RowGroup> rowGroups(String split) {
    return rowGroups.computeIfAbsent(split, this::readFooters);
  }

  private List<RowGroup> readFooters(String split) {
    var storage = new Storage(spark.sparkContext().hadoopConfiguration());
    var shards = split(split).shards().stream().map(shard -> new Path(root, shard)).toList();
    for (var shard : shards) {
      if (!storage.exists(shard)) {
        throw InvalidInputException.of("%s: no such file, expected a shard of %s", shard, split);
      }
    }
    var groups = Footers.rowGroups(context().hadoopConfiguration(), shards);
    long images = groups.stream().mapToLong(RowGroup::images).sum();
    if (images != count(split)) {
      throw InvalidInputException.of(
          "%s: its shards have %d images in %s, expected the %d of its %s",
          root, images, split, count(split), DESCRIPTION);
    }
    return groups;
  }

  /**
   * The images of a split, a partition a row group.
   *
   * @throws InvalidInputException as {@link #rowGroups}; also, once the images are asked for, if a
   *     label is none of the dataset's
   */
  public JavaRDD<LabelledImage> images(String split) {
    var slices =
        rowGroups(split).stream().map(group -> new Slice(group, 0, group.images())).toList();
    var hadoop =
        context().broadcast(new SerializableConfiguration(context().hadoopConfiguration()));
    int classes = classes().size();
    return context()
        .parallelize(slices, slices.size())
        .flatMap(slice -> SliceReader.read(slice, classes, hadoop.value().value()).iterator());
  }

  private JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
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
