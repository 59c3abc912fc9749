package dev.expanse.core.image;

import static dev.expanse.core.image.TestImages.encode;
import static dev.expanse.core.image.TestImages.exif;
import static dev.expanse.core.image.TestImages.resource;
import static dev.expanse.core.image.TestImages.withSegment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Some 1,200 files, made from sound ones in 20 ways, each with what has to become of it. */
@DisplayName("Damaged files")
class DamagedFilesTest {

  private static final int EACH = 60;
  private static final ImageTransform TRAINING = ImageTransform.training(24);
  private static final ImageTransform EVALUATION = ImageTransform.evaluation(24);

  private static final List<byte[]> JPEGS = List.of(picture(1, "jpg"), picture(2, "jpg"));
  private static final List<byte[]> PNGS = List.of(picture(3, "png"), picture(4, "png"));
  private static final List<byte[]> GIFS = List.of(picture(5, "gif"), picture(6, "gif"));

  private static byte[] picture(long seed, String format) {
    Random random = new Random(seed);
    int width = 60 + random.nextInt(60);
    int height = 50 + random.nextInt(40);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int level = x * 255 / width;
        image.setRGB(x, y, level << 16 | (y * 255 / height) << 8 | random.nextInt(90));
      }
    }
    return encode(image, format);
  }

  /** What happens to a file; and the reason why it is refused then, or null if it must not be. */
  enum Way {
    CUT_OFF("truncated JPEG.*") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        return Arrays.copyOf(jpeg, 1 + random.nextInt(jpeg.length - 1));
      }
    },
    CUT_OFF_PNG("truncated PNG.*") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        byte[] png = any(PNGS, random);
        return Arrays.copyOf(png, 1 + random.nextInt(png.length - 1));
      }
    },
    CUT_OFF_GIF("truncated GIF.*") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        byte[] gif = any(GIFS, random);
        return Arrays.copyOf(gif, 1 + random.nextInt(gif.length - 2));
      }
    },
    EMPTY("empty file") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        return new byte[0];
      }
    },
    ZEROS("not a JPEG, PNG or GIF image: begins with 00( 00)*") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        return new byte[1 + random.nextInt(jpeg.length)];
      }
    },
    ZEROS_BEHIND_THE_BEGINNING("truncated JPEG.*") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        byte[] file = jpeg.clone();
        Arrays.fill(file, 3 + random.nextInt(file.length / 2), file.length, (byte) 0);
        return file;
      }
    },
    TEXT("not a JPEG, PNG or GIF image: begins with \"404: pag\"") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        return ("404: page " + random.nextInt() + " not found").getBytes(StandardCharsets.UTF_8);
      }
    },
    HTML("not a JPEG, PNG or GIF image: begins with \"<!DOCTYP\"") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        String page = "<!DOCTYPE html><html><body>%d</body></html>".formatted(random.nextInt());
        return page.getBytes(StandardCharsets.UTF_8);
      }
    },
    RANDOM_BYTES("not a JPEG, PNG or GIF image: begins with .*") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        byte[] file = new byte[1 + random.nextInt(2000)];
        random.nextBytes(file);
        file[0] = (byte) random.nextInt(0x40);
        return file;
      }
    },
    HUGE_JPEG("\\d\\d,\\d+ x \\d\\d,\\d+ pixels, more than the limit of 67,108,864") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        ByteBuffer file = ByteBuffer.wrap(jpeg.clone());
        int frame = indexOf(jpeg, 0xc0);
        file.putShort(frame + 5, (short) (10_000 + random.nextInt(50_000)));
        return file.putShort(frame + 7, (short) (10_000 + random.nextInt(50_000))).array();
      }
    },
    HUGE_PNG("[\\d,]+ x [\\d,]+ pixels, more than the limit of 67,108,864") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        ByteBuffer file = ByteBuffer.wrap(any(PNGS, random).clone());
        file.putInt(16, 20_000 + random.nextInt(1 << 30));
        file.putInt(20, 20_000 + random.nextInt(1 << 30));
        CRC32 sum = new CRC32();
        sum.update(file.array(), 12, 17);
        return file.putInt(29, (int) sum.getValue()).array();
      }
    },
    FLIPPED_PNG_BIT("(corrupt|truncated) PNG: .*|not a JPEG, PNG or GIF image.*") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        byte[] file = any(PNGS, random).clone();
        file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
        return file;
      }
    },
    NO_HUFFMAN_TABLES("corrupt JPEG: .*") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        byte[] file = jpeg.clone();
        int times = 1 + random.nextInt(4);
        for (int i = 0; i < times; i++) {
          // A comment instead of the table.
          file[indexOf(file, 0xc4) + 1] = (byte) 0xfe;
        }
        return file;
      }
    },
    NO_END_MARKER("truncated JPEG: it has no end-of-image marker") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        byte[] file = Arrays.copyOf(jpeg, jpeg.length - 2 + random.nextInt(400));
        Arrays.fill(file, jpeg.length - 2, file.length, (byte) 0x20);
        return file;
      }
    },
    MIDDLE_CUT_OUT("corrupt JPEG: .*") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        int scan = indexOf(jpeg, 0xda) + 14;
        int length = jpeg.length - scan;
        int from = scan + length / 4 + random.nextInt(length / 4);
        int to = from + length / 4;
        ByteBuffer file = ByteBuffer.allocate(jpeg.length - (to - from)).put(jpeg, 0, from);
        return file.put(jpeg, to, jpeg.length - to).array();
      }
    },
    TRAILING_GARBAGE(null) {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        byte[] garbage = new byte[1 + random.nextInt(3000)];
        random.nextBytes(garbage);
        byte[] file = Arrays.copyOf(jpeg, jpeg.length + garbage.length);
        System.arraycopy(garbage, 0, file, jpeg.length, garbage.length);
        return file;
      }
    },
    BROKEN_EXIF(null) {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        byte[] block = exif(1, ByteOrder.LITTLE_ENDIAN);
        Arrays.fill(block, 10, 10 + random.nextInt(6), (byte) 0xff);
        return withSegment(jpeg, 0xe1, Arrays.copyOf(block, 6 + random.nextInt(30)));
      }
    },
    BROKEN_PROFILE(null) {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        byte[] profile = new byte[14 + random.nextInt(400)];
        random.nextBytes(profile);
        System.arraycopy("ICC_PROFILE\0\1\1".getBytes(), 0, profile, 0, 14);
        return withSegment(jpeg, 0xe2, profile);
      }
    },
    FLIPPED_HEADER_BITS(".+") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        byte[] file = jpeg.clone();
        for (int i = 0; i <= random.nextInt(3); i++) {
          file[random.nextInt(indexOf(jpeg, 0xda) + 14)] ^= (byte) (1 << random.nextInt(8));
        }
        return file;
      }
    },
    FLIPPED_DATA_BITS(".+") {
      @Override
      byte[] damage(byte[] jpeg, Random random) {
        List<byte[]> sound = List.of(jpeg, any(GIFS, random), resource("progressive.jpg"));
        byte[] file = any(sound, random).clone();
        for (int i = 0; i <= random.nextInt(3); i++) {
          file[200 + random.nextInt(file.length - 200)] ^= (byte) (1 << random.nextInt(8));
        }
        return file;
      }
    };

    private final String reason;

    Way(String reason) {
      this.reason = reason;
    }

    abstract byte[] damage(byte[] jpeg, Random random);

    /** Whether the damage may also leave an image, if perhaps another one. */
    boolean mayPass() {
      return this == FLIPPED_HEADER_BITS || this == FLIPPED_DATA_BITS;
    }
  }

  @ParameterizedTest
  @DisplayName("give the right pixels or the right reason, and views nothing worse")
  @EnumSource
  void comeToTheRightEnd(Way way) throws IOException {
    Random random = new Random(way.ordinal());
    for (int i = 0; i < EACH; i++) {
      byte[] sound = any(JPEGS, random);
      byte[] file = way.damage(sound, random);

      if (way.reason == null) {
        RgbImage image = ImageDecoder.decode(sound);
        assertThat(ImageDecoder.decode(file)).isEqualTo(image);
        assertThat(TRAINING.decode(file, new SplittableRandom(i)))
            .isEqualTo(TRAINING.apply(image, new SplittableRandom(i)));
      } else if (way.mayPass()) {
        requireImageOrReason(() -> ImageDecoder.decode(file));
      } else if (way == Way.NO_HUFFMAN_TABLES && passes(file)) {
        // Some versions of libjpeg put in the standard's own tables, which were those missing.
        assertThat(ImageDecoder.decode(file)).isEqualTo(ImageDecoder.decode(sound));
      } else {
        assertThatExceptionOfType(ImageDecodeException.class)
            .as("file %d", i)
            .isThrownBy(() -> ImageDecoder.decode(file))
            .withMessageMatching("(?s)" + way.reason);
      }
      long seed = i;
      requireImageOrReason(() -> TRAINING.decode(file, new SplittableRandom(seed)));
      requireImageOrReason(() -> EVALUATION.decode(file, new SplittableRandom(seed)));
    }
  }

  private interface Decoding {
    RgbImage decode() throws ImageDecodeException;
  }

  private static void requireImageOrReason(Decoding decoding) {
    Throwable thrown = catchThrowable(decoding::decode);
    if (thrown != null) {
      assertThat(thrown).isInstanceOf(ImageDecodeException.class);
      assertThat(thrown.getMessage()).isNotBlank();
    }
  }

  private static boolean passes(byte[] file) {
    return catchThrowable(() -> ImageDecoder.decode(file)) == null;
  }

  private static byte[] any(List<byte[]> files, Random random) {
    return files.get(random.nextInt(files.size()));
  }

  private static int indexOf(byte[] file, int marker) {
    for (int i = 2; i < file.length; i++) {
      if (file[i] == (byte) marker && file[i - 1] == (byte) 0xff) {
        return i - 1;
      }
    }
    throw new IllegalArgumentException("No such marker");
  }
}
