package dev.expanse.jobs.prepare;

import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.progress.TaskProgress;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Spliterators;
import java.util.SplittableRandom;
import java.util.stream.StreamSupport;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Writes the images of a split as shards: in an order that depends on names and seed only, and in
 * equal numbers, give or take one.
 *
 * @param shardBytes about how many bytes of images a shard has
 * @param seed of the order
 */
record ShardWriter(long shardBytes, long seed) {
  private static final StructType SHARD =
      new StructType()
          .add(
              "image",
              new StructType().add("bytes", DataTypes.BinaryType).add("path", DataTypes.StringType))
          .add("label", DataTypes.LongType);

  /**
   * A reader holds a row group at a time, and a page has an image or two. Images are compressed
   * already: zstd makes shards of photographs 0.3% smaller, and a dictionary makes none smaller.
   * Without the check from the first row on, a group would have at least 100 images.
   */
  private static final Map<String, String> PARQUET =
      Map.of(
          "compression", "uncompressed",
          "parquet.block.size", Integer.toString(8 << 20),
          "parquet.page.size", Integer.toString(256 << 10),
          "parquet.page.size.row.check.min", "1",
          "parquet.enable.dictionary", "false",
          "parquet.writer.max-padding", "0");

  /** An image whose label is known. */
  record Labelled(ImageRef image, int label) implements Serializable {}

  /**
   * Writes a split.
   *
   * @param images good ones, sorted by name
   * @param dataset the dataset's folder
   * @return the shards' files, relative to the dataset
   */
  List<String> write(Workplace at, String split, List<Labelled> images, Path dataset) {
    var shards = shards(shuffled(images, split));
    var hadoop = at.hadoop();
    var rows =
        at.context()
            .parallelize(shards, shards.size())
            .flatMap(List::iterator)
            .mapPartitions(part -> rows(part, new Storage(hadoop.value().value())));
    var folder = new Path(dataset, split);
    var table = at.spark().createDataFrame(rows, SHARD);
    return TaskProgress.during(
        at.context(),
        "writing shards of " + split,
        () -> {
          table.write().options(PARQUET).parquet(folder.toString());
          return nameShards(at.storage(), split, folder);
        });
  }

  private static Iterator<Row> rows(Iterator<Labelled> images, Storage storage) {
    var ranges = ByteRanges.ofTask(storage);
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(images, 0), false)
        .map(
            image -> {
              var named = RowFactory.create(ranges.read(image.image()), image.image().name());
              return RowFactory.create(named, (long) image.label());
            })
        .iterator();
  }

  /** Fisher and Yates' shuffle. */
  private List<Labelled> shuffled(List<Labelled> images, String split) {
    var shuffled = new ArrayList<>(images);
    var random = new SplittableRandom(seed ^ split.hashCode());
    for (int i = shuffled.size() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      var image = shuffled.get(i);
      shuffled.set(i, shuffled.get(j));
      shuffled.set(j, image);
    }
    return shuffled;
  }

  private List<List<Labelled>> shards(List<Labelled> images) {
    long bytes = images.stream().mapToLong(labelled -> labelled.image().length()).sum();
    int count = (int) Math.min(images.size(), bytes / shardBytes + 1);
    var shards = new ArrayList<List<Labelled>>();
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) images.size() * i / count);
      int to = (int) ((long) images.size() * (i + 1) / count);
      shards.add(new ArrayList<>(images.subList(from, to)));
    }
    return shards;
  }

  /** Gives Spark's part files the names that the Hugging Face hub uses. */
  private static List<String> nameShards(Storage storage, String split, Path folder) {
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
      throw new UncheckedIOException(e);
    }
  }
}
