package dev.expanse.jobs.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.image.ImageTransform;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.evaluation.DistributedEvaluation;
import dev.expanse.jobs.evaluation.EvaluationCounts;
import dev.expanse.jobs.input.EpochPlan;
import dev.expanse.jobs.input.TestMinibatches;
import dev.expanse.jobs.input.WorkerMinibatches;
import dev.expanse.jobs.prepare.DatasetWriter;
import dev.expanse.jobs.recipe.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class AveragedTrainingTest {
  private static final int SIDE = 16;
  private static final int CLASSES = ImageFolders.CLASSES.size();
  private static final NetworkSpec SPEC =
      NetworkSpec.read(
          Settings.parse(
              """
              name = small, family = inverted-residual, resolution = 16, classes = 4, dropout = 0.2
              table = [[1, 8, 1, 1, 3], [3, 8, 2, 2, 3]], stem = 8, head = 16
              """,
              "small.conf"));
  private static final String RECIPE =
      "batch = 8, epochs = 8, learning-rate = 0.05, schedule = linear, averaging { frequency = 3 },"
          + " augment { min-scale = 0.5 }, evaluation { crop-fraction = 1, batch = 7 }";

  @TempDir private static Path folder;
  private static Dataset dataset;

  @BeforeAll
  static void prepare() {
    var images = ImageFolders.write(folder.resolve("images"), 17, 9);
    var output = new org.apache.hadoop.fs.Path(folder.resolve("dataset").toUri());
    new DatasetWriter(LocalSpark.session(), 1 << 20, 1)
        .write(new org.apache.hadoop.fs.Path(images.toUri()), output, "a test");
    dataset = Dataset.open(LocalSpark.session(), output.toString(), output);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Trained on two workers, a network evaluates on Spark as it does on the driver")
  void evaluatesAlike(Engine engine) {
    var recipe = recipe(RECIPE);
    var rounds = new ArrayList<Round>();
    var graph = training(recipe, engine, 1).run(rounds::add);

    for (var split : List.of(Dataset.TRAIN, Dataset.VALIDATION)) {
      var onSpark = evaluate(engine, graph, split, recipe);
      var images = dataset.images(split).collect();
      var view = ImageTransform.evaluation(SIDE, recipe.evaluation().cropFraction());
      var batch = TestMinibatches.of(images, view, SIDE, CLASSES);
      var onDriver = new Evaluation(CLASSES);
      onDriver.eval(batch.getLabels(0), graph.output(batch.getFeatures(0))[0]);

      assertThat(onSpark.images()).isEqualTo(dataset.count(split));
      assertThat(onSpark.top1()).isEqualTo(onDriver.accuracy(), within(1e-9));
      for (int label = 0; label < CLASSES; label++) {
        assertThat(onSpark.recall(label)).isEqualTo(onDriver.recall(label), within(1e-9));
      }
      double loss = crossEntropy(graph.output(batch.getFeatures(0))[0], batch.getLabels(0));
      assertThat(onSpark.loss()).isEqualTo(loss, within(1e-4));
    }
    // and as well on its own training images as the last rounds' loss said, within sampling error
    double trained = rounds.get(rounds.size() - 1).loss();
    assertThat(evaluate(engine, graph, Dataset.TRAIN, recipe).top1()).isGreaterThan(0.9);
    assertThat(evaluate(engine, graph, Dataset.TRAIN, recipe).loss()).isLessThan(trained + 0.3);
  }

  @ParameterizedTest(name = "{0}, master = {1}")
  @CsvSource({"STOCK, expanse", "ONEDNN, expanse", "ONEDNN, dl4j"})
  @DisplayName("One worker, averaged with itself, takes the steps of a single machine")
  void oneWorker(Engine engine, String master) {
    var recipe = recipe(RECIPE.replace("epochs = 8", "epochs = 2, averaging.master = " + master));
    var spec = withoutDropout();
    var averaged =
        new AveragedTraining(
                LocalSpark.context(), dataset, spec, recipe, 1, new Compute(engine, 1), 5)
            .run(round -> {});

    engine.useThreads(1);
    var plan =
        new EpochPlan(
            dataset.rowGroups(Dataset.TRAIN), 1, recipe.batch(), EpochPlan.WINDOW_BYTES, 5);
    var updater = recipe.updater(2L * plan.steps(), plan.steps());
    var training =
        new Dl4jModel.Training(
            updater, recipe.weightDecay(), 5, recipe.initialWeights(), DataType.FLOAT);
    var alone = Dl4jModel.create(spec.network(), engine, training);
    var hadoop = LocalSpark.context().hadoopConfiguration();
    new WorkerMinibatches(plan, 0, 2, 1, 0, CLASSES, hadoop)
        .forEachRemaining(
            images ->
                alone.fit(
                    TestMinibatches.encoded(
                        images, recipe.trainingTransform(SIDE), SIDE, CLASSES)));

    assertThat(
            averaged.params().distance2(alone.params())
                / alone.params().norm2Number().doubleValue())
        .isLessThan(1e-5);
    assertThat(averaged.getUpdater().getStateViewArray())
        .isEqualTo(alone.getUpdater().getStateViewArray());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "A seed repeats a run on three workers exactly, dropout included; another one differs")
  void repeatable(Engine engine) {
    var recipe = recipe(RECIPE.replace("epochs = 8", "epochs = 2"));

    var first = training(recipe, engine, 3, 1).run(round -> {}).params();

    assertThat(training(recipe, engine, 3, 1).run(round -> {}).params()).isEqualTo(first);
    assertThat(training(recipe, engine, 3, 2).run(round -> {}).params()).isNotEqualTo(first);
  }

  @Test
  @DisplayName("Each round is told of, with the images seen, and nothing stays in Spark's storage")
  void rounds() {
    var rounds = new ArrayList<Round>();
    training(recipe(RECIPE.replace("epochs = 8", "epochs = 2")), Engine.ONEDNN, 1).run(rounds::add);

    // 68 images: 4 steps of 2 workers an epoch, 3 of them in the first round; 4 are left out
    assertThat(rounds).extracting(Round::images).containsExactly(48L, 64L, 112L, 128L);
    assertThat(rounds).extracting(Round::epoch).containsExactly(1, 1, 2, 2);
    assertThat(rounds).allMatch(round -> round.rounds() == 4);
    assertThat(LocalSpark.context().getPersistentRDDs()).isEmpty();
  }

  @Test
  @DisplayName("A last round on smaller minibatches is averaged as the others are")
  void leftOver() {
    var recipe =
        recipe(
            RECIPE.replace("epochs = 8", "epochs = 2").replace("frequency = 3", "frequency = 2"));
    var rounds = new ArrayList<Round>();

    var graph =
        new AveragedTraining(
                LocalSpark.context(), dataset, SPEC, recipe, 3, new Compute(Engine.ONEDNN, 1), 1)
            .run(rounds::add);

    // 68 images: 2 steps of 3 workers an epoch, then one on the 20 left over
    assertThat(rounds).extracting(Round::images).containsExactly(48L, 68L, 116L, 136L);
    assertThat(rounds).allMatch(round -> round.loss() > 0 && round.loss() < 10);
    assertThat(graph.params().isNaN().any()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("A saved model gives the same outputs, and is not written over another")
  void saved(Engine engine, @TempDir Path models) {
    var recipe = recipe(RECIPE.replace("epochs = 8", "epochs = 1"));
    var graph = training(recipe, engine, 1).run(round -> {});
    var storage = new Storage(LocalSpark.context().hadoopConfiguration());
    var model = new org.apache.hadoop.fs.Path(models.resolve("model").toUri());

    new SavedModel(graph, SPEC, recipe).write(storage, model);
    var read = SavedModel.read(storage, model);

    assertThat(read.spec()).isEqualTo(SPEC);
    assertThat(read.recipe()).isEqualTo(recipe);
    assertThat(read.graph().params()).isEqualTo(graph.params());
    assertThat(read.graph().getUpdater().getStateViewArray())
        .isEqualTo(graph.getUpdater().getStateViewArray());
    assertThat(evaluate(engine, read.graph(), Dataset.VALIDATION, recipe).loss())
        .isEqualTo(evaluate(engine, graph, Dataset.VALIDATION, recipe).loss());
    assertThatThrownBy(() -> SavedModel.read(storage, new org.apache.hadoop.fs.Path("/none")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("expected a folder with a model.zip");
  }

  @Test
  @DisplayName("Deeplearning4j's master, which gives labels to one output, trains no auxiliary one")
  void auxiliaries() {
    var network = "name = aided, base = googlenet, width = 0.1, auxiliary = true, classes = 4";
    var spec = NetworkSpec.read(Settings.parse(network, "aided.conf")).withResolution(64);
    var recipe = recipe(RECIPE + ", averaging.master = dl4j");
    var compute = new Compute(Engine.ONEDNN, 1);

    assertThatThrownBy(
            () -> new AveragedTraining(LocalSpark.context(), dataset, spec, recipe, 2, compute, 1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "averaging.master = dl4j: expected expanse for aided, which has auxiliary classifiers");
  }

  @Test
  @DisplayName("A network of other classes, and a batch larger than the dataset, are refused")
  void refused() {
    assertThatThrownBy(
            () ->
                new AveragedTraining(
                    LocalSpark.context(),
                    dataset,
                    SPEC.withClasses(5),
                    recipe(RECIPE),
                    2,
                    new Compute(Engine.ONEDNN, 1),
                    1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("labels of 4 classes, expected the 5 classes of the network small");
    assertThatThrownBy(
            () -> training(recipe(RECIPE.replace("batch = 8", "batch = 40")), Engine.ONEDNN, 1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("has 68 training images, expected at least 80");
  }

  private static NetworkSpec withoutDropout() {
    var hocon = SPEC.toHocon().replace("dropout = 0.2", "dropout = 0");
    return NetworkSpec.read(Settings.parse(hocon, "small.conf"));
  }

  private static double crossEntropy(INDArray probabilities, INDArray labels) {
    double loss = 0;
    for (int i = 0; i < labels.rows(); i++) {
      loss -= Math.log(probabilities.getDouble(i, labels.getRow(i).argMax().getInt(0)));
    }
    return loss / labels.rows();
  }

  private static EvaluationCounts evaluate(
      Engine engine, ComputationGraph graph, String split, Recipe recipe) {
    var weights = Dl4jModel.weights(SPEC.network(), graph);
    var compute = new Compute(engine, 1);
    return DistributedEvaluation.run(
        LocalSpark.context(), SPEC, weights, dataset, split, recipe, compute);
  }

  private static AveragedTraining training(Recipe recipe, Engine engine, long seed) {
    return training(recipe, engine, 2, seed);
  }

  private static AveragedTraining training(Recipe recipe, Engine engine, int workers, long seed) {
    return new AveragedTraining(
        LocalSpark.context(), dataset, SPEC, recipe, workers, new Compute(engine, 1), seed);
  }

  private static Recipe recipe(String hocon) {
    return Recipe.read(Settings.parse(hocon, "recipe.conf"));
  }
}
