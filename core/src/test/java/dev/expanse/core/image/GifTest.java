package dev.expanse.core.image;

import static dev.expanse.core.image.TestImages.encode;
import static dev.expanse.core.image.TestImages.pixel;
import static dev.expanse.core.image.TestImages.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A GIF")
class GifTest {

  private static BufferedImage image(int width, int height, int colors, int transparent) {
    byte[] levels = new byte[colors];
    byte[] inverse = new byte[colors];
    for (int i = 0; i < colors; i++) {
      levels[i] = (byte) (i * 3);
      inverse[i] = (byte) (255 - i);
    }
    IndexColorModel palette = new IndexColorModel(8, colors, levels, inverse, levels, transparent);
    BufferedImage image =
        new BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, palette);
    Random random = new Random(width);
    for (int i = 0; i < width * height; i++) {
      image.getRaster().setSample(i % width, i / width, 0, random.nextInt(colors));
    }
    return image;
  }

  private static byte[] animated(BufferedImage... images) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(file)) {
      writer.setOutput(out);
      writer.prepareWriteSequence(null);
      for (BufferedImage image : images) {
        writer.writeToSequence(new IIOImage(image, null, null), null);
      }
      writer.endWriteSequence();
    } finally {
      writer.dispose();
    }
    return file.toByteArray();
  }

  @Test
  @DisplayName("is decoded to the colours of its palette")
  void decodesColors() throws IOException {
    BufferedImage image = image(40, 30, 64, -1);

    RgbImage decoded = ImageDecoder.decode(encode(image, "gif"));

    for (int y = 0; y < 30; y++) {
      for (int x = 0; x < 40; x++) {
        int index = image.getRaster().getSample(x, y, 0);
        assertThat(pixel(decoded, x, y)).containsExactly(index * 3, 255 - index, index * 3);
      }
    }
  }

  @Test
  @DisplayName("is laid on white where it is transparent")
  void laysTransparencyOnWhite() throws IOException {
    BufferedImage image = image(2, 1, 4, 2);
    image.getRaster().setSample(0, 0, 0, 2);
    image.getRaster().setSample(1, 0, 0, 3);

    assertThat(values(ImageDecoder.decode(encode(image, "gif"))))
        .containsExactly(255, 255, 255, 9, 252, 9);
  }

  @Test
  @DisplayName("shows its first image if it moves, even if a later one is cut off")
  void showsTheFirstImage() throws IOException {
    BufferedImage first = image(40, 30, 64, -1);
    byte[] file = animated(first, image(40, 30, 8, -1), image(20, 10, 16, -1));

    RgbImage decoded = ImageDecoder.decode(file);

    assertThat(decoded).isEqualTo(ImageDecoder.decode(encode(first, "gif")));
    assertThat(ImageDecoder.decode(Arrays.copyOf(file, file.length - 30))).isEqualTo(decoded);
  }

  @Test
  @DisplayName("is refused where it is cut off")
  void refusesTruncatedFiles() throws IOException {
    byte[] file = encode(image(40, 30, 64, -1), "gif");
    for (int length = 4; length < file.length - 1; length += 7) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThatExceptionOfType(ImageDecodeException.class)
          .isThrownBy(() -> ImageDecoder.decode(cut))
          .withMessage("truncated GIF: its first image does not end");
    }
    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> ImageDecoder.decode(new byte[] {'G', 'I'}))
        .withMessage("truncated GIF: 2 bytes in all");
  }

  @Test
  @DisplayName("is refused where its data end before its last row")
  void refusesMissingRows() throws IOException {
    byte[] file = encode(image(40, 30, 64, -1), "gif");
    ByteBuffer taller = ByteBuffer.wrap(file.clone()).order(ByteOrder.LITTLE_ENDIAN);
    taller.putShort(descriptor(file) + 7, (short) 31);

    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> ImageDecoder.decode(taller.array()))
        .withMessage("corrupt GIF: its data end too early");
  }

  @Test
  @DisplayName("is refused for more pixels than the limit before room is made for them")
  void refusesHugeImages() throws IOException {
    byte[] file = encode(image(40, 30, 64, -1), "gif");
    ByteBuffer huge = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int descriptor = descriptor(file);
    huge.putShort(descriptor + 5, (short) 65_500).putShort(descriptor + 7, (short) 65_500);

    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> ImageDecoder.decode(file))
        .withMessage("65,500 x 65,500 pixels, more than the limit of 67,108,864");
  }

  /** Where the image's descriptor begins, behind the table of colours and one extension. */
  private static int descriptor(byte[] file) {
    int at = 13 + (2 << (file[10] & 7)) * 3;
    while (file[at] == 0x21) {
      at += 2;
      while (file[at] != 0) {
        at += 1 + (file[at] & 0xff);
      }
      at++;
    }
    return at;
  }
}
