package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.onnx.OnnxDevice;
import dev.expanse.core.onnx.OnnxRuntimeSession;
import dev.expanse.jobs.data.ConfigurationFiles;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.recipe.Recipe;
import dev.expanse.jobs.training.SavedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;

class ExportJobTest {
  private static final NetworkSpec SMALL =
      NetworkSpec.read(
          Settings.parse(
              """
              name = small, family = inverted-residual, table = [[1, 8, 1, 2, 3]], stem = 8
              head = 16, resolution = 16, classes = 4
              """,
              "small.conf"));

  @BeforeAll
  static void startSpark() {
    LocalSpark.session(); // the jobs take it instead of starting one
  }

  @Test
  @DisplayName("A trained model's file answers as the model does, and says which network it is")
  void trained(@TempDir Path work) throws IOException {
    var graph = trained();
    var folder = new org.apache.hadoop.fs.Path(work.resolve("model").toUri());
    var recipe = Recipe.read(ConfigurationFiles.read("recipes", "quick"));
    new SavedModel(graph, SMALL, recipe).write(new Storage(new Configuration()), folder);
    var file = Files.writeString(work.resolve("small.onnx"), "replaced");

    var exported =
        CommandRun.of("export", "--model", folder.toString(), "--output", file.toString());

    assertThat(exported.status()).as(exported.err()).isZero();
    assertThat(exported.out())
        .contains(file + ": small, 16 x 16, 4 classes, ")
        .contains(" %,d bytes".formatted(Files.size(file)))
        .contains("on 4 random images: the greatest difference of a probability is ")
        .contains(", within 1e-04 of the greatest one, ");
    try (var session = OnnxRuntimeSession.open(file, 1, OnnxDevice.CPU)) {
      assertThat(session.metadata())
          .containsEntry("expanse.network", "small")
          .containsEntry("expanse.network_hash", SMALL.hash())
          .containsEntry("expanse.input_mean", "0.485,0.456,0.406")
          .containsEntry("expanse.input_deviation", "0.229,0.224,0.225");
      var images = images();
      var expected = graph.output(images)[0];
      assertThat(expected.maxNumber().floatValue()).isGreaterThan(0.4f); // it has learned
      assertThat(answers(session, images).sub(expected).amaxNumber().doubleValue())
          .isLessThan(1e-5);
    }
    assertThat(work.resolve(".small.onnx.crc")).doesNotExist();
  }

  private static ComputationGraph trained() {
    var training = new Dl4jModel.Training(new Nesterovs(0.05, 0.9), 0, 1, DataType.FLOAT);
    var graph = Dl4jModel.create(SMALL.network(), Engine.STOCK, training);
    var data = new DataSet(images(), Nd4j.eye(4).castTo(DataType.FLOAT));
    for (int step = 0; step < 30; step++) {
      graph.fit(data);
    }
    return graph;
  }

  private static INDArray images() {
    Nd4j.getRandom().setSeed(3);
    return Nd4j.randn(DataType.FLOAT, 4, 16, 16, 3);
  }

  private static INDArray answers(OnnxRuntimeSession session, INDArray images) {
    var batch = session.batch(4);
    batch.images().put(images.permute(0, 3, 1, 2).dup('c').data().asFloat());
    var probabilities = batch.run();
    var values = new float[16];
    probabilities.get(values);
    return Nd4j.createFromArray(values).reshape(4, 4);
  }

  @Test
  @DisplayName("A named network is exported with fresh weights, its norms folded or kept")
  void fresh(@TempDir Path work) {
    var folded = operators(work, "--network", "ecnn", "--resolution", "32", "--classes", "10");
    var kept =
        operators(
            work, "--network", "ecnn", "--resolution", "32", "--classes", "10", "--keep-norms");

    long norms =
        NetworkOptions.sized(ConfigurationFiles.network("ecnn"), 32, 10).network().nodes().stream()
            .filter(node -> node.name().endsWith(".norm"))
            .count();
    assertThat(norms).isPositive();
    assertThat(kept - folded).isEqualTo(norms);
  }

  private static long operators(Path work, String... options) {
    var words = new ArrayList<>(List.of("export"));
    words.addAll(List.of(options));
    words.addAll(List.of("--output", work.resolve("ecnn.onnx").toString()));
    var exported = CommandRun.of(words.toArray(String[]::new));
    assertThat(exported.status()).as(exported.err()).isZero();
    assertThat(exported.out()).contains("ecnn, 32 x 32, 10 classes").contains("within 1e-04");
    return Long.parseLong(exported.out().replaceFirst("(?s).* (\\d+) operators.*", "$1"));
  }
}
