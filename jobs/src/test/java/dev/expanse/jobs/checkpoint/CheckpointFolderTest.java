package dev.expanse.jobs.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFolderTest {
  @TempDir private Path temporary;

  @Test
  @DisplayName("A folder that is not there has no checkpoint; the first write makes it")
  void empty() {
    assertThat(folder().latest()).isEmpty();
    assertThat(folder().best()).isEmpty();

    folder().write(checkpoint(3));

    assertThat(folder().latest().orElseThrow().round()).isEqualTo(3);
    assertThat(folder().best()).as("none has a score").isEmpty();
    assertThat(names()).containsExactly("round-0000000003.checkpoint");
  }

  @Test
  @DisplayName("Names have the same digits in every language")
  void digits() {
    var before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    try {
      folder().write(checkpoint(12));
    } finally {
      Locale.setDefault(before);
    }

    assertThat(folder().latest().orElseThrow().round()).isEqualTo(12);
  }

  @Test
  @DisplayName("The last two and the best are kept, also by another process that goes on")
  void keeps() {
    var scores = List.of(0.1, 0.7, 0.3, 0.7, Double.NaN, 0.2);
    for (int i = 0; i < scores.size(); i++) {
      folder().keep(2).write(checkpoint(10 * i), OptionalDouble.of(scores.get(i)));
    }

    assertThat(rounds()).containsExactly(10, 40, 50);
    assertThat(folder().best().orElseThrow().round()).isEqualTo(10);

    var one = folder().keep(2);
    one.write(checkpoint(60));
    one.write(checkpoint(70), OptionalDouble.of(0.9));
    one.write(checkpoint(80));
    assertThat(rounds()).containsExactly(70, 80);
    assertThat(folder().best().orElseThrow().round()).isEqualTo(70);
    assertThat(folder().latest().orElseThrow().round()).isEqualTo(80);
  }

  @Test
  @DisplayName("Killed before old checkpoints are deleted, the best is known and the next deletes")
  void killedBeforeDeleting() throws IOException {
    var random = new Random(2);
    double best = -1;
    for (int round = 1; round <= 20; round++) {
      var before = contents();
      double score = random.nextInt(100);
      folder()
          .keep(1)
          .write(new Checkpoint(text(score), round, Map.of()), OptionalDouble.of(score));
      best = Math.max(best, score);
      assertThat(names()).hasSizeLessThanOrEqualTo(2);
      for (var file : before.entrySet()) { // what was deleted is back
        Files.write(path().resolve(file.getKey()), file.getValue());
      }
      assertThat(folder().latest().orElseThrow().round()).isEqualTo(round);
      assertThat(folder().best().orElseThrow().description()).isEqualTo(text(best));
    }
  }

  @Test
  @DisplayName("A damaged latest is named in a warning, and the one before is taken")
  void damagedLatest() throws IOException {
    folder().write(checkpoint(1));
    folder().write(checkpoint(2));
    flip(path().resolve("round-0000000002.checkpoint"));

    var warnings = new ArrayList<String>();
    var latest = warned(warnings, () -> folder().latest().orElseThrow());

    assertThat(latest.round()).isEqualTo(1);
    assertThat(warnings).hasSize(1);
    assertThat(warnings.get(0))
        .contains("round-0000000002.checkpoint: a damaged checkpoint")
        .contains("the checksum of its part 'a' is wrong");
  }

  @Test
  @DisplayName("A damaged checkpoint counts neither as the best nor as one of those that are kept")
  void damagedIsNotKept() throws IOException {
    folder().write(checkpoint(1), OptionalDouble.of(0.5));
    folder().write(checkpoint(2), OptionalDouble.of(0.9));
    folder().write(checkpoint(3), OptionalDouble.of(0.1));
    folder().write(checkpoint(4), OptionalDouble.of(0.2));
    flip(path().resolve("round-0000000002.checkpoint"));
    flip(path().resolve("round-0000000004.checkpoint"));
    assertThat(folder().best().orElseThrow().round()).isEqualTo(1);

    folder().keep(2).write(checkpoint(5), OptionalDouble.of(0.3));

    assertThat(rounds()).containsExactly(1, 3, 4, 5);
    assertThat(folder().latest().orElseThrow().round()).isEqualTo(5);
  }

  @Test
  @DisplayName("A damaged checkpoint is replaced when training gets to its round again")
  void replaced() throws IOException {
    folder().write(checkpoint(1));
    folder().write(checkpoint(2));
    flip(path().resolve("round-0000000002.checkpoint"));

    folder().write(checkpoint(2));

    assertThat(folder().latest().orElseThrow().round()).isEqualTo(2);
  }

  @Test
  @DisplayName("A file of another round's name is damaged")
  void otherName() throws IOException {
    folder().write(checkpoint(1));
    var file = path().resolve("round-0000000001.checkpoint");
    Files.copy(file, path().resolve("round-0000000009.checkpoint"));

    assertThat(folder().latest().orElseThrow().round()).isEqualTo(1);
  }

  @Test
  @DisplayName("A round that is there, or before one that is, is refused, and nothing is touched")
  void notNewer() {
    folder().write(checkpoint(7));

    for (long round : new long[] {7, 6}) {
      assertThatThrownBy(() -> folder().keep(1).write(checkpoint(round)))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("has a checkpoint of round 7, expected none from round " + round);
    }
    assertThat(names()).containsExactly("round-0000000007.checkpoint");
  }

  @Test
  @DisplayName("What killed writers left is never read, and removed by the next write")
  void leftovers() throws IOException {
    folder().write(checkpoint(1));
    var whole = path().resolve("round-0000000001.checkpoint");
    var leftover = path().resolve(".round-0000000002.checkpoint.5f0e");
    Files.copy(whole, leftover);
    Files.writeString(path().resolve("notes.txt"), "a user's own");

    assertThat(folder().latest().orElseThrow().round()).isEqualTo(1);
    assertThat(leftover).exists();
    folder().keep(1).write(checkpoint(2));

    assertThat(leftover).doesNotExist();
    assertThat(names()).containsExactly("notes.txt", "round-0000000002.checkpoint");
  }

  @Test
  @DisplayName("A write that fails leaves the folder as it was")
  void failedWrite() {
    folder().write(checkpoint(1));
    var file = new org.apache.hadoop.fs.Path(path().resolve("round-0000000002.checkpoint").toUri());

    assertThatThrownBy(
            () ->
                storage()
                    .writeDurably(
                        file,
                        out -> {
                          out.write(new byte[100_000]);
                          throw new IOException("disk full");
                        }))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("disk full");

    assertThat(names()).containsExactly("round-0000000001.checkpoint");
  }

  @Test
  @DisplayName("A file where the folder should be is refused with its name")
  void noFolder() throws IOException {
    Files.writeString(path(), "a file");

    assertThatThrownBy(() -> folder().write(checkpoint(1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(path().toString());
  }

  private static Checkpoint checkpoint(long round) {
    return new Checkpoint(text(round), round, Map.of("a", new float[] {round, 2}));
  }

  private static String text(double value) {
    return "value = " + value;
  }

  private Storage storage() {
    return new Storage(new Configuration());
  }

  /** A folder as a new process has it. */
  private CheckpointFolder folder() {
    return new CheckpointFolder(storage(), new org.apache.hadoop.fs.Path(path().toUri()));
  }

  private Path path() {
    return temporary.resolve("checkpoints");
  }

  /** Names of all files, hidden ones too. */
  private List<String> names() {
    try (var files = Files.list(path())) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Integer> rounds() {
    return names().stream().map(name -> Integer.valueOf(name.replaceAll("\\D", ""))).toList();
  }

  private Map<String, byte[]> contents() throws IOException {
    var contents = new HashMap<String, byte[]>();
    if (Files.exists(path())) {
      for (var name : names()) {
        contents.put(name, Files.readAllBytes(path().resolve(name)));
      }
    }
    return contents;
  }

  private static void flip(Path file) throws IOException {
    var bytes = Files.readAllBytes(file);
    bytes[bytes.length - 6] ^= 1; // in the last number
    Files.write(file, bytes);
  }

  private static <T> T warned(List<String> warnings, Supplier<T> action) {
    var logger = (Logger) LogManager.getLogger(CheckpointFolder.class);
    var appender =
        new AbstractAppender("warnings", null, null, true, Property.EMPTY_ARRAY) {
          @Override
          public void append(LogEvent event) {
            warnings.add(event.getMessage().getFormattedMessage());
          }
        };
    appender.start();
    var level = logger.getLevel();
    logger.addAppender(appender);
    logger.setLevel(Level.WARN);
    try {
      return action.get();
    } finally {
      logger.removeAppender(appender);
      logger.setLevel(level);
    }
  }
}
