package dev.expanse.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.ImageFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageNetArchivesTest {
  /** blue, green, grey, red. */
  private static final List<String> WNIDS =
      List.of("n01440764", "n01443537", "n01484850", "n01491361");

  @TempDir private Path folder;
  private Path images;
  private Path archives;

  @BeforeEach
  void writeArchives() throws IOException {
    images = ImageFolders.write(folder.resolve("images"), 6, 2);
    archives = Archives.imageNet(images, WNIDS, folder.resolve("archives"));
  }

  @Test
  @DisplayName("Every image comes out of the archives with its class, under a name with its class")
  void everyImage() throws IOException {
    var prepared = prepare("all");

    var train = prepared.images("train");
    assertThat(train).hasSize(24);
    assertThat(train.get("train/n01443537/n01443537_4.JPEG").bytes())
        .isEqualTo(Files.readAllBytes(images.resolve("train/green/4.jpg")));
    var val = prepared.images("val");
    assertThat(val).hasSize(8);
    // numbers go by the sorted names of the folder: 7 is val/red/0.jpg
    var red = val.get("val/n01491361/ILSVRC2012_val_00000007.JPEG");
    assertThat(red.bytes()).isEqualTo(Files.readAllBytes(images.resolve("val/red/0.jpg")));
    assertThat(red.label()).isEqualTo(3);
    train.forEach((name, image) -> assertThat(name).contains("/" + WNIDS.get(image.label()) + "/"));
  }

  @Test
  @DisplayName("The dataset is that of the same images in folders, and has the devkit's names")
  void sameAsFolders() {
    var prepared = prepare("all").description();
    var options = Prepared.options(Optional.empty(), OptionalDouble.empty(), 0);

    assertThat(prepared.fingerprint())
        .isEqualTo(Prepared.of(images, folder.resolve("f"), options).description().fingerprint());
    assertThat(prepared.classes()).isEqualTo(WNIDS);
    assertThat(prepared.classNames()).first().isEqualTo("class n01440764");
    assertThat(prepared.splits().get("val").imagesOfClass()).containsExactly(2L, 2L, 2L, 2L);
  }

  @Test
  @DisplayName("A list takes its classes alone, sorted, and by the names that it gives")
  void listed() throws IOException {
    var list =
        Files.writeString(folder.resolve("list"), "# two\nn01491361\nn01443537   gold fish\n");

    var prepared = prepare(list.toString());

    assertThat(prepared.description().classes()).containsExactly("n01443537", "n01491361");
    assertThat(prepared.description().classNames()).containsExactly("gold fish", "class n01491361");
    assertThat(prepared.images("train")).hasSize(12);
    assertThat(prepared.images("val").values()).extracting(i -> i.label()).containsOnly(0, 1);
  }

  @Test
  @DisplayName("CMC's list is the usual one, and classes that the archives lack are named")
  void usualList() {
    refused(null, "--classes = cmc: ", "has no images of 100 of its 100 classes: n01558993, ");
  }

  @Test
  @DisplayName("Archives of training images alone are split by name")
  void withoutValidation() throws IOException {
    Files.delete(archives.resolve("ILSVRC2012_img_val.tar"));
    Files.delete(archives.resolve("ILSVRC2012_devkit_t12.tar.gz"));

    var prepared = prepare("all");

    assertThat(prepared.images("val")).hasSize(4);
    assertThat(prepared.images("train")).hasSize(20);
    assertThat(prepared.description().classNames()).first().isEqualTo("tench, Tinca tinca");
  }

  @Test
  @DisplayName("The devkit may be elsewhere; without one, or with that of other images, it is told")
  void devkit() throws IOException {
    var kit = archives.resolve("ILSVRC2012_devkit_t12.tar.gz");
    var elsewhere = Files.move(kit, folder.resolve("kit.tar.gz"));
    refused("all", "ILSVRC2012_devkit_t12.tar.gz: no such file, expected ImageNet's devkit");
    var dataset = prepare("all", Optional.of(elsewhere));
    assertThat(dataset.images("val")).hasSize(8);
    Files.move(dataset.folder(), folder.resolve("done"));

    Files.write(kit, Archives.tarGz(Archives.files(images)));
    refused("all", "expected ImageNet's devkit: it has no data/ILSVRC2012_validation");
    Files.writeString(kit, "no archive");
    refused("all", "expected ImageNet's devkit: ");

    var fewer = ImageFolders.write(folder.resolve("fewer"), 2, 1);
    var other = Archives.imageNet(fewer, WNIDS, folder.resolve("other"));
    Files.copy(other.resolve(kit.getFileName()), folder.resolve("fewer.tar.gz"));
    assertThatThrownBy(() -> prepare("all", Optional.of(folder.resolve("fewer.tar.gz"))))
        .hasMessageContaining("has 8 images, expected the 4 that the devkit has classes of");
  }

  private void refused(String classes, String... messages) {
    var thrown =
        assertThatThrownBy(() -> prepare(classes)).isInstanceOf(InvalidInputException.class);
    for (var message : messages) {
      thrown.hasMessageContaining(message);
    }
    assertThat(folder.resolve("dataset-" + classes + "-false")).doesNotExist();
  }

  private Prepared prepare(String classes) {
    return prepare(classes, Optional.empty());
  }

  private Prepared prepare(String classes, Optional<Path> devkit) {
    var options =
        new PrepareOptions(
            1 << 20,
            1,
            Optional.ofNullable(classes),
            OptionalInt.empty(),
            90,
            OptionalDouble.empty(),
            0,
            devkit.map(Prepared::hadoop));
    var name = "dataset-" + (classes == null ? null : Path.of(classes).getFileName());
    return Prepared.of(archives, folder.resolve(name + "-" + devkit.isPresent()), options);
  }
}
