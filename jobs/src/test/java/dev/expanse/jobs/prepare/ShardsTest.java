package dev.expanse.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardsTest {
  @TempDir private Path folder;

  @Test
  @DisplayName("One, two and five tasks write the same bytes; another seed writes others")
  void sameBytes() {
    var images = ImageFolders.write(folder.resolve("images"), 9, 3);

    var one = files(Prepared.of(images, folder.resolve("one"), options(4096, 1), 1));
    var two = files(Prepared.of(images, folder.resolve("two"), options(4096, 1), 2));
    var five = files(Prepared.of(images, folder.resolve("five"), options(4096, 1), 5));
    var other = files(Prepared.of(images, folder.resolve("other"), options(4096, 2), 2));

    assertThat(one).hasSizeGreaterThan(6);
    assertThat(two.keySet()).isEqualTo(one.keySet());
    assertThat(five.keySet()).isEqualTo(one.keySet());
    one.forEach((name, bytes) -> assertThat(two.get(name)).as(name).isEqualTo(bytes));
    one.forEach((name, bytes) -> assertThat(five.get(name)).as(name).isEqualTo(bytes));
    assertThat(other.keySet()).isEqualTo(one.keySet());
    assertThat(other.get("train/" + shards(folder.resolve("other")).get(0)))
        .isNotEqualTo(one.get("train/" + shards(folder.resolve("one")).get(0)));
  }

  @Test
  @DisplayName("Resized images are the same bytes, too, whatever the number of tasks")
  void sameBytesResized() {
    var images = ImageFolders.write(folder.resolve("images"), 6, 2);
    var options =
        new PrepareOptions(
            4096,
            1,
            Optional.empty(),
            OptionalInt.of(12),
            90,
            OptionalDouble.empty(),
            0,
            Optional.empty());

    var one = files(Prepared.of(images, folder.resolve("one"), options, 1));
    var five = files(Prepared.of(images, folder.resolve("five"), options, 5));

    assertThat(five.keySet()).isEqualTo(one.keySet());
    one.forEach((name, bytes) -> assertThat(five.get(name)).as(name).isEqualTo(bytes));
    assertThat(folder.toFile().list((d, name) -> name.startsWith("."))).isEmpty();
  }

  @Test
  @DisplayName("The shards of a split have equally many images, give or take one")
  void equalShards() {
    var images = ImageFolders.write(folder.resolve("images"), 9, 3);
    Prepared.of(images, folder.resolve("dataset"), options(4096, 1));

    var counts = new ArrayList<Long>();
    for (var name : shards(folder.resolve("dataset"))) {
      var shard = folder.resolve("dataset/train").resolve(name).toString();
      counts.add(LocalSpark.session().read().parquet(shard).count());
    }

    assertThat(counts).hasSizeGreaterThan(3);
    assertThat(counts.stream().mapToLong(n -> n).sum()).isEqualTo(36);
    long least = counts.stream().mapToLong(n -> n).min().orElseThrow();
    assertThat(counts).allMatch(n -> n == least || n == least + 1);
  }

  @Test
  @DisplayName(
      "Row groups have about 8 MiB, no dictionary, and the file hardly more than its images")
  void rowGroups() throws IOException {
    var photograph = noise(folder.resolve("noise.jpg"), 360);
    long each = Files.size(photograph);
    for (var name : new String[] {"a", "b"}) {
      var ofClass = Files.createDirectories(folder.resolve("images/train").resolve(name));
      for (int i = 0; i < 130; i++) {
        Files.createLink(ofClass.resolve(i + ".jpg"), photograph);
      }
    }

    var prepared =
        Prepared.of(
            folder.resolve("images"),
            folder.resolve("dataset"),
            new PrepareOptions(
                1 << 30,
                1,
                Optional.empty(),
                OptionalInt.empty(),
                90,
                OptionalDouble.of(0),
                0,
                Optional.empty()));

    var shard = prepared.folder().resolve("train").resolve(shards(prepared.folder()).get(0));
    assertThat(Files.size(shard)).isBetween(260 * each, 260 * each + 260 * 200);
    var file = HadoopInputFile.fromPath(Prepared.hadoop(shard), new Configuration());
    try (var reader = ParquetFileReader.open(file)) {
      var groups = reader.getFooter().getBlocks();
      assertThat(groups.size()).isGreaterThan(2);
      assertThat(groups.subList(0, groups.size() - 1))
          .extracting(BlockMetaData::getTotalByteSize)
          .allMatch(bytes -> bytes > (6 << 20) && bytes < (9 << 20));
      assertThat(groups.get(0).getColumns())
          .allMatch(column -> column.getDictionaryPageOffset() <= 0);
    }
  }

  @Test
  @DisplayName("Any Spark reads a shard: image: struct<bytes, path>, label, and the label's class")
  void plainSql() {
    var images = ImageFolders.write(folder.resolve("images"), 6, 2);
    var prepared = Prepared.of(images, folder.resolve("dataset"), options(1 << 20, 1));
    var session = LocalSpark.session();

    var rows =
        session
            .sql(
                "select label, count(*), min(length(image.bytes)), min(image.path) from parquet.`%s`"
                        .formatted(prepared.folder().resolve("train"))
                    + " group by label order by label")
            .collectAsList();

    assertThat(rows).hasSize(4);
    for (int label = 0; label < 4; label++) {
      assertThat(rows.get(label).getLong(1)).isEqualTo(6);
      assertThat(rows.get(label).getInt(2)).isPositive();
      assertThat(rows.get(label).getString(3))
          .isEqualTo("train/" + ImageFolders.CLASSES.get(label) + "/0.jpg");
    }
  }

  private static PrepareOptions options(long shardBytes, long seed) {
    return PrepareOptions.usual(shardBytes, seed);
  }

  /** All files but Hadoop's checksums, which are of the same bytes. */
  private static TreeMap<String, byte[]> files(Prepared prepared) {
    var files = Archives.files(prepared.folder());
    files.keySet().removeIf(name -> name.endsWith(".crc"));
    return files;
  }

  private static List<String> shards(Path dataset) {
    var files = dataset.resolve("train").toFile().listFiles(f -> f.getName().endsWith(".parquet"));
    return Arrays.stream(files).map(File::getName).sorted().toList();
  }

  private static Path noise(Path file, int side) throws IOException {
    var random = new SplittableRandom(3);
    var image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        image.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    ImageIO.write(image, "jpg", file.toFile());
    return file;
  }
}
