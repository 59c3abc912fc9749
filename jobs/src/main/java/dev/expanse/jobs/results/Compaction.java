package dev.expanse.jobs.results;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Storage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Merges the many small files of a table's runs into few, each run by itself.
 *
 * <p>What is merged is written aside, where no reader sees it. Then a {@link Manifest} appears, at
 * one stroke, that says which files it replaces; from then on those count no more for {@link
 * ResultTable#read}. Last the merged files get their names and the replaced ones are deleted. A
 * process that is killed on the way leaves either no manifest, and what it wrote is refuse, or one,
 * and the next compaction finishes its work first. Rows that others append meanwhile are in files
 * that no manifest names.
 */
public final class Compaction {
  private static final long TARGET_BYTES = 128L << 20;

  private final SparkSession spark;
  private final Storage storage;
  private final Path table;
  private final FileSystem files;

  /** A compaction of the table in that folder, which has folders {@code run=<id>}. */
  public Compaction(SparkSession spark, Path table) {
    this.spark = spark;
    this.storage = new Storage(spark.sparkContext().hadoopConfiguration());
    this.table = table;
    this.files = storage.fileSystem(table);
  }

  /**
   * What a compaction has done.
   *
   * @param runs runs of the table
   * @param before files that they had
   * @param after files that they have now
   */
  public record Outcome(int runs, int before, int after) {}

  /**
   * Finishes what one that was killed has begun, and merges what there is to merge: nothing, if it
   * was done before.
   *
   * @throws InvalidInputException if the folder cannot be written to, or if another compaction of
   *     the table has begun in the meantime
   */
  public Outcome run() {
    try {
      var claim = Claim.take(storage, files, table);
      finishOthers();
      claim.clear();
      var runs = runs(files, table);
      int before = count(runs);
      var id = UUID.randomUUID().toString();
      var merged = new ArrayList<Manifest.Merged>();
      for (var run : runs) {
        var parts = parts(files, run);
        if (parts.size() > wanted(parts)) {
          merged.addAll(merge(run, Manifest.aside(table, id)));
        }
      }
      if (!merged.isEmpty()) {
        var manifest = new Manifest(id, merged);
        manifest.requireCurrent(storage, table);
        claim.requireMine();
        manifest.commit(storage, table);
        manifest.finish(storage, table);
      }
      return new Outcome(runs.size(), before, count(runs));
    } catch (IOException e) {
      throw Storage.failed(table, e);
    }
  }

  private void finishOthers() {
    for (var manifest : Manifest.all(storage, table)) {
      manifest.finish(storage, table);
      storage.delete(manifest.file(table)); // its readers have been done since the last time
    }
  }

  private int count(List<Path> runs) throws IOException {
    int count = 0;
    for (var run : runs) {
      count += parts(files, run).size();
    }
    return count;
  }

  /** The tables in a results folder, by their names. */
  public static List<Path> tables(Storage storage, Path results) {
    var files = storage.fileSystem(results);
    try {
      var tables = new ArrayList<Path>();
      for (var folder : files.listStatus(results)) {
        if (folder.isDirectory()
            && isVisible(folder.getPath())
            && !runs(files, folder.getPath()).isEmpty()) {
          tables.add(folder.getPath());
        }
      }
      return tables.stream().sorted().toList();
    } catch (FileNotFoundException e) {
      throw new InvalidInputException(results + ": no such folder", e);
    } catch (IOException e) {
      throw Storage.failed(results, e);
    }
  }

  private static List<Path> runs(FileSystem files, Path table) throws IOException {
    var runs = new ArrayList<Path>();
    for (var folder : files.listStatus(table)) {
      if (folder.isDirectory() && folder.getPath().getName().startsWith(ResultTable.RUN)) {
        runs.add(folder.getPath());
      }
    }
    return runs.stream().sorted().toList();
  }

  private static List<FileStatus> parts(FileSystem files, Path run) throws IOException {
    var parts = new ArrayList<FileStatus>();
    for (var file : files.listStatus(run)) {
      if (file.isFile() && isVisible(file.getPath())) {
        parts.add(file);
      }
    }
    return parts;
  }

  /** As Spark has it: what begins so is no part of a table. */
  private static boolean isVisible(Path path) {
    return !path.getName().startsWith(".") && !path.getName().startsWith("_");
  }

  private static int wanted(List<FileStatus> parts) {
    long bytes = parts.stream().mapToLong(FileStatus::getLen).sum();
    return (int) Math.max(1, (bytes + TARGET_BYTES - 1) / TARGET_BYTES);
  }

  /** Writes all that Spark finds in a run aside; files that come later are not among it. */
  private List<Manifest.Merged> merge(Path run, Path aside) throws IOException {
    // rows of older versions may lack columns, and those of newer ones have more than are known
    var rows = spark.read().option("mergeSchema", true).parquet(run.toString());
    var replaced = ResultTable.fileNames(rows);
    var output = new Path(aside, run.getName().substring(ResultTable.RUN.length()));
    rows.coalesce(wanted(parts(files, run))).write().parquet(output.toString());
    var written = parts(files, output);
    var merged = new ArrayList<Manifest.Merged>();
    for (int i = 0; i < written.size(); i++) {
      merged.add(
          new Manifest.Merged(
              run.getName().substring(ResultTable.RUN.length()),
              written.get(i).getPath().getName(),
              i == 0 ? replaced : List.of()));
    }
    return merged;
  }
}
