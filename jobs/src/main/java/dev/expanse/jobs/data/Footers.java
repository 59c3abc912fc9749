package dev.expanse.jobs.data;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** What shards say at their end of the row groups in them, of which a dataset has some hundreds. */
public final class Footers {
  private static final int LENGTH_AND_MAGIC = 8;

  private Footers() {}

  /**
   * One shard's.
   *
   * @param rowGroups counted from the shard's own first image
   * @param huggingFace what the Hugging Face hub's tools say of the columns, as JSON; may be null
   * @param sha256 of the footer's bytes, which tell of the places, sizes and extremes of all pages
   */
  record Footer(List<RowGroup> rowGroups, String huggingFace, String sha256) {
    long images() {
      return rowGroups.stream().mapToLong(RowGroup::images).sum();
    }

    Optional<String> note() {
      return Optional.ofNullable(huggingFace);
    }
  }

  /**
   * The footers of shards, in their order, several at a time.
   *
   * @throws InvalidInputException if one is missing or no shard
   */
  static List<Footer> read(Configuration hadoop, List<Path> shards) {
    return shards.parallelStream().map(shard -> read(shard, hadoop)).toList();
  }

  private static Footer read(Path file, Configuration hadoop) {
    try (var shard = ShardFile.open(file, hadoop)) {
      return new Footer(
          shard.rowGroups(),
          shard.note("huggingface").orElse(null),
          sha256(file, file.getFileSystem(hadoop)));
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static String sha256(Path file, FileSystem files) throws IOException {
    long end = files.getFileStatus(file).getLen();
    try (var in = files.open(file)) {
      var last = new byte[LENGTH_AND_MAGIC];
      in.readFully(end - last.length, last);
      var length = ByteBuffer.wrap(last).order(ByteOrder.LITTLE_ENDIAN).getInt();
      var footer = new byte[length];
      in.readFully(end - last.length - length, footer);
      return Sha256.of(footer);
    }
  }

  /**
   * The row groups of a split with these shards.
   *
   * @throws InvalidInputException if one is missing or no shard
   */
  public static List<RowGroup> rowGroups(Configuration hadoop, List<Path> shards) {
    return joined(read(hadoop, shards));
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
