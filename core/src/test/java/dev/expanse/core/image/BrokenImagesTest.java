package dev.expanse.core.image;

import static dev.expanse.core.image.TestImages.encode;
import static dev.expanse.core.image.TestImages.noiseJpeg;
import static dev.expanse.core.image.TestImages.resource;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Broken images: the decoder")
class BrokenImagesTest {

  private static final int CUTS = 12;

  @Test
  @DisplayName("refuses an empty file")
  void refusesEmptyFiles() {
    assertRefused(new byte[0]).withMessage("empty file");
  }

  @Test
  @DisplayName("refuses other files by how they begin")
  void refusesOtherFiles() {
    assertRefused("Hello, world".getBytes(StandardCharsets.UTF_8))
        .withMessage("not a JPEG, PNG or GIF image: begins with \"Hello, w\"");
    assertRefused("RIFF".getBytes(StandardCharsets.UTF_8))
        .withMessage("not a JPEG, PNG or GIF image: begins with \"RIFF\"");
    assertRefused(new byte[] {0, 1, (byte) 0xfe})
        .withMessage("not a JPEG, PNG or GIF image: begins with 00 01 fe");
  }

  static Stream<Arguments> cuts() {
    return Stream.of("noise", "baseline.jpg", "progressive.jpg", "cmyk.jpg", "palette.png")
        .flatMap(name -> IntStream.range(0, CUTS).mapToObj(cut -> Arguments.of(name, cut)));
  }

  @ParameterizedTest(name = "{0} at {1} twelfths")
  @DisplayName("refuses a file that is cut off")
  @MethodSource("cuts")
  void refusesTruncatedFiles(String name, int cut) throws IOException {
    byte[] file = name.equals("noise") ? noiseJpeg(80, 60) : resource(name);
    int length = cut == 0 ? file.length - 1 : file.length * cut / CUTS;

    assertThat(ImageDecoder.decode(file)).isNotNull();
    assertRefused(Arrays.copyOf(file, length))
        .withMessageStartingWith("truncated " + (name.endsWith("png") ? "PNG: " : "JPEG: "));
  }

  @ParameterizedTest
  @DisplayName("refuses a file of fewer bytes than a signature has")
  @ValueSource(strings = {"baseline.jpg", "palette.png"})
  void refusesTruncatedSignatures(String name) {
    assertRefused(Arrays.copyOf(resource(name), 2))
        .withMessageMatching("truncated (JPEG|PNG): 2 bytes in all");
  }

