package dev.expanse.jobs.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.Path;

/** The dataset inside the application jar: 100 classes of emoji, 64 x 64 pixels. */
final class SampleDataset {
  static final String NAME = "sample";

  private SampleDataset() {}

  /** The folder under {@code results} that holds the sample, unpacked there the first time. */
  static Path unpack(Storage storage, Path results) {
    var json = new String(resource(Dataset.DESCRIPTION), StandardCharsets.UTF_8);
    var description = DatasetDescription.parse(json, NAME + "/" + Dataset.DESCRIPTION);
    var name = NAME + "-" + description.fingerprint().substring(0, 8);
    var folder = new Path(new Path(results, "datasets"), name);
    if (!storage.exists(new Path(folder, Dataset.DESCRIPTION))) {
      for (var split : description.splits().values()) {
        for (var shard : split.shards()) {
          storage.write(new Path(folder, shard), resource(shard));
        }
      }
      storage.write(new Path(folder, "NOTICE"), resource("NOTICE"));
      storage.write(new Path(folder, Dataset.DESCRIPTION), json.getBytes(StandardCharsets.UTF_8));
    }
    return folder;
  }

  private static byte[] resource(String name) {
    try (var in = SampleDataset.class.getResourceAsStream("/dev/expanse/jobs/sample/" + name)) {
      if (in == null) {
        throw new IllegalStateException("The application jar has no sample/" + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
