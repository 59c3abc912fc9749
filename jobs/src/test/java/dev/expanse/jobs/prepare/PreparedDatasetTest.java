package dev.expanse.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.ImageFolders;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparedDatasetTest {
  private static final PrepareOptions USUAL =
      Prepared.options(Optional.empty(), OptionalDouble.empty(), 0);

  @TempDir private Path folder;
  private Path images;

  @BeforeEach
  void writeImages() {
    images = ImageFolders.write(folder.resolve("images"), 10, 2);
  }

  @Test
  @DisplayName("Mean and deviation are those of the training images' pixels on a scale of 0 to 1")
  void statistics() throws IOException {
    var statistics = prepare("dataset", USUAL).description().statistics().orElseThrow();

    var sums = new double[3];
    var squares = new double[3];
    int pixels = 0;
    for (var file : Archives.files(images.resolve("train")).values()) {
      var image = ImageIO.read(new ByteArrayInputStream(file)); // all have the same size
      for (int rgb : image.getRGB(0, 0, 20, 20, null, 0, 20)) {
        for (int channel = 0; channel < 3; channel++) {
          double value = (rgb >> (16 - 8 * channel) & 0xff) / 255.0;
          sums[channel] += value;
          squares[channel] += value * value;
        }
        pixels++;
      }
    }
    assertThat(statistics.images()).isEqualTo(40);
    for (int channel = 0; channel < 3; channel++) {
      double mean = sums[channel] / pixels;
      assertThat(statistics.mean().get(channel)).isCloseTo(mean, within(0.005));
      assertThat(statistics.deviation().get(channel))
          .isCloseTo(Math.sqrt(squares[channel] / pixels - mean * mean), within(0.005));
    }
  }

  @Test
  @DisplayName("Larger images are resized to the shorter side; smaller ones keep their bytes")
  void shorterSide() throws IOException {
    var small = ImageIO.read(images.resolve("train/red/0.jpg").toFile()).getSubimage(0, 0, 9, 12);
    ImageIO.write(small, "jpg", images.resolve("train/red/small.jpg").toFile());
    var options =
        new PrepareOptions(
            1 << 20,
            1,
            Optional.empty(),
            OptionalInt.of(10),
            80,
            OptionalDouble.empty(),
            0,
            Optional.empty());

    var prepared = prepare("dataset", options);

    var train = prepared.images("train");
    var kept = train.get("train/red/small.jpg");
    assertThat(kept.bytes()).isEqualTo(Files.readAllBytes(images.resolve("train/red/small.jpg")));
    var resized = ImageIO.read(new ByteArrayInputStream(train.get("train/red/1.jpg").bytes()));
    assertThat(resized.getWidth()).isEqualTo(10);
    assertThat(resized.getHeight()).isEqualTo(10);
    int centre = resized.getRGB(5, 5);
    assertThat(centre >> 16 & 0xff).as("red").isGreaterThan(centre & 0xff);
    var preparation = prepared.description().preparation().orElseThrow();
    assertThat(preparation.shorterSide()).hasValue(10);
    assertThat(preparation.jpegQuality()).hasValue(80);
  }

  @Test
  @DisplayName("A share of each class becomes val, the same for every seed, and refused beside one")
  void valShare() {
    var train = images.resolve("train");
    var third = Prepared.options(Optional.empty(), OptionalDouble.of(0.3), 0);

    var prepared = Prepared.of(train, folder.resolve("third"), third);
    var none = Prepared.options(Optional.empty(), OptionalDouble.of(0), 0);
    var whole = Prepared.of(train, folder.resolve("whole"), none).description();

    assertThat(prepared.description().splits().get("val").imagesOfClass())
        .containsExactly(3L, 3L, 3L, 3L);
    assertThat(prepared.description().splits().get("train").imagesOfClass())
        .containsExactly(7L, 7L, 7L, 7L);
    assertThat(prepared.images("val").keySet())
        .allMatch(name -> name.matches("(blue|green|grey|red)/\\d+\\.jpg"))
        .doesNotContainAnyElementsOf(prepared.images("train").keySet());
    assertThat(whole.splits()).containsOnlyKeys("train");
    assertThatThrownBy(() -> prepare("dataset", third))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("--val-share = 0.3: expected with an input without a split val only");
  }

  @Test
  @DisplayName("A list that names a class that the folders lack is refused with the class")
  void missingClass() throws IOException {
    var list = Files.writeString(folder.resolve("list"), "red\nviolet\n").toString();
    var options = Prepared.options(Optional.of(list), OptionalDouble.empty(), 0);

    assertThatThrownBy(() -> prepare("dataset", options))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("has no images of 1 of its 2 classes: violet");
  }

  @Test
  @DisplayName("A split in parts, as Kaggle has them, is one split")
  void parts() throws IOException {
    for (var move : new String[] {"red", "green"}) {
      Files.createDirectories(images.resolve("train.X2"));
      Files.move(images.resolve("train").resolve(move), images.resolve("train.X2").resolve(move));
    }
    Files.move(images.resolve("train"), images.resolve("train.X1"));
    Files.move(images.resolve("val"), images.resolve("val.X"));

    var prepared = prepare("dataset", USUAL);

    assertThat(prepared.images("train")).hasSize(40).containsKey("train.X2/red/3.jpg");
    assertThat(prepared.images("val")).hasSize(8);
  }

  @Test
  @DisplayName("A dataset sharded anew has the same images, names and fingerprint; a list chooses")
  void again() throws IOException {
    var first = prepare("first", USUAL);
    var list = Files.writeString(folder.resolve("list"), "red   rouge\nblue\n").toString();

    var second = Prepared.of(first.folder(), folder.resolve("second"), options(4096));
    var two =
        Prepared.of(
            first.folder(),
            folder.resolve("two"),
            Prepared.options(Optional.of(list), OptionalDouble.empty(), 0));

    assertThat(second.description().fingerprint()).isEqualTo(first.description().fingerprint());
    assertThat(second.description().statistics()).isEqualTo(first.description().statistics());
    assertThat(second.description().splits().get("train").shards()).hasSizeGreaterThan(3);
    assertThat(second.images("train").keySet()).isEqualTo(first.images("train").keySet());
    assertThat(two.description().classes()).containsExactly("blue", "red");
    assertThat(two.description().classNames()).containsExactly("blue", "rouge");
    assertThat(two.images("train")).hasSize(20);
    assertThat(folder.toFile().list((d, name) -> name.startsWith("."))).isEmpty();
  }

  private static PrepareOptions options(long shardBytes) {
    return PrepareOptions.usual(shardBytes, 5);
  }

  private Prepared prepare(String name, PrepareOptions options) {
    return Prepared.of(images, folder.resolve(name), options);
  }
}
