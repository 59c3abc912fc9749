package dev.expanse.jobs.prepare;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.progress.JobDescription;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The images that are left out.
 *
 * @param images all of them
 * @param of how many images they are among
 */
public record BadImages(List<BadImage> images, long of) {
  private static final StructType TABLE =
      new StructType()
          .add("path", DataTypes.StringType)
          .add("class", DataTypes.StringType)
          .add("reason", DataTypes.StringType);
  private static final int NAMED = 3;

  /** An image that is left out. */
  public record BadImage(String path, String className, String reason) {}

  /**
   * Images that are bad for the same reason, but for its numbers.
   *
   * @param count how many
   * @param example one of them
   */
  public record Group(int count, BadImage example) {
    /** A line such as {@code 12 images: truncated JPEG, such as train/red/1.jpg}. */
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%,d %s: %s, such as %s",
          count,
          count == 1 ? "image" : "images",
          example.reason(),
          example.path());
    }
  }

  /** The reasons, the most frequent first. */
  public List<Group> byReason() {
    var groups = new LinkedHashMap<String, List<BadImage>>();
    for (var image : images) {
      var kind = image.reason().replaceAll("\\d[\\d,.]*", "#");
      groups.computeIfAbsent(kind, k -> new ArrayList<>()).add(image);
    }
    return groups.values().stream()
        .map(group -> new Group(group.size(), group.get(0)))
        .sorted(Comparator.comparingInt(Group::count).reversed())
        .toList();
  }

  /** Writes them as a Parquet table of path, class and reason; nothing if there are none. */
  void write(SparkSession spark, Path table) {
    if (!images.isEmpty()) {
      var rows =
          images.stream().map(b -> RowFactory.create(b.path(), b.className(), b.reason())).toList();
      var writer = spark.createDataFrame(rows, TABLE).coalesce(1).write().mode(SaveMode.Overwrite);
      JobDescription.during(
          spark,
          "rows of " + table.getName(),
          () -> {
            writer.parquet(table.toString());
            return table;
          });
    }
  }

  /**
   * Gives up if there are too many; the list of them is kept.
   *
   * @param most the share that may be bad
   * @param table where to keep the list
   * @throws InvalidInputException naming share, limit, the most frequent reasons and the list
   */
  void requireFew(SparkSession spark, double most, Path table) {
    if (images.size() > most * of) {
      write(spark, table);
      throw InvalidInputException.of(
          "--max-bad = %s: %,d of %,d images (%.2f%%) cannot be decoded, more than %.2f%% (%s);"
              + " they are listed in %s",
          most,
          images.size(),
          of,
          100.0 * images.size() / of,
          100 * most,
          byReason().stream().limit(NAMED).map(Group::toString).collect(Collectors.joining("; ")),
          table);
    }
  }
}
