package dev.expanse.jobs.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.image.ImageTransform;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.input.TestMinibatches;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Nesterovs;

class EnginesTest {
  private static final int STEPS = 200;
  private static final int WINDOW = 20;
  private static final int BATCH = 16;
  private static final int MINIBATCHES = 20; // seen often enough to be learned

  private static final NetworkSpec SPEC =
      NetworkSpec.read(
          Settings.parse(
              """
              name = small, family = inverted-residual, resolution = 32, classes = 100, dropout = 0
              table = [[1, 8, 1, 1, 3], [6, 16, 2, 2, 3], [6, 24, 2, 2, 3]], stem = 8, head = 64
              """,
              "small.conf"));

  @Test
  @DisplayName("Over 200 steps on the sample the engines' losses differ by less than 2%")
  void lossCurves(@TempDir Path results) {
    var minibatches = minibatches(results);

    var stock = losses(Engine.STOCK, minibatches);
    var onednn = losses(Engine.ONEDNN, minibatches);

    assertThat(stock[STEPS / WINDOW - 1]).as("stock learns").isLessThan(0.9 * stock[0]);
    for (int window = 0; window < stock.length; window++) {
      assertThat(onednn[window])
          .as("mean loss of steps %d to %d", window * WINDOW, (window + 1) * WINDOW - 1)
          .isCloseTo(stock[window], within(0.02 * stock[window]));
    }
  }

  /** The mean loss of every {@link #WINDOW} steps. */
  private static double[] losses(Engine engine, List<MultiDataSet> minibatches) {
    engine.useThreads(1);
    var training = new Dl4jModel.Training(new Nesterovs(0.02, 0.9), 4e-5, 1, DataType.FLOAT);
    var graph = Dl4jModel.create(SPEC.network(), engine, training);
    var losses = new double[STEPS / WINDOW];
    for (int step = 0; step < STEPS; step++) {
      graph.fit(minibatches.get(step % minibatches.size()));
      losses[step / WINDOW] += graph.score() / WINDOW;
    }
    Dl4jModel.close(graph);
    return losses;
  }

  private static List<MultiDataSet> minibatches(Path results) {
    var folder = new org.apache.hadoop.fs.Path(results.toUri());
    var sample = Dataset.open(LocalSpark.session(), "sample", folder);
    var images = new java.util.ArrayList<>(sample.images(Dataset.TRAIN).collect());
    Collections.shuffle(images, new Random(1));
    var view = ImageTransform.evaluation(SPEC.resolution(), 1);
    return IntStream.range(0, MINIBATCHES)
        .mapToObj(i -> images.subList(i * BATCH, (i + 1) * BATCH))
        .map(batch -> TestMinibatches.of(batch, view, SPEC.resolution(), SPEC.classes()))
        .toList();
  }
}
