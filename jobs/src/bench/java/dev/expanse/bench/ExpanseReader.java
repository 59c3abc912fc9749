package dev.expanse.bench;

import dev.expanse.core.config.Settings;
import dev.expanse.core.image.BatchLoader;
import dev.expanse.jobs.data.Footers;
import dev.expanse.jobs.input.EpochPlan;
import dev.expanse.jobs.input.TrainingInput;
import dev.expanse.jobs.recipe.Recipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * The reader of Expanse's training, on one decoding thread, of a shard in which photographs are
 * repeated until it has a size that is worth being read in parts.
 */
final class ExpanseReader implements AutoCloseable {
  private static final long SHARD_BYTES = 128L << 20;
  private static final int BATCH = 8;
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message dataset {
            optional group image { optional binary bytes; optional binary path (STRING); }
            optional int64 label;
          }
          """);

  private final Path folder;
  private final BatchLoader loader;
  private int left;

  private ExpanseReader(Path folder, BatchLoader loader) {
    this.folder = folder;
    this.loader = loader;
  }

  /** Writes the shard and begins to read it, again and again. */
  static ExpanseReader open(Path photographs, int side) throws IOException {
    var folder = Files.createTempDirectory("expanse-bench-shard");
    var shard = new org.apache.hadoop.fs.Path(folder.resolve("train.parquet").toUri());
    write(Photograph.all(photographs), shard);
    var recipe =
        Settings.parse(
            "batch = 8, epochs = 1, learning-rate = 1, averaging { frequency = 1 }", "bench");
    var plan =
        new EpochPlan(
            Footers.rowGroups(new Configuration(), List.of(shard)),
            1,
            BATCH,
            EpochPlan.WINDOW_BYTES,
            1);
    var input =
        new TrainingInput("bench", plan, Integer.MAX_VALUE, Recipe.read(recipe), side, 2, 1);
    var start = new TrainingInput.Step(0, 1, 0);
    return new ExpanseReader(folder, input.load(start, new Configuration()));
  }

  /** As the job {@code prepare} does it. */
  private static void write(List<Photograph> photographs, org.apache.hadoop.fs.Path shard)
      throws IOException {
    var file = HadoopOutputFile.fromPath(shard, new Configuration());
    try (var writer =
        ExampleParquetWriter.builder(file)
            .withType(SCHEMA)
            .withDictionaryEncoding(false)
            .withRowGroupSize(8L << 20)
            .withPageSize(256 << 10)
            .withMinRowCountForPageSizeCheck(1)
            .build()) {
      var rows = new SimpleGroupFactory(SCHEMA);
      for (int i = 0; writer.getDataSize() < SHARD_BYTES; i++) {
        var row = rows.newGroup().append("label", 0L);
        row.addGroup("image")
            .append(
                "bytes",
                Binary.fromConstantByteArray(photographs.get(i % photographs.size()).file()))
            .append("path", "train/photograph/" + i + ".jpg");
        writer.write(row);
      }
    }
  }

  /** Takes an image, of the batch at hand or of the next one. */
  void next() {
    if (left == 0) {
      left = loader.next().size();
    }
    left--;
  }

  /** Takes all batches that may be ready, and one that is not. */
  void settle() {
    left = 0;
    for (int i = 0; i <= TrainingInput.BATCHES_AHEAD; i++) {
      loader.next();
    }
  }

  @Override
  public void close() {
    loader.close();
    try (var files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
