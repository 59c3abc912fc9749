package dev.expanse.core.dl4j;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.InitialWeights.Fan;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.NetworkSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;

/** A network that is small enough to compute all its updates again, and what it learns from. */
final class SmallGraphs {
  static final int BATCH = 8;
  private static final int CLASSES = 4;

  private static final Network NETWORK =
      NetworkSpec.read(
              Settings.parse(
                  """
                  name = small, family = inverted-residual, resolution = 9, classes = 4
                  table = [[1, 8, 1, 1, 3], [3, 8, 2, 2, 3]], stem = 8, head = 16, dropout = 0
                  """,
                  "small.conf"))
          .network();

  private SmallGraphs() {}

  static ComputationGraph create(Engine engine, IUpdater updater, WeightPenalty penalty) {
    return Dl4jModel.create(
        NETWORK, engine, new Dl4jModel.Training(updater, penalty, 1, Fan.IN, DataType.FLOAT));
  }

  static DataSet data() {
    Nd4j.getRandom().setSeed(5);
    var labels = Nd4j.zeros(DataType.FLOAT, BATCH, CLASSES);
    for (int i = 0; i < BATCH; i++) {
      labels.putScalar(i, i % CLASSES, 1);
    }
    return new DataSet(Nd4j.randn(DataType.FLOAT, BATCH, 9, 9, 3), labels);
  }

  /** The parameters that an updater changes: not the running statistics. */
  static List<String> learned(ComputationGraph graph) {
    return graph.paramTable().keySet().stream()
        .filter(name -> name.matches(".*_(W|b|gamma|beta)"))
        .toList();
  }

  /** Sums over the minibatch; the graph stays as it is. */
  static Map<String, INDArray> gradients(ComputationGraph graph, DataSet data) {
    var before = copies(graph.paramTable());
    graph.setInputs(data.getFeatures());
    graph.setLabels(data.getLabels());
    graph.computeGradientAndScore();
    before.forEach((name, values) -> graph.paramTable().get(name).assign(values)); // statistics
    return copies(graph.gradient().gradientForVariable());
  }

  static Map<String, INDArray> copies(Map<String, INDArray> arrays) {
    var copies = new HashMap<String, INDArray>();
    arrays.forEach((name, array) -> copies.put(name, array.dup('c')));
    return copies;
  }
}
