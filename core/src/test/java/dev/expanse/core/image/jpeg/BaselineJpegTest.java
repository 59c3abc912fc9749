package dev.expanse.core.image.jpeg;

import static dev.expanse.core.image.jpeg.TestJpegs.decodeByJdk;
import static dev.expanse.core.image.jpeg.TestJpegs.scene;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.expanse.core.image.jpeg.TestJpegs.Style;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The baseline JPEG decoder")
class BaselineJpegTest {

  private static final int COLOR = BufferedImage.TYPE_INT_RGB;
  private static final int GREY = BufferedImage.TYPE_BYTE_GRAY;

  static Stream<Style> styles() {
    return Stream.of(
        new Style(1, 1, 0.75, 0, false),
        new Style(2, 1, 0.75, 0, false),
        new Style(2, 2, 0.75, 0, false),
        new Style(1, 1, 0.95, 3, true),
        new Style(2, 1, 1.0, 1, true),
        new Style(2, 2, 1.0, 2, true),
        new Style(2, 2, 0.3, 7, false),
        new Style(1, 1, 1.0, 0, true),
        new Style(1, 1, 0.05, 0, true),
        new Style(2, 2, 0.05, 0, false));
  }

  @ParameterizedTest
  @DisplayName("gives libjpeg's pixels, whatever sides, sampling, quality and restarts")
  @MethodSource("styles")
  void samePixelsAsLibjpeg(Style style) throws IOException {
    for (int type : new int[] {COLOR, GREY}) {
      for (int i = 0; i < 90; i++) {
        int width = i < 70 ? i + 1 : 1 + i * 31 % 200;
        int height = 1 + i * 7 % 50;
        byte[] file = style.write(scene(width, height, type, i));

        assertSame(file, width, height);
      }
    }
  }

  @ParameterizedTest
  @DisplayName("gives of any region the pixels that the whole image has there")
  @MethodSource("styles")
  void samePixelsInRegions(Style style) throws IOException {
    Random random = new Random(41);
    for (int i = 0; i < 40; i++) {
      int width = 1 + random.nextInt(70);
      int height = 1 + random.nextInt(50);
      byte[] file = style.write(scene(width, height, i % 5 == 0 ? GREY : COLOR, i));
      byte[] whole = decodeByJdk(file);
      for (int k = 0; k < 40; k++) {
        int x = random.nextInt(width);
        int y = random.nextInt(height);
        int w = 1 + random.nextInt(width - x);
        int h = 1 + random.nextInt(height - y);

        byte[] part = BaselineJpeg.of(file).decode(x, y, w, h);

        assertThat(part).isEqualTo(crop(whole, width, x, y, w, h));
      }
    }
  }

  private static byte[] crop(byte[] rgb, int width, int x, int y, int w, int h) {
    byte[] cropped = new byte[w * h * 3];
    for (int row = 0; row < h; row++) {
      System.arraycopy(rgb, ((y + row) * width + x) * 3, cropped, row * w * 3, w * 3);
    }
    return cropped;
  }

  private static void assertSame(byte[] file, int width, int height) throws IOException {
    BaselineJpeg jpeg = BaselineJpeg.of(file);
    assertThat(jpeg.width()).isEqualTo(width);
    assertThat(jpeg.height()).isEqualTo(height);
    assertThat(jpeg.decode(0, 0, width, height)).isEqualTo(decodeByJdk(file));
  }

  @Test
  @DisplayName("does not look at what comes below a region")
  void readsNoFurtherThanTheRegion() throws IOException {
    byte[] file = new Style(2, 2, 0.9, 0, false).write(scene(64, 64, COLOR, 3));
    byte[] whole = decodeByJdk(file);
    byte[] cut = Arrays.copyOf(file, file.length * 3 / 4);

    assertThat(BaselineJpeg.of(cut).decode(0, 0, 64, 20)).isEqualTo(crop(whole, 64, 0, 0, 64, 20));
    assertThatExceptionOfType(UnsupportedJpegException.class)
        .isThrownBy(() -> BaselineJpeg.of(cut).decode(0, 0, 64, 64));
  }

  @ParameterizedTest
  @DisplayName("steps aside where the end is not where it should be")
  @ValueSource(ints = {-40, -3, -1, 1, 2, 9})
  void requiresTheEnd(int shift) {
    byte[] file = new Style(1, 1, 0.9, 0, false).write(scene(40, 30, COLOR, 4));
    byte[] moved = Arrays.copyOf(file, file.length + shift);
    Arrays.fill(moved, Math.min(file.length, moved.length) - 2, moved.length - 2, (byte) 0x55);
    moved[moved.length - 2] = (byte) 0xff;
    moved[moved.length - 1] = (byte) 0xd9;

    assertThatExceptionOfType(UnsupportedJpegException.class)
        .isThrownBy(() -> BaselineJpeg.of(moved).decode(0, 0, 40, 30));
  }

  @Test
  @DisplayName("throws nothing else, whatever bytes are wrong")
  void throwsNothingElse() {
    Random random = new Random(6);
    byte[] sound = new Style(2, 2, 0.8, 2, true).write(scene(50, 40, COLOR, 5));
    for (int i = 0; i < 3000; i++) {
      byte[] file = sound.clone();
      for (int k = 0; k <= i % 4; k++) {
        file[2 + random.nextInt(file.length - 2)] = (byte) random.nextInt(256);
      }
      try {
        BaselineJpeg jpeg = BaselineJpeg.of(file);
        if ((long) jpeg.width() * jpeg.height() < 1 << 20) {
          int pixels = jpeg.width() * jpeg.height();
          assertThat(jpeg.decode(0, 0, jpeg.width(), jpeg.height())).hasSize(3 * pixels);
        }
      } catch (UnsupportedJpegException e) {
        assertThat(e).hasMessageMatching("\\w.*");
      }
    }
  }
}
