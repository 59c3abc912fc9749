package dev.expanse.jobs.sweep;

import dev.expanse.core.config.Settings;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.prepare.DatasetWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;

/**
 * Sweeps of seconds: a search space of 16 small networks, and 16 that do not build, on 32 images of
 * 4 classes.
 */
record SmallSweeps(Dataset dataset) {
  /** Of the space, without what searches it; a kernel of side 4 makes no network. */
  static final String SPACE =
      """
      name = small, family = inverted-residual, stem = 8, head = 16, classes = 4, resolution = 16
      table = [[1, 8, 1, 2, 3], [2, 8, 1, 1, 3]]
      stages = [
        { channels = [8, 24, 40], kernel = [3, 4] }
        { expansion = [1, 2, 6], repeats = [0, 1] }
      ]
      """;

  private static final String COMMON =
      """
      dataset = unused, recipe = quick, resolution = 16
      recipe-changes { batch = 8, epochs = 2 }
      latency { warm-up-seconds = 0, queries = 5, patience-seconds = 0 }
      """;

  /** Writes the dataset below a folder. */
  static SmallSweeps in(Path folder) {
    var images = ImageFolders.write(folder.resolve("images"), 8, 4);
    var output = new org.apache.hadoop.fs.Path(folder.resolve("dataset").toUri());
    new DatasetWriter(LocalSpark.session(), 1 << 20, 1)
        .write(new org.apache.hadoop.fs.Path(images.toUri()), output, "a test");
    return new SmallSweeps(Dataset.open(LocalSpark.session(), output.toString(), output));
  }

  /**
   * A sweep of the space.
   *
   * @param ofSpace further keys of the space
   * @param settings further keys of the sweep
   */
  Sweep sweep(Path results, String ofSpace, String settings) {
    var hocon = COMMON + settings + "\nspace {\n" + SPACE + ofSpace + "\n}";
    var spec = SweepSpec.read(Settings.parse(hocon, "sweep.conf"));
    var path = new org.apache.hadoop.fs.Path(results.toUri());
    return new Sweep(LocalSpark.session(), spec, dataset, path);
  }

  /** The rows of the table, by network and seed. */
  static List<Row> rows(Sweep sweep) {
    return sweep.table().read().orderBy("network", "seed", "status").collectAsList();
  }

  /** What every run of the same training comes to. */
  static List<List<Object>> outcomes(List<Row> rows) {
    return rows.stream()
        .map(
            row ->
                Stream.of("key", "network", "seed", "status", "top1", "val_loss", "images_seen")
                    .<Object>map(row::getAs)
                    .toList())
        .toList();
  }
}
