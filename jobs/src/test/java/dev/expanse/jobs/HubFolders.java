package dev.expanse.jobs;

import dev.expanse.jobs.data.Dataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * Image folders as Parquet files in the shape of the Hugging Face hub's, written by plain Spark.
 */
public final class HubFolders {
  private static final StructType SCHEMA =
      new StructType()
          .add("image", new StructType().add("bytes", "binary").add("path", "string"))
          .add("label", "long");

  private HubFolders() {}

  /** Writes {@code data/<split>-....parquet} below {@code hub}, and opens it. */
  public static Dataset write(Path images, Path hub, int shards) {
    for (var split : new String[] {"train", "val"}) {
      var rows = new ArrayList<Row>();
      for (int label = 0; label < ImageFolders.CLASSES.size(); label++) {
        rows.addAll(rows(images.resolve(split).resolve(ImageFolders.CLASSES.get(label)), label));
      }
      LocalSpark.session()
          .createDataFrame(rows, SCHEMA)
          .repartition(shards)
          .write()
          .parquet(
              hub.resolve("data").resolve(split.equals("val") ? "validation" : split).toString());
    }
    return Dataset.open(LocalSpark.session(), hub.toString(), new org.apache.hadoop.fs.Path("/"));
  }

  private static ArrayList<Row> rows(Path folder, int label) {
    try (var files = Files.list(folder)) {
      var rows = new ArrayList<Row>();
      for (var file : files.sorted().toList()) {
        var name = folder.getFileName() + "/" + file.getFileName();
        rows.add(
            RowFactory.create(RowFactory.create(Files.readAllBytes(file), name), (long) label));
      }
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
