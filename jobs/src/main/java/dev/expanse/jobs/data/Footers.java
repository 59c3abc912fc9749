package dev.expanse.jobs.data;

import dev.expanse.core.config.Sha256;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/** What shards say at their end of the row groups in them, read on the executors. */
final class Footers {
  private static final int SHARDS_A_TASK = 8;
  private static final int LENGTH_AND_MAGIC = 8;

  private Footers() {}

  /**
   * One shard's.
   *
   * @param rowGroups counted from the shard's own first image
   * @param huggingFace what the Hugging Face hub's tools say of the columns, as JSON; may be null
   * @param sha256 of the footer's bytes, which tell of the places, sizes and extremes of all pages
   */
  record Footer(List<RowGroup> rowGroups, String huggingFace, String sha256)
      implements Serializable {
    long images() {
      return rowGroups.stream().mapToLong(RowGroup::images).sum();
    }

    Optional<String> note() {
      return Optional.ofNullable(huggingFace);
    }
  }

  /** The footers of shards, in their order. */
  static List<Footer> read(JavaSparkContext spark, List<Path> shards) {
    var hadoop = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    var names = shards.stream().map(Path::toString).toList();
    int tasks = (shards.size() + SHARDS_A_TASK - 1) / SHARDS_A_TASK;
    return spark
        .parallelize(names, Math.max(1, tasks))
        .map(name -> read(new Path(name), hadoop.value()))
        .collect();
  }

  private static Footer read(Path file, SerializableConfiguration hadoop) throws IOException {
    try (var shard = ShardFile.open(file, hadoop.value())) {
      return new Footer(
          shard.rowGroups(),
          shard.note("huggingface").orElse(null),
          sha256(file, file.getFileSystem(hadoop.value())));
    }
  }

  private static String sha256(Path file, FileSystem files) throws IOException {
    long end = files.getFileStatus(file).getLen();
    try (var in = files.open(file)) {
      var last = new byte[LENGTH_AND_MAGIC];
      in.readFully(end - last.length, last);
      var length = java.nio.ByteBuffer.wrap(last).order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt();
      var footer = new byte[length];
      in.readFully(end - last.length - length, footer);
      return Sha256.of(footer);
    }
  }

  /** The row groups of a split: each shard's images follow on those of the one before it. */
  static List<RowGroup> joined(List<Footer> footers) {
    var joined = new ArrayList<RowGroup>();
    long first = 0;
    for (var footer : footers) {
      for (var group : footer.rowGroups()) {
        joined.add(
            new RowGroup(group.shard(), group.ordinal(), first, group.images(), group.bytes()));
        first += group.images();
      }
    }
    return List.copyOf(joined);
  }
}
