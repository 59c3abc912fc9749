package dev.expanse.core.dl4j;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;

/**
 * What keeps the weights of convolutions and of fully connected layers small; norms and biases have
 * none.
 *
 * @param coefficient at least 0
 * @param decoupled false: as an L2 penalty, {@code coefficient w} is added to each weight's
 *     gradient, before the updater; true: each step takes {@code rate coefficient w} from each
 *     weight, beside what the updater does (Loshchilov, Hutter, "Decoupled Weight Decay
 *     Regularization", 2019, algorithm 2)
 */
public record WeightPenalty(double coefficient, boolean decoupled) implements Serializable {

  /** None. */
  public static final WeightPenalty NONE = new WeightPenalty(0, false);

  /** An L2 penalty. */
  public static WeightPenalty l2(double coefficient) {
    return new WeightPenalty(coefficient, false);
  }

  /**
   * Gives every layer of a graph this penalty. Asked for by Deeplearning4j's builder, decoupled
   * decay would be added to each layer twice, once when the layer is made and once when it is
   * checked.
   */
  void addTo(ComputationGraphConfiguration graph) {
    for (var vertex : graph.getVertices().values()) {
      if (vertex instanceof LayerVertex layer
          && layer.getLayerConf().getLayer() instanceof BaseLayer learning) {
        learning.setRegularization(regularization());
      }
    }
  }

  private List<Regularization> regularization() {
    var list = new ArrayList<Regularization>();
    if (coefficient > 0) {
      list.add(decoupled ? new WeightDecay(coefficient, true) : new L2Regularization(coefficient));
    }
    return list;
  }
}
