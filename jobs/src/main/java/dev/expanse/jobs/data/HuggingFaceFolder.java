package dev.expanse.jobs.data;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Sha256;
import dev.expanse.jobs.progress.JobDescription;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * An image dataset as the Hugging Face hub publishes it: Parquet shards whose names, or folders'
 * names, have the name of their split in them ({@code data/train-00000-of-00017.parquet}); what has
 * none is for training. Class ids are the label's names that its tools write into each shard, else
 * the labels themselves.
 */
final class HuggingFaceFolder {
  private static final String ENDING = ".parquet";
  private static final String TEST = "test";
  private static final int MOST_CLASSES = 100_000;
  private static final Pattern HIDDEN = Pattern.compile("(^|/)[._]");
  private static final Map<String, Pattern> SPLITS =
      Map.of(
          Dataset.TRAIN,
          word("train|training"),
          Dataset.VALIDATION,
          word("val|valid|validation|dev"),
          TEST,
          word("test|testing"));

  private HuggingFaceFolder() {}

  private static Pattern word(String names) {
    return Pattern.compile("(^|[^a-z])(" + names + ")([^a-z]|$)");
  }

  /** What was found: a description, and the row groups of each split. */
  record Found(DatasetDescription description, Map<String, List<RowGroup>> rowGroups) {}

  /**
   * Looks for shards at and below a folder, or at one shard.
   *
   * @return nothing if there are none
   * @throws InvalidInputException if what there is has other columns, or shards differ in classes
   */
  static Optional<Found> find(SparkSession spark, Storage storage, Path folder) {
    var root = storage.fileSystem(folder).makeQualified(folder);
    var shards = shards(storage, root);
    if (shards.isEmpty()) {
      return Optional.empty();
    }
    var splits = new LinkedHashMap<String, DatasetDescription.Split>();
    var groups = new LinkedHashMap<String, List<RowGroup>>();
    var lines = new ArrayList<String>();
    List<String> classes = null;
    for (var name : List.of(Dataset.TRAIN, Dataset.VALIDATION, TEST)) {
      if (!shards.containsKey(name)) {
        continue;
      }
      var files = shards.get(name);
      var footers = Footers.read(spark.sparkContext().hadoopConfiguration(), files);
      for (int i = 0; i < files.size(); i++) {
        lines.add(name + " " + i + " " + footers.get(i).sha256());
        classes = sameClasses(classes, footers.get(i), files.get(i));
      }
      groups.put(name, Footers.joined(footers));
      long images = footers.stream().mapToLong(Footers.Footer::images).sum();
      splits.put(name, split(images, files, root));
    }
    if (classes.isEmpty()) {
      classes = labels(spark, shards.values().stream().flatMap(List::stream).toList());
    }
    var fingerprint = Sha256.of(String.join("\n", lines));
    var description = new DatasetDescription(classes, splits, fingerprint, root.toString());
    return Optional.of(new Found(description, groups));
  }

  private static Map<String, List<Path>> shards(Storage storage, Path root) {
    var shards = new TreeMap<String, List<Path>>();
    try {
      var files = storage.fileSystem(root).listFiles(root, true);
      var all = new ArrayList<Path>();
      while (files.hasNext()) {
        var file = files.next().getPath();
        if (file.getName().endsWith(ENDING) && !hidden(relative(file, root))) {
          all.add(file);
        }
      }
      all.sort(null);
      for (var file : all) {
        shards.computeIfAbsent(splitOf(relative(file, root)), split -> new ArrayList<>()).add(file);
      }
      return shards;
    } catch (IOException e) {
      throw new InvalidInputException(root + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static String relative(Path file, Path root) {
    var base = root.toUri().getPath();
    var path = file.toUri().getPath();
    var below = path.length() > base.length() ? path.substring(base.length()) : file.getName();
    return below.startsWith("/") ? below.substring(1) : below;
  }

  private static boolean hidden(String relative) {
    return HIDDEN.matcher(relative).find();
  }

  /** The last name that is a split's says so: a file's before its folder's. */
  private static String splitOf(String relative) {
    var parts = relative.substring(0, relative.length() - ENDING.length()).split("/");
    for (int i = parts.length - 1; i >= 0; i--) {
      for (var split : SPLITS.entrySet()) {
        if (split.getValue().matcher(parts[i].toLowerCase(Locale.ROOT)).find()) {
          return split.getKey();
        }
      }
    }
    return Dataset.TRAIN;
  }

  private static DatasetDescription.Split split(long images, List<Path> files, Path root) {
    return new DatasetDescription.Split(
        images, files.stream().map(file -> relative(file, root)).toList());
  }

  private static List<String> sameClasses(List<String> classes, Footers.Footer footer, Path file) {
    var names = footer.note().map(HuggingFaceFolder::names).orElse(List.of());
    if (classes != null && !classes.equals(names)) {
      throw InvalidInputException.of(
          "%s: has %d class names, expected the %d of the shards before it",
          file, names.size(), classes.size());
    }
    return names;
  }

  /** The label's names in the JSON that the hub's tools write; none where there are none. */
  static List<String> names(String json) {
    try {
      var features = ConfigFactory.parseString(json).getConfig("info.features");
      return feature(features).map(label -> label.getStringList("names")).orElse(List.of());
    } catch (ConfigException e) {
      return List.of(); // another tool's note under the same key: labels are classes then
    }
  }

  private static Optional<Config> feature(Config features) {
    return features.hasPath("label.names")
        ? Optional.of(features.getConfig("label"))
        : Optional.empty();
  }

  private static List<String> labels(SparkSession spark, List<Path> files) {
    var names = files.stream().map(Path::toString).toArray(String[]::new);
    var largest =
        JobDescription.during(
            spark,
            "labels of " + files.get(0).getParent().getName(),
            () -> spark.read().parquet(names).selectExpr("cast(max(label) as bigint)").first());
    if (largest.isNullAt(0) || largest.getLong(0) < 1 || largest.getLong(0) >= MOST_CLASSES) {
      throw InvalidInputException.of(
          "%s: the largest label is %s, expected one from 1 to %d",
          files.get(0), largest.get(0), MOST_CLASSES - 1);
    }
    return IntStream.rangeClosed(0, (int) largest.getLong(0)).mapToObj(String::valueOf).toList();
  }
}
