package dev.expanse.jobs.input;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.image.EncodedImage;
import dev.expanse.jobs.HubFolders;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.LabelledImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkerMinibatchesTest {
  private static final int CLASSES = ImageFolders.CLASSES.size();
  private static final int WORKERS = 3;
  private static final int EPOCHS = 2;

  @TempDir private static Path folder;
  private static Dataset dataset;

  private static Map<String, LabelledImage> images;

  @BeforeAll
  static void write() {
    var source = ImageFolders.write(folder.resolve("images"), 13, 1);
    dataset = HubFolders.write(source, folder.resolve("hub"), 7);
    images = new HashMap<>();
    for (var image : dataset.images(Dataset.TRAIN).collect()) {
      images.put(image.path(), image);
    }
  }

  private static EpochPlan plan(int batch) {
    return new EpochPlan(dataset.rowGroups(Dataset.TRAIN), WORKERS, batch, 3000, 9);
  }

  private static List<List<EncodedImage>> minibatches(
      EpochPlan plan, int worker, int epoch, int step) {
    var all = new ArrayList<List<EncodedImage>>();
    new WorkerMinibatches(
            plan, worker, EPOCHS, epoch, step, CLASSES, LocalSpark.context().hadoopConfiguration())
        .forEachRemaining(all::add);
    return all;
  }

  @ParameterizedTest(name = "batches of {0}: {1} of 52 images")
  @CsvSource({"3, 52", "17, 51"})
  @DisplayName("In two epochs the workers see every image of them twice, with its bytes and label")
  void content(int batch, int used) {
    var plan = plan(batch);
    var seen = new HashMap<String, Integer>();
    for (int worker = 0; worker < WORKERS; worker++) {
      for (var minibatch : minibatches(plan, worker, 1, 0)) {
        assertThat(minibatch).isNotEmpty();
        for (var image : minibatch) {
          seen.merge(image.name(), 1, Integer::sum);
          assertThat(image.file()).isEqualTo(images.get(image.name()).bytes());
          assertThat(image.label()).isEqualTo(images.get(image.name()).label());
        }
      }
    }
    assertThat(dataset.rowGroups(Dataset.TRAIN)).hasSize(7);
    assertThat(images).hasSize(52);
    assertThat(seen.values().stream().mapToInt(count -> count).sum()).isEqualTo(EPOCHS * used);
    assertThat(seen.values()).allMatch(count -> count <= EPOCHS);
  }

  @Test
  @DisplayName("Begun at any step, they are what they would have been from the first one on")
  void anywhere() {
    var plan = plan(4);
    for (int worker = 0; worker < WORKERS; worker++) {
      var whole = minibatches(plan, worker, 1, 0);
      int stepsAnEpoch = whole.size() / EPOCHS;
      for (int skipped = 0; skipped < whole.size(); skipped++) {
        var rest = minibatches(plan, worker, 1 + skipped / stepsAnEpoch, skipped % stepsAnEpoch);
        assertThat(described(rest)).isEqualTo(described(whole.subList(skipped, whole.size())));
      }
    }
  }

  /** Names and seeds: an image in another epoch has another seed. */
  private static List<List<String>> described(List<List<EncodedImage>> minibatches) {
    return minibatches.stream()
        .map(images -> images.stream().map(image -> image.name() + image.seed()).toList())
        .toList();
  }
}
