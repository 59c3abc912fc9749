package dev.expanse.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.LabelledImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetWriterTest {
  @TempDir private Path folder;
  private Path images;
  private Path output;

  @BeforeEach
  void writeImages() {
    images = ImageFolders.write(folder.resolve("images"), 6, 2);
    output = folder.resolve("dataset");
  }

  @Test
  @DisplayName("Every image comes back with its bytes, path and label")
  void content() throws IOException {
    write(1 << 20, 1);

    var dataset = open();
    var read = dataset.images("train").collect();

    assertThat(dataset.classes()).isEqualTo(ImageFolders.CLASSES);
    assertThat(dataset.count("train")).isEqualTo(24);
    assertThat(dataset.count("val")).isEqualTo(8);
    assertThat(read).extracting(LabelledImage::path).doesNotHaveDuplicates().hasSize(24);
    for (var image : read) {
      assertThat(image.bytes()).isEqualTo(Files.readAllBytes(images.resolve(image.path())));
      assertThat(image.path()).startsWith("train/" + dataset.classes().get(image.label()) + "/");
    }
  }

  @Test
  @DisplayName(
      "Shards have the hub's schema and names, are mixed across classes, and none is large")
  void shards() {
    write(4096, 1);

    var table = LocalSpark.session().read().parquet(output.resolve("train").toString());

    assertThat(table.schema().simpleString())
        .isEqualTo("struct<image:struct<bytes:binary,path:string>,label:bigint>");
    var names = output.resolve("train").toFile().list((d, name) -> name.endsWith(".parquet"));
    assertThat(names).hasSizeGreaterThan(2);
    var last = "train-%05d-of-%05d.parquet".formatted(names.length - 1, names.length);
    assertThat(names).contains(last);
    var first =
        LocalSpark.session().read().parquet(output.resolve("train").resolve(last).toString());
    assertThat(first.select("label").distinct().count()).isGreaterThan(1);
  }

  @Test
  @DisplayName("One seed gives the same order and fingerprint whatever the shards; another order")
  void repeatable() {
    write(1 << 20, 1);
    var dataset = open();
    var paths = dataset.images("train").map(LabelledImage::path).collect();

    output = folder.resolve("again");
    write(1 << 20, 1);
    assertThat(open().images("train").map(LabelledImage::path).collect()).isEqualTo(paths);
    assertThat(open().fingerprint()).isEqualTo(dataset.fingerprint());

    output = folder.resolve("small-shards");
    write(4096, 1);
    assertThat(open().fingerprint()).isEqualTo(dataset.fingerprint());

    output = folder.resolve("other-seed");
    write(1 << 20, 2);
    assertThat(open().images("train").map(LabelledImage::path).collect()).isNotEqualTo(paths);
    assertThat(open().fingerprint()).isEqualTo(dataset.fingerprint());
  }

  @Test
  @DisplayName("A truncated JPEG and a text named .jpg are left out, counted and listed")
  void badImages() throws IOException {
    var truncated = images.resolve("train/red/0.jpg");
    var bytes = Files.readAllBytes(truncated);
    Files.write(truncated, Arrays.copyOf(bytes, bytes.length / 2));
    Files.writeString(images.resolve("val/grey/1.jpg"), "not an image");

    var bad = Prepared.of(images, output, options(1)).bad();

    assertThat(bad.of()).isEqualTo(32);
    assertThat(bad.images())
        .extracting(BadImages.BadImage::path)
        .containsExactly("train/red/0.jpg", "val/grey/1.jpg");
    assertThat(bad.images().get(0).reason()).contains("truncated");
    assertThat(bad.images().get(1).reason()).contains("not a JPEG, PNG or GIF");
    assertThat(open().count("train")).isEqualTo(23);
    assertThat(open().images("train").map(LabelledImage::path).collect())
        .hasSize(23)
        .doesNotContain("train/red/0.jpg");
    var listed = LocalSpark.session().read().parquet(output.resolve("quarantine").toString());
    assertThat(listed.select("path").collectAsList()).hasSize(2);
  }

  @Test
  @DisplayName("An empty class folder is named")
  void emptyClass() throws IOException {
    for (var split : new String[] {"train", "val"}) {
      Files.createDirectories(images.resolve(split).resolve("yellow"));
    }
    refused("train/yellow: expected images, but the class folder is empty");
  }

  @Test
  @DisplayName("A class of which no image can be decoded is named")
  void undecodableClass() throws IOException {
    for (int i = 0; i < 2; i++) {
      Files.writeString(images.resolve("val/red/" + i + ".jpg"), "text");
    }
    assertThatThrownBy(() -> Prepared.of(images, output, options(1)))
        .hasMessageContaining("class red of val: expected images, but none of its files can be");
    assertThat(output).doesNotExist();
  }

  @Test
  @DisplayName("Splits of different classes are refused with the numbers and the difference")
  void differentClasses() throws IOException {
    Files.createDirectories(images.resolve("val/yellow"));
    Files.copy(images.resolve("val/red/0.jpg"), images.resolve("val/yellow/0.jpg"));
    refused("val: has 5 classes, expected the 4 of ");
    refused("only here: yellow");
  }

  @Test
  @DisplayName("A missing input, one without splits, and an output that is there are refused")
  void paths() throws IOException {
    images = folder.resolve("none");
    refused("none: no such folder");
    images = Files.createDirectories(folder.resolve("empty"));
    refused("expected class folders, under train, val, test or without splits");
    Files.createDirectories(output);
    Files.writeString(output.resolve("precious"), "kept");
    assertThatThrownBy(() -> write(1 << 20, 1)).hasMessageContaining("is there already");
    assertThat(output.resolve("precious")).hasContent("kept");
  }

  @Test
  @DisplayName("A folder that is no dataset is refused, and so is a split that it lacks")
  void noDataset() {
    assertThatThrownBy(this::open)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("expected a folder with a dataset.json");
    write(1 << 20, 1);
    assertThatThrownBy(() -> open().count("test"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("split = test: expected one of [train, val]");
  }

  private void refused(String message) {
    assertThatThrownBy(() -> write(1 << 20, 1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message);
    assertThat(output).doesNotExist();
    assertThat(folder.toFile().list((d, name) -> name.startsWith(".dataset"))).isEmpty();
  }

  private static PrepareOptions options(double maxBad) {
    return Prepared.options(Optional.empty(), OptionalDouble.empty(), maxBad);
  }

  private DatasetWriter.Summary write(long shardBytes, long seed) {
    return new DatasetWriter(LocalSpark.session(), shardBytes, seed)
        .write(hadoop(images), hadoop(output), "a test");
  }

  private Dataset open() {
    return Dataset.open(LocalSpark.session(), output.toString(), hadoop(folder));
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }
}
