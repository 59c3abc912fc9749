package dev.expanse.jobs.prepare;

import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.DatasetDescription;
import dev.expanse.jobs.data.LabelledImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A dataset that a test has had prepared.
 *
 * @param folder where it is
 * @param bad what was left out
 */
record Prepared(Path folder, BadImages bad) {

  /** The usual options for tests, with shards of 1 MiB. */
  static PrepareOptions options(Optional<String> classes, OptionalDouble valShare, double maxBad) {
    return new PrepareOptions(
        1 << 20, 1, classes, OptionalInt.empty(), 90, valShare, maxBad, Optional.empty());
  }

  static Prepared of(Path input, Path output, PrepareOptions options) {
    return of(input, output, options, 2);
  }

  static Prepared of(Path input, Path output, PrepareOptions options, int tasks) {
    var summary =
        new DatasetWriter(LocalSpark.session(), options, tasks)
            .write(hadoop(input), hadoop(output), "a test");
    return new Prepared(output, summary.badImages());
  }

  static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }

  Dataset dataset() {
    return Dataset.open(LocalSpark.session(), folder.toString(), hadoop(folder));
  }

  DatasetDescription description() {
    var json = folder.resolve("dataset.json");
    try {
      return DatasetDescription.parse(Files.readString(json), json.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The images of a split by path. */
  Map<String, LabelledImage> images(String split) {
    return dataset().images(split).collect().stream()
        .collect(Collectors.toMap(LabelledImage::path, i -> i, (a, b) -> null, TreeMap::new));
  }
}
