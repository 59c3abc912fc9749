package dev.expanse.jobs.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.jobs.data.Storage;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledWriterTest {
  private static final int KILLS = 10;
  private static final int MOST_KILLS = 50;
  private static final List<String> QUICK_START =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx200m");
  private static final int NUMBERS = 400_000;

  @TempDir private Path temporary;

  @Test
  @DisplayName("A writer killed ten times at any moment loses no checkpoint that it has reported")
  void killed() throws Exception {
    var path = temporary.resolve("checkpoints");
    var random = new Random();
    boolean unfinished = false;
    for (int kill = 0; kill < KILLS || !unfinished && kill < MOST_KILLS; kill++) {
      long reported = killedWriter(path, random.nextInt(200));
      unfinished |= hasLeftover(path);

      var latest = folder(path).latest().orElseThrow();
      var best = folder(path).best().orElseThrow();

      assertThat(latest.round()).isBetween(reported, reported + 1);
      requireWhole(latest);
      requireWhole(best);
      double bestReported =
          LongStream.rangeClosed(1, reported).mapToDouble(KilledWriterTest::score).max().orElse(-1);
      assertThat(score(best.round())).isGreaterThanOrEqualTo(bestReported);
    }
    assertThat(unfinished).as("some were killed while they wrote").isTrue();
  }

  /**
   * Starts a writer, kills it so long after its first checkpoint, and returns the last reported.
   */
  private static long killedWriter(Path path, int milliseconds) throws Exception {
    var java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
    var classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    var command = new ArrayList<>(List.of(java));
    command.addAll(QUICK_START);
    command.addAll(List.of("-cp", classPath, Writer.class.getName(), path.toString()));
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (BufferedReader lines = process.inputReader()) {
      var last = lines.readLine();
      assertThat(last).as("the writer's first report").isNotNull();
      Thread.sleep(milliseconds);
      process.toHandle().destroyForcibly(); // Process's own closes what is still to be read
      for (var line = last; line != null; line = lines.readLine()) {
        last = line;
      }
      process.waitFor();
      return Long.parseLong(last);
    } finally {
      process.destroyForcibly();
    }
  }

  private static boolean hasLeftover(Path path) throws IOException {
    try (var files = Files.list(path)) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith(".round-"));
    }
  }

  private static void requireWhole(Checkpoint checkpoint) {
    var expected = checkpoint(checkpoint.round());
    assertThat(checkpoint.description()).isEqualTo(expected.description());
    assertThat(checkpoint.arrays()).hasSameSizeAs(expected.arrays());
    expected
        .arrays()
        .forEach(
            (name, array) -> {
              boolean equal = Arrays.equals(checkpoint.arrays().get(name), array);
              assertThat(equal).as(name + " of round " + checkpoint.round()).isTrue();
            });
  }

  private static CheckpointFolder folder(Path path) {
    return new CheckpointFolder(
        new Storage(new Configuration()), new org.apache.hadoop.fs.Path(path.toUri()));
  }

  private static double score(long round) {
    return new SplittableRandom(round).nextInt(1000);
  }

  private static Checkpoint checkpoint(long round) {
    var random = new SplittableRandom(round);
    var parameters = new float[NUMBERS];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = random.nextInt();
    }
    var arrays = new LinkedHashMap<String, float[]>();
    arrays.put("parameters", parameters);
    arrays.put("round", new float[] {round});
    return new Checkpoint("round = " + round, round, arrays);
  }

  /** Writes checkpoints from where the folder is until it is killed, and reports each. */
  static final class Writer {
    public static void main(String[] arguments) {
      var folder = folder(Path.of(arguments[0])).keep(2);
      long round = folder.latest().map(Checkpoint::round).orElse(0L);
      while (true) {
        round++;
        folder.write(checkpoint(round), OptionalDouble.of(score(round)));
        System.out.println(round);
      }
    }
  }
}
