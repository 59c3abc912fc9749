package dev.expanse.core.image;

import static dev.expanse.core.image.TestImages.QUARTERS;
import static dev.expanse.core.image.TestImages.encode;
import static dev.expanse.core.image.TestImages.noiseJpeg;
import static dev.expanse.core.image.TestImages.pixel;
import static dev.expanse.core.image.TestImages.resource;
import static dev.expanse.core.image.TestImages.values;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The decoder")
class ImageDecoderTest {

  @ParameterizedTest
  @DisplayName("gives the colours of every kind of JPEG and PNG")
  @ValueSource(
      strings = {
        "baseline.jpg",
        "progressive.jpg",
        "cmyk.jpg",
        "ycck.jpg",
        "palette.png",
        "sixteen-bit.png"
      })
  void decodesColors(String name) throws IOException {
    RgbImage image = ImageDecoder.decode(resource(name));

    assertQuarters(image, QUARTERS);
  }

  @ParameterizedTest
  @DisplayName("keeps grey levels as they are stored, not brightened")
  @ValueSource(strings = {"grey.jpg", "grey-sixteen-bit.png"})
  void decodesGreys(String name) throws IOException {
    RgbImage image = ImageDecoder.decode(resource(name));

    assertQuarters(
        image, new int[][] {{67, 67, 67}, {125, 125, 125}, {65, 65, 65}, {223, 223, 223}});
  }

  @Test
  @DisplayName("keeps every 8-bit level of a grey or RGB PNG exactly")
  void decodesEightBitsExactly() throws IOException {
    BufferedImage grey = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
    BufferedImage rgb = new BufferedImage(256, 1, BufferedImage.TYPE_INT_RGB);
    for (int level = 0; level < 256; level++) {
      grey.getRaster().setSample(level, 0, 0, level);
      rgb.setRGB(level, 0, level << 16 | (255 - level) << 8 | level / 2);
    }

    RgbImage decodedGrey = ImageDecoder.decode(encode(grey, "png"));
    RgbImage decodedRgb = ImageDecoder.decode(encode(rgb, "png"));

    for (int level = 0; level < 256; level++) {
      assertThat(pixel(decodedGrey, level, 0)).containsExactly(level, level, level);
      assertThat(pixel(decodedRgb, level, 0)).containsExactly(level, 255 - level, level / 2);
    }
  }

  @Test
  @DisplayName("lays transparency on white")
  void laysAlphaOnWhite() throws IOException {
    BufferedImage image = new BufferedImage(4, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0xff_15_28_3c);
    image.setRGB(1, 0, 0x80_15_28_3c);
    image.setRGB(2, 0, 0x00_15_28_3c);
    image.setRGB(3, 0, 0x33_00_ff_64);

    RgbImage decoded = ImageDecoder.decode(encode(image, "png"));

    // (21 * 128 + 255 * 127) / 255 is 137.54; with an alpha of 51, a fifth: (0 + 4 * 255) / 5.
    assertThat(values(decoded))
        .containsExactly(21, 40, 60, 138, 147, 157, 255, 255, 255, 204, 255, 224);
  }

  @Test
  @DisplayName("lays 16-bit transparency and transparent greys on white")
  void laysDeepAlphaOnWhite() throws IOException {
    BufferedImage deep = interleaved(DataBuffer.TYPE_USHORT, 4);
    deep.getRaster().setPixel(0, 0, new int[] {65_535, 0, 32_896, 65_535});
    deep.getRaster().setPixel(1, 0, new int[] {65_535, 0, 32_896, 32_896});
    BufferedImage grey = interleaved(DataBuffer.TYPE_BYTE, 2);
    grey.getRaster().setPixel(0, 0, new int[] {90, 255});
    grey.getRaster().setPixel(1, 0, new int[] {90, 51});

    assertThat(values(ImageDecoder.decode(encode(deep, "png"))))
        .containsExactly(255, 0, 128, 255, 127, 191);
    assertThat(values(ImageDecoder.decode(encode(grey, "png"))))
        .containsExactly(90, 90, 90, 222, 222, 222);
  }

  private static BufferedImage interleaved(int dataType, int bands) {
    boolean grey = bands == 2;
    ColorSpace space = ColorSpace.getInstance(grey ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB);
    int[] offsets = grey ? new int[] {0, 1} : new int[] {0, 1, 2, 3};
    return ImageTypeSpecifier.createInterleaved(space, offsets, dataType, true, false)
        .createBufferedImage(2, 1);
  }

