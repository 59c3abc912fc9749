package dev.expanse.jobs.input;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.config.Settings;
import dev.expanse.jobs.HubFolders;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.RowGroup;
import dev.expanse.jobs.recipe.Recipe;
import java.io.File;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamingMemoryTest {
  // -Dexpanse.streamed=10000000000 for ten times as much
  private static final long STREAMED = Long.getLong("expanse.streamed", 1_000_000_000L);
  private static final int FILE_BYTES = 110_000; // as a photograph of ImageNet
  private static final String HEAP = "-Xmx400m";
  private static final String MARK = "heap in use, bytes: ";

  @TempDir private Path folder;

  @Test
  @DisplayName(
      "A gigabyte of shards streams through a heap of 400 MB, of which no more is used in the end")
  void flat() throws Exception {
    var images = ImageFolders.write(folder.resolve("images"), 300, 1);
    fillUp(images.resolve("train"));
    var groups = HubFolders.write(images, folder.resolve("hub"), 16).rowGroups(Dataset.TRAIN);
    var file = folder.resolve("groups");
    try (var out = new ObjectOutputStream(Files.newOutputStream(file))) {
      out.writeObject(new ArrayList<>(groups));
    }

    var used = inNewJvm(file.toString(), String.valueOf(STREAMED));

    assertThat(used).hasSize(2);
    assertThat(used.get(1)).isLessThan(used.get(0) + 20_000_000);
  }

  /**
   * Bytes behind the end of a JPEG make it as long to read as a photograph, and quick to decode.
   */
  private static void fillUp(Path train) throws IOException {
    var random = new Random(1);
    try (var files = Files.walk(train)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        var image = Files.readAllBytes(file);
        var filled = new byte[FILE_BYTES];
        random.nextBytes(filled);
        System.arraycopy(image, 0, filled, 0, image.length);
        Files.write(file, filled);
      }
    }
  }

  private static List<Long> inNewJvm(String groups, String bytes) throws Exception {
    var java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
    var classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    var process =
        new ProcessBuilder(java, HEAP, "-cp", classPath, Stream.class.getName(), groups, bytes)
            .redirectErrorStream(true)
            .start();
    var output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
    return output
        .lines()
        .filter(line -> line.startsWith(MARK))
        .map(line -> Long.parseLong(line.substring(MARK.length())))
        .toList();
  }

  static final class Stream {
    public static void main(String[] arguments) throws Exception {
      var groups = new ArrayList<RowGroup>();
      try (var in = new ObjectInputStream(Files.newInputStream(Path.of(arguments[0])))) {
        ((List<?>) in.readObject()).forEach(group -> groups.add((RowGroup) group));
      }
      long bytesAnEpoch = groups.stream().mapToLong(RowGroup::bytes).sum();
      int epochs = (int) (Long.parseLong(arguments[1]) / bytesAnEpoch) + 1;
      var recipe =
          Settings.parse("batch=32,epochs=1,learning-rate=1,averaging{frequency=1}", "test");
      var plan = new EpochPlan(groups, 1, 32, EpochPlan.WINDOW_BYTES, 1);
      var input = new TrainingInput("run", plan, epochs, Recipe.read(recipe), 16, 4, 2);
      long total = (long) epochs * plan.steps();
      long taken = 0;
      try (var loader = input.load(new TrainingInput.Step(0, 1, 0), new Configuration())) {
        while (loader.hasNext()) {
          loader.next();
          taken++;
          if (taken == total / 10 || taken == total - plan.steps() / 2) {
            report();
          }
        }
      }
      if (taken != total) {
        throw new IllegalStateException(taken + " minibatches, expected " + total);
      }
    }

    private static void report() {
      System.gc();
      System.out.println(MARK + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
  }
}
