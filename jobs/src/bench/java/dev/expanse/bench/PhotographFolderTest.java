package dev.expanse.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhotographFolderTest {
  @TempDir private Path given;

  @ParameterizedTest
  @CsvSource({"0, 375, 500, 1", "1, 500, 375, 1", "3, 500, 375, 2"})
  void madePhotographsAreLikeThoseOfImageNet(int number, int width, int height, int sampling)
      throws IOException {
    var file = PhotographMaker.make(number);
    assertThat(PhotographMaker.make(number)).isEqualTo(file);
    assertThat(file.length).isBetween(75_000, 150_000);
    var photograph = Photograph.of(Path.of("made.jpg"), file);
    assertThat(photograph.width()).isEqualTo(width);
    assertThat(photograph.height()).isEqualTo(height);
    assertThat(luminanceSampling(file)).isEqualTo(sampling << 4 | sampling);
  }

  /** Both factors, from the frame header: FF C0, length, bits, height, width, 3, id, factors. */
  private static int luminanceSampling(byte[] file) {
    int at = 0;
    while (file[at] != (byte) 0xff || file[at + 1] != (byte) 0xc0) {
      at++;
    }
    return file[at + 11];
  }

  @ParameterizedTest
  @CsvSource({"0, false", "1, true", "2, false", "6, true"})
  void oneOfFiveMadeOnesHasAColorProfile(int number, boolean hasProfile) throws IOException {
    var file = new String(PhotographMaker.make(number), StandardCharsets.ISO_8859_1);
    assertThat(file.contains("ICC_PROFILE")).isEqualTo(hasProfile);
  }

  @Test
  void jpegFilesAreTakenAtAnyDepthAndBrokenOnesLeftOut() throws IOException {
    var file = PhotographMaker.make(0);
    Files.createDirectories(given.resolve("val/n1"));
    Files.write(given.resolve("val/n1/a.JPEG"), file);
    Files.write(given.resolve("b.jpg"), file);
    Files.write(given.resolve("c.jpg"), new byte[] {1, 2, 3});
    Files.writeString(given.resolve("d.txt"), "no image");
    Path copies;
    try (var folder = PhotographFolder.from(given)) {
      copies = folder.path();
      assertThat(folder.count()).isEqualTo(2);
      assertThat(Photograph.all(copies)).extracting(Photograph::file).containsExactly(file, file);
    }
    assertThat(copies).doesNotExist();
  }

  @Test
  void noMoreAreTakenThanAPassIsShortWith() throws IOException {
    var file = PhotographMaker.make(0);
    for (int i = 0; i < 105; i++) {
      Files.write(given.resolve(i + ".jpg"), file);
    }
    try (var folder = PhotographFolder.from(given)) {
      assertThat(folder.count()).isEqualTo(100);
    }
  }

  @Test
  void aFolderWithoutAnyIsRefused() {
    assertThatThrownBy(() -> PhotographFolder.from(given))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("--images %s: expected JPEG files (.jpg, .jpeg), at any depth", given);
  }
}
