package dev.expanse.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.ImageFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarArchiveTest {
  private static final PrepareOptions OPTIONS =
      Prepared.options(Optional.empty(), OptionalDouble.empty(), 0);

  @TempDir private Path folder;
  private TreeMap<String, byte[]> files;
  private String fingerprint;

  @BeforeEach
  void writeImages() {
    var images = ImageFolders.write(folder.resolve("images"), 6, 2);
    files = Archives.files(images);
    fingerprint =
        Prepared.of(images, folder.resolve("of-folders"), OPTIONS).description().fingerprint();
  }

  @Test
  @DisplayName("An archive of class folders gives the dataset of the folders, names and all")
  void plain() throws IOException {
    var archive = Files.write(folder.resolve("images.tar"), Archives.tar(files));

    var prepared = prepare(archive);

    assertThat(prepared.description().fingerprint()).isEqualTo(fingerprint);
    var train = prepared.images("train");
    assertThat(train).hasSize(24);
    train.forEach((name, image) -> assertThat(image.bytes()).isEqualTo(files.get(name)));
  }

  @Test
  @DisplayName("A gzipped archive gives the same, under both of its endings, and nothing is left")
  void gzipped() throws IOException {
    for (var name : new String[] {"images.tar.gz", "images.tgz"}) {
      var archive = Files.write(folder.resolve(name), Archives.tarGz(files));
      assertThat(prepare(archive).description().fingerprint()).isEqualTo(fingerprint);
    }
    assertThat(folder.toFile().list((d, name) -> name.startsWith("."))).isEmpty();
  }

  @Test
  @DisplayName("A prefix, long names, read-me files and hidden files do not matter")
  void prefix() throws IOException {
    var prefix = "./some/" + "long-".repeat(30) + "folder/";
    var wrapped = new TreeMap<String, byte[]>();
    files.forEach((name, bytes) -> wrapped.put(prefix + name, bytes));
    wrapped.put("./some/README", new byte[] {1});
    wrapped.put(prefix + "train/red/.hidden.jpg", new byte[] {1});
    wrapped.put(prefix + "train/red/._0.jpg", new byte[] {1});
    var archive = Files.write(folder.resolve("wrapped.tar"), Archives.tar(wrapped));

    var prepared = prepare(archive);

    assertThat(prepared.description().fingerprint()).isEqualTo(fingerprint);
    assertThat(prepared.images("val")).containsKey("val/red/0.jpg");
  }

  @Test
  @DisplayName("Class folders without splits are split by name, in an archive as in folders")
  void withoutSplits() throws IOException {
    var classes = new TreeMap<String, byte[]>();
    files.forEach(
        (name, b) -> {
          if (name.startsWith("train/")) {
            classes.put("all/" + name.substring("train/".length()), b);
          }
        });
    var archive = Files.write(folder.resolve("classes.tar"), Archives.tar(classes));

    var fromArchive = prepare(archive);
    var fromFolders = Prepared.of(folder.resolve("images/train"), folder.resolve("o"), OPTIONS);

    assertThat(fromArchive.images("val")).hasSize(4);
    assertThat(fromArchive.images("train"))
        .hasSize(20)
        .doesNotContainKeys(fromArchive.images("val").keySet().toArray(String[]::new));
    assertThat(fromFolders.images("val").keySet()).isEqualTo(fromArchive.images("val").keySet());
    assertThat(fromFolders.description().fingerprint())
        .isEqualTo(fromArchive.description().fingerprint());
  }

  @Test
  @DisplayName("Classes in two places, an archive cut off, and what is no archive are refused")
  void refused() throws IOException {
    var twice = new TreeMap<String, byte[]>();
    files.forEach((name, bytes) -> twice.put("a/" + name, bytes));
    files.forEach((name, bytes) -> twice.put("b/" + name, bytes));
    refused("twice.tar", Archives.tar(twice), "expected all classes in one folder, found a/");
    var whole = Archives.tar(files);
    refused("half.tar", Arrays.copyOf(whole, whole.length / 2), "expected a whole tar archive");
    var zipped = Archives.tarGz(files);
    refused(
        "half.tgz",
        Arrays.copyOf(zipped, zipped.length / 2),
        "expected a whole gzipped archive: it is cut");
    refused(
        "text.tar", "no archive, only text\n".repeat(100).getBytes(), "text.tar: expected a whole");
    refused("text.tgz", "no archive".getBytes(), "text.tgz: expected a whole gzipped archive");
    refused("empty.tar", new byte[0], "empty.tar: expected a whole tar archive");
    refused("none.tar", Archives.tar(new TreeMap<>()), "expected images at split/class/file");
  }

  private void refused(String name, byte[] archive, String message) throws IOException {
    var file = Files.write(folder.resolve(name), archive);
    assertThatThrownBy(() -> prepare(file))
        .satisfies(
            e ->
                assertThat(InvalidInputException.causeOf(e).orElseThrow())
                    .hasMessageContaining(message));
    assertThat(folder.toFile().list((d, n) -> n.startsWith("."))).isEmpty();
  }

  private Prepared prepare(Path archive) {
    return Prepared.of(archive, folder.resolve("of-" + archive.getFileName()), OPTIONS);
  }
}