  @Test
  @DisplayName("lays transparent palette entries on white")
  void laysPaletteAlphaOnWhite() throws IOException {
    byte[] levels = {20, 20, 20};
    byte[] alpha = {(byte) 255, 0, 51};
    ColorModel palette = new IndexColorModel(2, 3, levels, levels, levels, alpha);
    WritableRaster raster = palette.createCompatibleWritableRaster(3, 1);
    raster.setPixels(0, 0, 3, 1, new int[] {0, 1, 2});

    RgbImage decoded =
        ImageDecoder.decode(encode(new BufferedImage(palette, raster, false, null), "png"));

    assertThat(values(decoded)).containsExactly(20, 20, 20, 255, 255, 255, 208, 208, 208);
  }

  @Test
  @DisplayName("takes the one transparent colour of an RGB PNG for transparent")
  void laysTransparentColorOnWhite() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0x0a_14_1e);
    image.setRGB(1, 0, 0x0a_14_1f);

    byte[] file = withTransparentColor(encode(image, "png"), 10, 20, 30);

    assertThat(values(ImageDecoder.decode(file))).containsExactly(255, 255, 255, 10, 20, 31);
  }

  /** Inserts a tRNS chunk after the 33 bytes of signature and header. */
  private static byte[] withTransparentColor(byte[] png, int red, int green, int blue) {
    ByteBuffer chunk = ByteBuffer.allocate(18).putInt(6).put("tRNS".getBytes());
    chunk.putShort((short) red).putShort((short) green).putShort((short) blue);
    CRC32 sum = new CRC32();
    sum.update(chunk.array(), 4, 10);
    chunk.putInt((int) sum.getValue());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(png, 0, 33);
    out.writeBytes(chunk.array());
    out.write(png, 33, png.length - 33);
    return out.toByteArray();
  }

  @Test
  @DisplayName("takes PNGs of 1 bit per pixel")
  void decodesBits() throws IOException {
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_BINARY);
    image.getRaster().setPixels(0, 0, 3, 1, new int[] {0, 1, 0});

    assertThat(values(ImageDecoder.decode(encode(image, "png"))))
        .containsExactly(0, 0, 0, 255, 255, 255, 0, 0, 0);
  }

  @Test
  @DisplayName("takes images that are not square the right way round")
  void keepsOrientation() throws IOException {
    assertThat(ImageDecoder.decode(noiseJpeg(31, 17))).hasToString("RgbImage[31 x 17]");
  }

  @Test
  @DisplayName("gives eight threads the same pixels")
  void isThreadSafe() throws Exception {
    List<byte[]> files = List.of(noiseJpeg(120, 90), resource("ycck.jpg"), resource("palette.png"));
    List<RgbImage> expected = new ArrayList<>();
    for (byte[] file : files) {
      expected.add(ImageDecoder.decode(file));
    }
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<List<RgbImage>>> results = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        results.add(
            threads.submit(
                () -> {
                  List<RgbImage> images = new ArrayList<>();
                  for (byte[] file : files) {
                    images.add(ImageDecoder.decode(file));
                  }
                  return images;
                }));
      }
      for (Future<List<RgbImage>> result : results) {
        assertThat(result.get()).isEqualTo(expected);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  @DisplayName("finds its readers behind a class loader that ImageIO does not see")
  void worksInAnotherClassLoader() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      urls.add(new File(entry).toURI().toURL());
    }
    ClassLoader platform = ClassLoader.getPlatformClassLoader();
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(platform);
    try (URLClassLoader loader = new URLClassLoader(urls.toArray(new URL[0]), platform)) {
      Method jpeg = loader.loadClass(ImageReaders.class.getName()).getDeclaredMethod("jpeg");
      jpeg.setAccessible(true);
      ImageReader reader = (ImageReader) jpeg.invoke(null);
      Method decode =
          loader.loadClass(ImageDecoder.class.getName()).getMethod("decode", byte[].class);
      Object image = decode.invoke(null, (Object) resource("cmyk.jpg"));

      assertThat(reader.getClass().getClassLoader()).isSameAs(loader);
      assertThat(reader.getClass().getName()).startsWith("com.twelvemonkeys.");
      assertThat(image).hasToString("RgbImage[16 x 16]");
      reader.dispose();
    } finally {
      Thread.currentThread().setContextClassLoader(context);
    }
  }

  private static void assertQuarters(RgbImage image, int[][] colors) {
    assertThat(image).hasToString("RgbImage[16 x 16]");
    for (int y = 0; y < 16; y++) {
      for (int x = 0; x < 16; x++) {
        int[] expected = colors[y / 8 * 2 + x / 8];
        int[] actual = pixel(image, x, y);
        for (int channel = 0; channel < 3; channel++) {
          assertThat(actual[channel])
              .as("channel %d at (%d, %d)", channel, x, y)
              .isBetween(expected[channel] - 3, expected[channel] + 3);
        }
      }
    }
  }
}