  @ParameterizedTest
  @DisplayName("refuses a JPEG whose missing part was covered up by an end marker")
  @ValueSource(ints = {30, 50, 70, 90})
  void refusesMendedJpegs(int percent) {
    byte[] file = noiseJpeg(80, 60);
    int length = file.length * percent / 100;
    byte[] mended = Arrays.copyOf(file, length + 2);
    mended[length] = (byte) 0xff;
    mended[length + 1] = (byte) 0xd9;

    assertRefused(mended).withMessage("corrupt JPEG: premature end of data segment");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ffd8ffd90002ffe2000e", "ffd8ff010004ffd9ffe2000e"})
  @DisplayName("refuses a JPEG that ends where the number of a colour profile's part should be")
  void profileWithoutNumber(String beginning) {
    var file = new ByteArrayOutputStream();
    file.writeBytes(HexFormat.of().parseHex(beginning));
    file.writeBytes("ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII));

    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> ImageDecoder.decode(file.toByteArray()));
  }

  @Test
  @DisplayName("takes a JPEG with a few bytes too many at its end")
  void takesTrailingBytes() throws IOException {
    byte[] file = noiseJpeg(40, 30);
    byte[] longer = Arrays.copyOf(file, file.length + 100);

    assertThat(ImageDecoder.decode(longer)).isEqualTo(ImageDecoder.decode(file));
  }

  @Test
  @DisplayName("takes a JPEG with extraneous bytes between its segments")
  void takesExtraneousBytes() throws IOException {
    byte[] file = resource("baseline.jpg");
    int frame = indexOf(file, (byte) 0xc0) - 1;
    byte[] padded = Arrays.copyOf(file, file.length + 4);
    System.arraycopy(file, frame, padded, frame + 4, file.length - frame);
    Arrays.fill(padded, frame, frame + 4, (byte) 0x55);

    assertThat(ImageDecoder.decode(padded)).isEqualTo(ImageDecoder.decode(file));
  }

  @Test
  @DisplayName("refuses more pixels than its limit before it makes room for them")
  void refusesHugeImages() throws IOException {
    assertRefused(withSize(resource("palette.png"), 98_304, 98_304))
        .withMessage("98,304 x 98,304 pixels, more than the limit of 67,108,864");
    assertRefused(withSize(resource("palette.png"), Integer.MAX_VALUE, Integer.MAX_VALUE))
        .withMessage("2,147,483,647 x 2,147,483,647 pixels, more than the limit of 67,108,864");

    byte[] jpeg = resource("baseline.jpg");
    int frame = indexOf(jpeg, (byte) 0xc0);
    ByteBuffer.wrap(jpeg).putShort(frame + 4, (short) 65_500).putShort(frame + 6, (short) 65_500);
    assertRefused(jpeg).withMessage("65,500 x 65,500 pixels, more than the limit of 67,108,864");
  }

  @Test
  @DisplayName("refuses a PNG with a flipped bit by its checksum")
  void refusesWrongChecksums() {
    byte[] file = resource("sixteen-bit.png");
    file[file.length - 20] ^= 1;

    assertRefused(file).withMessage("corrupt PNG: wrong checksum of a chunk IDAT");
  }

  @Test
  @DisplayName("refuses a PNG with fewer rows than its header promises")
  void refusesMissingRows() throws IOException {
    assertRefused(withSize(resource("palette.png"), 16, 17))
        .withMessage("corrupt PNG: its data end too early")
        .withCauseInstanceOf(IOException.class);
  }

  @Test
  @DisplayName("reports what a reader trips over, of any kind, as a corrupt image with its cause")
  void reportsWhatReadersThrow() {
    byte[] noFrame = resource("baseline.jpg");
    noFrame[indexOf(noFrame, (byte) 0xc0)] = (byte) 0xfe;
    assertRefused(noFrame)
        .withMessageStartingWith("corrupt JPEG: ")
        .withCauseInstanceOf(IOException.class);

    assertRefused(withSegment(resource("baseline.jpg"), 0xff, 0xe1, 0, 0))
        .withMessageStartingWith("corrupt JPEG: ")
        .withCauseInstanceOf(NegativeArraySizeException.class);
  }

  @Test
  @DisplayName("does not take the end of a JPEG's thumbnail for its own")
  void skipsThumbnails() throws IOException {
    byte[] file = resource("baseline.jpg");
    byte[] withThumbnail = withSegment(file, 0xff, 0xe5, 0, 6, 0xff, 0xd8, 0xff, 0xd9);

    assertThat(ImageDecoder.decode(withThumbnail)).isEqualTo(ImageDecoder.decode(file));
    assertRefused(Arrays.copyOf(withThumbnail, withThumbnail.length - 2))
        .withMessage("truncated JPEG: it has no end-of-image marker");
    assertRefused(Arrays.copyOf(withThumbnail, 20)).withMessageStartingWith("truncated JPEG: ");
  }

  @Test
  @DisplayName("finds the end of a JPEG behind restarts, stuffed zeros and fill bytes")
  void skipsMarkersWithoutLength() throws IOException {
    byte[] scan = bytes(0xff, 0xd8, 0xff, 0, 0xff, 0xff, 0xd3, 0xff, 0xfe, 0, 2, 0xff, 0xff, 0xd9);

    ImageFormat.JPEG.requireComplete(scan);
    for (int length = 2; length < scan.length; length++) {
      byte[] cut = Arrays.copyOf(scan, length);
      assertThatExceptionOfType(ImageDecodeException.class)
          .isThrownBy(() -> ImageFormat.JPEG.requireComplete(cut));
    }
  }

  @ParameterizedTest
  @DisplayName("throws nothing else, whatever bytes are wrong")
  @ValueSource(strings = {"baseline.jpg", "progressive.jpg", "ycck.jpg", "palette.png"})
  void throwsNothingElse(String name) {
    Random random = new Random(23);
    byte[] sound = resource(name);
    for (int i = 0; i < 200; i++) {
      byte[] file = sound.clone();
      for (int k = 0; k < 3; k++) {
        file[30 + random.nextInt(file.length - 30)] = (byte) random.nextInt(256);
      }
      keepSides(sound, file);
      Throwable thrown = catchThrowable(() -> ImageDecoder.decode(file));
      if (thrown != null) {
        assertThat(thrown).isInstanceOf(ImageDecodeException.class);
        assertThat(thrown.getMessage()).isNotBlank();
      }
    }
  }

  private static ThrowableAssertAlternative<ImageDecodeException> assertRefused(byte[] file) {
    return assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> ImageDecoder.decode(file));
  }

  private static byte[] withSegment(byte[] jpeg, int... segment) {
    ByteBuffer file = ByteBuffer.allocate(jpeg.length + segment.length).put(jpeg, 0, 2);
    return file.put(bytes(segment)).put(jpeg, 2, jpeg.length - 2).array();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  /** The PNG with other sides in its header, checksum included. */
  private static byte[] withSize(byte[] png, int width, int height) {
    ByteBuffer file = ByteBuffer.wrap(png.clone()).putInt(16, width).putInt(20, height);
    CRC32 sum = new CRC32();
    sum.update(file.array(), 12, 17);
    return file.putInt(29, (int) sum.getValue()).array();
  }

  /** Other sides of a JPEG might ask for more memory than the tests have. */
  private static void keepSides(byte[] sound, byte[] file) {
    for (int i = 0; i < sound.length - 8; i++) {
      if (sound[i] == (byte) 0xff && (sound[i + 1] == (byte) 0xc0 || sound[i + 1] == (byte) 0xc2)) {
        System.arraycopy(sound, i, file, i, 9);
      }
    }
  }

  private static int indexOf(byte[] file, byte marker) {
    for (int i = 1; i < file.length; i++) {
      if (file[i] == marker && file[i - 1] == (byte) 0xff) {
        return i;
      }
    }
    throw new IllegalArgumentException("No such marker");
  }

  @Test
  @DisplayName("takes an image of a single pixel")
  void takesSinglePixels() throws IOException {
    BufferedImage one = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    assertThat(ImageDecoder.decode(encode(one, "png"))).hasToString("RgbImage[1 x 1]");
  }
}
