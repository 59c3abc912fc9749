package dev.expanse.jobs.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.jobs.HubFolders;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.data.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with the images is no configuration's failure: the sweep ends and says so. */
class DamagedImagesTest {
  @TempDir private Path work;

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({"train, tasks", "train, averaged", "val, tasks", "val, averaged"})
  @DisplayName("A sweep of an image that cannot be decoded names it, and leaves no failed row")
  void undecodable(String split, String train) throws IOException {
    var images = ImageFolders.write(work.resolve("images"), 8, 4);
    Files.writeString(images.resolve(split).resolve("red/0.jpg"), "no image");
    var sweep = sweep(HubFolders.write(images, work.resolve("hub"), 1), train);

    assertThatThrownBy(sweep::run)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("red/0.jpg: ")
        .hasMessageEndingWith(": expected images that can be decoded; prepare leaves others out");
    assertThat(sweep.table().read().collectAsList()).isEmpty();
  }

  @Test
  @DisplayName("A sweep of a shard that cannot be read names it, and leaves no failed row")
  void unreadable() throws IOException {
    var images = ImageFolders.write(work.resolve("images"), 8, 4);
    var dataset = HubFolders.write(images, work.resolve("hub"), 1);
    var shard = Path.of(java.net.URI.create(dataset.rowGroups(Dataset.TRAIN).get(0).shard()));
    var bytes = Files.readAllBytes(shard);
    Arrays.fill(bytes, 4, bytes.length / 2, (byte) 0); // the footer is at the end
    Files.write(shard, bytes);
    Files.deleteIfExists(shard.resolveSibling("." + shard.getFileName() + ".crc"));
    var sweep = sweep(dataset, "tasks");

    assertThatThrownBy(sweep::run)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            shard.getFileName() + ": cannot be read, expected a sound Parquet file: ");
    assertThat(sweep.table().read().collectAsList()).isEmpty();
  }

  private Sweep sweep(Dataset dataset, String train) {
    var hocon =
        """
        dataset = unused, recipe = quick, resolution = 16, train = %s
        recipe-changes { batch = 8, epochs = 1 }
        latency { warm-up-seconds = 0, queries = 5, patience-seconds = 0 }
        configurations = [{
          name = small, family = inverted-residual, table = [[1, 8, 1, 2, 3]], stem = 8, head = 16
        }]
        """
            .formatted(train);
    return new Sweep(
        LocalSpark.session(),
        SweepSpec.read(Settings.parse(hocon, "sweep.conf")),
        dataset,
        new org.apache.hadoop.fs.Path(work.resolve("results").toUri()));
  }
}
