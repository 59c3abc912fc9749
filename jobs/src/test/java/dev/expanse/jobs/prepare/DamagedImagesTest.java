package dev.expanse.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** 240 good images, and 49 damaged ones of nine kinds among them. */
class DamagedImagesTest {
  @TempDir private Path folder;
  private final TreeMap<String, String> damaged = new TreeMap<>();
  private Path images;

  @BeforeEach
  void writeImages() throws IOException {
    images = ImageFolders.write(folder.resolve("images"), 50, 10);
    for (int i = 0; i < 6; i++) {
      var good = Files.readAllBytes(images.resolve("train/red/" + i + ".jpg"));
      add("red/empty-" + i + ".jpg", new byte[0]);
      add("red/half-" + i + ".jpg", Arrays.copyOf(good, good.length / 2));
      add("grey/without-end-" + i + ".jpg", Arrays.copyOf(good, good.length - 2));
      add("grey/text-" + i + ".txt", text("a list of files"));
      add("blue/page-" + i + ".JPEG", text("<!DOCTYPE html><html>404 not found</html>"));
      add("blue/gif-" + i + ".png", text("GIF89a" + "x".repeat(60)));
      add("green/huge-" + i + ".png", hugePng());
      add(
          "green/Thumbs-" + i + ".db",
          ByteBuffer.allocate(512).putLong(0xD0CF11E0A1B11AE1L).array());
    }
    add("red/large.jpg", new byte[0]);
    try (var large = new RandomAccessFile(images.resolve("train/red/large.jpg").toFile(), "rw")) {
      large.setLength(65L << 20); // a hole: it takes no room on a disk
    }
    Files.writeString(images.resolve("train/red/.DS_Store"), "hidden");
    Files.writeString(images.resolve("train/notes.csv"), "beside the classes");
    Files.copy( // a sound image under a wrong ending is one all the same
        images.resolve("train/red/0.jpg"), images.resolve("train/red/jpeg-in-fact.png"));
  }

  @Test
  @DisplayName("Exactly the damaged ones are in the quarantine, all others in the dataset")
  void exactly() {
    var prepared = Prepared.of(images, folder.resolve("dataset"), options(0.2));

    assertThat(prepared.images("train")).hasSize(201);
    assertThat(prepared.images("train")).containsKey("train/red/jpeg-in-fact.png");
    assertThat(prepared.images("val")).hasSize(40);
    var rows =
        LocalSpark.session()
            .read()
            .parquet(prepared.folder().resolve("quarantine").toString())
            .collectAsList();
    var listed = new TreeMap<String, String>();
    rows.forEach(row -> listed.put(row.getAs("path"), row.getAs("class")));
    assertThat(listed).isEqualTo(damaged);
    assertThat(rows).allMatch(row -> !row.<String>getAs("reason").isBlank());
    assertThat(prepared.bad().byReason().stream().mapToInt(BadImages.Group::count).sum())
        .isEqualTo(49);
  }

  @Test
  @DisplayName("Too many end the job with share, limit and reasons; the list of them alone is kept")
  void tooMany() {
    var output = folder.resolve("dataset");

    assertThatThrownBy(() -> Prepared.of(images, output, options(0.1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("--max-bad = 0.1: 49 of 290 images (16.90%) cannot be decoded")
        .hasMessageContaining("more than 10.00%")
        .hasMessageContaining(" images: not a JPEG, PNG or GIF")
        .hasMessageContaining(", such as train/")
        .hasMessageContaining("listed in")
        .hasMessageContaining("dataset.quarantine");

    assertThat(output).doesNotExist();
    var list = LocalSpark.session().read().parquet(folder.resolve("dataset.quarantine").toString());
    assertThat(list.count()).isEqualTo(49);
    assertThat(folder.toFile().list((d, name) -> name.startsWith("."))).isEmpty();
  }

  private static PrepareOptions options(double maxBad) {
    return Prepared.options(Optional.empty(), OptionalDouble.empty(), maxBad);
  }

  private void add(String name, byte[] bytes) throws IOException {
    Files.write(images.resolve("train").resolve(name), bytes);
    damaged.put("train/" + name, name.substring(0, name.indexOf('/')));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** A whole PNG file of a few bytes that says it has 60,000 x 60,000 pixels. */
  private static byte[] hugePng() {
    var file = ByteBuffer.allocate(8 + 25 + 12 + 12).putLong(0x89504E470D0A1A0AL);
    var header = ByteBuffer.allocate(13).putInt(60_000).putInt(60_000);
    chunk(file, "IHDR", header.put(new byte[] {8, 2, 0, 0, 0}).array());
    chunk(file, "IDAT", new byte[0]);
    chunk(file, "IEND", new byte[0]);
    return file.array();
  }

  private static void chunk(ByteBuffer file, String type, byte[] data) {
    var crc = new CRC32();
    crc.update(text(type));
    crc.update(data);
    file.putInt(data.length).put(text(type)).put(data).putInt((int) crc.getValue());
  }
}
