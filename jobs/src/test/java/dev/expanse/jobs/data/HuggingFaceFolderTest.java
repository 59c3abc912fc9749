package dev.expanse.jobs.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.HubFolders;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HuggingFaceFolderTest {
  /** As the hub's tools note it in each file. */
  private static final String NOTE =
      """
      {"info": {"features": {"image": {"_type": "Image"},
      "label": {"names": ["tench, Tinca tinca", "goldfish", "great white shark"],
      "_type": "ClassLabel"}}}}
      """;

  @TempDir private Path folder;

  @Test
  @DisplayName("Files that Spark wrote are a dataset as they are: splits, counts, bytes, labels")
  void asItIs() throws IOException {
    var images = ImageFolders.write(folder.resolve("images"), 5, 2);

    var dataset = HubFolders.write(images, folder.resolve("hub"), 3);

    assertThat(dataset.classes()).containsExactly("0", "1", "2", "3");
    assertThat(dataset.count(Dataset.TRAIN)).isEqualTo(20);
    assertThat(dataset.count(Dataset.VALIDATION)).isEqualTo(8);
    assertThat(dataset.rowGroups(Dataset.TRAIN)).hasSize(3);
    var read = dataset.images(Dataset.TRAIN).collect();
    assertThat(read).extracting(LabelledImage::path).doesNotHaveDuplicates().hasSize(20);
    assertThat(read)
        .extracting(LabelledImage::index)
        .containsExactlyElementsOf(LongStream.range(0, 20).boxed().toList());
    for (var image : read) {
      var file = images.resolve("train").resolve(image.path());
      assertThat(image.bytes()).isEqualTo(Files.readAllBytes(file));
      assertThat(image.path()).startsWith(ImageFolders.CLASSES.get(image.label()) + "/");
    }
  }

  @Test
  @DisplayName("Class names come from the hub's note; a path may be missing, a label be 32 bits")
  void named() throws IOException {
    write("train-00000-of-00002.parquet", NOTE, 0, 2);
    write("train-00001-of-00002.parquet", NOTE, 1);
    write("validation-00000-of-00001.parquet", NOTE, 2);

    var dataset = open();

    assertThat(dataset.classes())
        .containsExactly("tench, Tinca tinca", "goldfish", "great white shark");
    assertThat(dataset.images(Dataset.TRAIN).collect())
        .extracting(LabelledImage::path)
        .containsExactly(
            "train-00000-of-00002.parquet#0",
            "train-00000-of-00002.parquet#1",
            "train-00001-of-00002.parquet#2");
    assertThat(dataset.images(Dataset.TRAIN).map(LabelledImage::label).collect())
        .containsExactly(0, 2, 1);
    assertThat(dataset.images(Dataset.VALIDATION).map(LabelledImage::label).collect())
        .containsExactly(2);
  }

  @Test
  @DisplayName("One file is a dataset to train on")
  void oneFile() throws IOException {
    write("any.parquet", NOTE, 0, 1, 2);

    var dataset =
        Dataset.open(LocalSpark.session(), folder.resolve("any.parquet").toString(), path("/"));

    assertThat(dataset.images(Dataset.TRAIN).count()).isEqualTo(3);
  }

  @Test
  @DisplayName("The fingerprint tells other images, and not another place")
  void fingerprint() throws IOException {
    write("a/train.parquet", NOTE, 0, 1);
    write("b/train.parquet", NOTE, 0, 1);
    write("c/train.parquet", NOTE, 0, 2);

    assertThat(fingerprint("a")).isEqualTo(fingerprint("b")).isNotEqualTo(fingerprint("c"));
  }

  @ParameterizedTest
  @CsvSource({
    "data/train-00000-of-00017.parquet, train",
    "data/validation-00000-of-00001.parquet, val",
    "default/train/0000.parquet, train",
    "valid/part-3.parquet, val",
    "dev.parquet, val",
    "train/test-1.parquet, test",
    "imagenet100/constrained.parquet, train",
  })
  @DisplayName("The names of files, then of folders, tell the split")
  void split(String file, String split) throws IOException {
    write(file, NOTE, 0);

    assertThat(open().count(split)).isEqualTo(1);
  }

  @Test
  @DisplayName("Other columns, and a label without a class, are refused in one sentence")
  void refused() throws IOException {
    Files.createDirectories(folder);
    LocalSpark.session().range(3).write().parquet(folder.resolve("numbers").toString());
    assertThatThrownBy(() -> fingerprint("numbers"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("expected Parquet with the columns image: struct<bytes, path>");

    write("labels/train.parquet", NOTE, 0, 7);
    var dataset =
        Dataset.open(LocalSpark.session(), folder.resolve("labels").toString(), path("/"));
    assertThatThrownBy(() -> dataset.images(Dataset.TRAIN).collect())
        .hasMessageContaining("train.parquet#1: label = 7: expected one of the 3 classes, 0 to 2");

    Files.createDirectories(folder.resolve("empty"));
    assertThatThrownBy(() -> fingerprint("empty"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("expected a folder with a dataset.json");
  }

  private Dataset open() {
    return Dataset.open(LocalSpark.session(), folder.toString(), path("/"));
  }

  private String fingerprint(String name) {
    return Dataset.open(LocalSpark.session(), folder.resolve(name).toString(), path("/"))
        .fingerprint();
  }

  private static org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(name);
  }

  /** A file without paths, with 32-bit labels, and other columns first. */
  private void write(String name, String note, int... labels) throws IOException {
    var schema =
        MessageTypeParser.parseMessageType(
            """
            message m {
              optional int64 id;
              optional int32 label;
              optional group image { optional binary path (STRING); optional binary bytes; }
            }
            """);
    var hadoop = new Configuration();
    var file = HadoopOutputFile.fromPath(path(folder.resolve(name).toString()), hadoop);
    try (var writer =
        ExampleParquetWriter.builder(file)
            .withType(schema)
            .withExtraMetaData(Map.of("huggingface", note))
            .build()) {
      for (int label : labels) {
        var row = new SimpleGroupFactory(schema).newGroup().append("id", 5L).append("label", label);
        row.addGroup("image").append("bytes", Binary.fromConstantByteArray(new byte[] {1, 2}));
        writer.write(row);
      }
    }
  }
}
