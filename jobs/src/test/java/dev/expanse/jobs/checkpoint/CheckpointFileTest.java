package dev.expanse.jobs.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.jobs.data.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFileTest {
  private static final int LARGE = 700_001; // numbers, more than two chunks and no multiple of one

  @TempDir private Path folder;

  private final Storage storage = new Storage(new Configuration());

  @Test
  @DisplayName("Every bit of every number comes back, of NaNs and of zeros with a sign too")
  void bits() throws IOException {
    var random = new Random(3);
    var large = new float[LARGE];
    for (int i = 0; i < large.length; i++) {
      large[i] = Float.intBitsToFloat(random.nextInt()); // some of them NaNs of all kinds
    }
    var special =
        new float[] {Float.NaN, Float.intBitsToFloat(0xffc12345), -0f, 0f, Float.MIN_VALUE};
    var arrays = new LinkedHashMap<String, float[]>();
    arrays.put("parameters", large);
    arrays.put("momentum, \u00e9", special);
    arrays.put("nothing", new float[0]);
    var file = write(new Checkpoint("network { name = ecnn }\nseed = 1", 7, arrays));

    var read = read(file);

    assertThat(read.description()).isEqualTo("network { name = ecnn }\nseed = 1");
    assertThat(read.round()).isEqualTo(7);
    assertThat(read.arrays().keySet()).containsExactly("parameters", "momentum, \u00e9", "nothing");
    read.arrays().forEach((name, array) -> assertThat(raw(array)).isEqualTo(raw(arrays.get(name))));
  }

  @Test
  @DisplayName("The last array lies before the last checksum as little-endian float32")
  void layout() throws IOException {
    var bytes = Files.readAllBytes(write(small()));

    assertThat(new String(bytes, 0, 7, StandardCharsets.US_ASCII)).isEqualTo("EXPANSE");
    var numbers = ByteBuffer.wrap(bytes, bytes.length - 4 - 8, 8).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(numbers.getFloat()).isEqualTo(4.5f);
    assertThat(numbers.getFloat()).isEqualTo(-5f);
  }

  @Test
  @DisplayName("A file with any one bit flipped is recognised as damaged")
  void flippedBits() throws IOException {
    var file = write(small());
    var bytes = Files.readAllBytes(file);
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, bytes);
      requireDamaged(file, "bit " + bit);
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
    }
    Files.write(file, bytes);
    assertThat(read(file).round()).isEqualTo(1);
  }

  @Test
  @DisplayName("A file cut off at any length, or longer than it was, is recognised as damaged")
  void lengths() throws IOException {
    var file = write(small());
    var bytes = Files.readAllBytes(file);
    for (int length = 0; length < bytes.length; length++) {
      Files.write(file, Arrays.copyOf(bytes, length));
      requireDamaged(file, "length " + length);
    }
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
    requireDamaged(file, "a byte more");
  }

  @Test
  @DisplayName("A large file is recognised as damaged by a bit, a lost end, or a page of zeros")
  void large() throws IOException {
    var random = new Random(8);
    var array = new float[LARGE];
    for (int i = 0; i < array.length; i++) {
      array[i] = random.nextFloat();
    }
    var file = write(new Checkpoint("", 1, Map.of("a", array)));
    var bytes = Files.readAllBytes(file);
    for (int trial = 0; trial < 60; trial++) {
      int at = random.nextInt(bytes.length);
      var damaged =
          switch (trial % 3) {
            case 0 -> flipped(bytes, at, random.nextInt(8));
            case 1 -> Arrays.copyOf(bytes, at);
            default -> zeroed(bytes, Math.min(at / 4096 * 4096 + 4096, bytes.length - 4096));
          };
      Files.write(file, damaged);
      requireDamaged(file, "trial " + trial + " at " + at);
    }
  }

  private static byte[] flipped(byte[] bytes, int at, int bit) {
    var damaged = bytes.clone();
    damaged[at] ^= (byte) (1 << bit);
    return damaged;
  }

  private static byte[] zeroed(byte[] bytes, int at) {
    var damaged = bytes.clone();
    Arrays.fill(damaged, at, at + 4096, (byte) 0);
    return damaged;
  }

  private static Checkpoint small() {
    var arrays = new LinkedHashMap<String, float[]>();
    arrays.put("parameters", new float[] {1, 2, 3});
    arrays.put("momentum", new float[] {4.5f, -5});
    return new Checkpoint("seed = 1", 1, arrays);
  }

  private Path write(Checkpoint checkpoint) {
    var file = folder.resolve("file");
    storage.writeDurably(
        hadoop(file), out -> CheckpointWriter.write(checkpoint, OptionalDouble.of(0.5), out));
    return file;
  }

  private Checkpoint read(Path file) throws IOException {
    var files = storage.rawFileSystem(hadoop(file));
    try (var reader = new CheckpointReader(files, files.getFileStatus(hadoop(file)))) {
      assertThat(reader.header().score()).hasValue(0.5);
      return reader.read();
    }
  }

  private void requireDamaged(Path file, String what) {
    assertThatThrownBy(() -> read(file)).as(what).isInstanceOf(DamagedCheckpointException.class);
  }

  private static int[] raw(float[] array) {
    var bits = new int[array.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(array[i]);
    }
    return bits;
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }
}
