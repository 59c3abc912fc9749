package dev.expanse.core.dl4j;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * What keeps the weights of convolutions and of fully connected layers small; norms and biases have
 * none.
 *
 * @param coefficient at least 0
 * @param decoupled false: as an L2 penalty, {@code coefficient w} is added to each weight's
 *     gradient, before the updater; true: {@link DecoupledDecay}
 */
public record WeightPenalty(double coefficient, boolean decoupled) implements Serializable {

  /** None. */
  public static final WeightPenalty NONE = new WeightPenalty(0, false);

  /** An L2 penalty. */
  public static WeightPenalty l2(double coefficient) {
    return new WeightPenalty(coefficient, false);
  }

  /**
   * Gives every layer of a graph this penalty. Deeplearning4j's builder would give each layer a
   * penalty of another kind than L1 and L2 twice, once when the layer is made and once when it is
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
      list.add(decoupled ? new DecoupledDecay(coefficient) : new L2Regularization(coefficient));
    }
    return list;
  }
}
